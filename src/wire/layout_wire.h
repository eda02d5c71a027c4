/* layout_wire: judges the cockpit's layout (config/screen.json). The pages read it themselves, and
 * use what is right of one that they know less of; this is for the operator who just wrote it. */
#ifndef TALLYD_LAYOUT_WIRE_H
#define TALLYD_LAYOUT_WIRE_H

#include "complaint.h"
#include <stddef.h>

/* Says all that is wrong in TEXT, the file without its comments: unknown keys and panels, values of
 * another kind or out of range, scenes that show nothing. */
void layout_check(const char *text, size_t len, struct complaints *complaints);

#endif

/* reload: the settings and the files beside them read again while running. A fault in any changes
 * nothing; what only a restart can take keeps its value and is named in the log. */
#ifndef TALLYD_RELOAD_H
#define TALLYD_RELOAD_H

#include "app.h"

void reload(struct app *app);

#endif

/* cell: what a spreadsheet's cell says, taken as the person meant it who typed it: whatever blanks
 * stand around it (no-break and ideographic ones too), Excel's leading apostrophe, full-width
 * digits and colons, thousands separators, dates in the forms in use, words in either language. */
#ifndef TALLYCTL_CELL_H
#define TALLYCTL_CELL_H

#include "buf.h"
#include <stdbool.h>
#include <stdint.h>

#define CELL_TIME 48

/* CELL without what stands around it and with each line end inside it as a blank, into OUT (what
 * was there is dropped). Returns OUT's text; "" if nothing is left. CELL is valid UTF-8. */
const char *cell_text(const char *cell, struct buf *out);
/* The same with full-width letters, digits and signs as plain ones: for all that isn't prose. */
const char *cell_plain(const char *cell, struct buf *out);

/* These take what cell_plain gave; false where it doesn't say such a thing. */

/* A whole number from 0 on: "1,200", "120.0", "35 人次". */
bool cell_number(const char *cell, int64_t *out);
/* A time as RFC 3339 in the zone of date_zone: RFC 3339 itself, or a date ("2026-11-24",
 * "2026/1/5", "2026.1.5", "2026年11月24日") with or without a time of the day ("9:05",
 * "09:05:30") behind it. A date alone is its noon. */
bool cell_time(const char *cell, char out[CELL_TIME]);
bool cell_yes(const char *cell, bool *out);
/* The contract's word for a problem's status or an event's kind; NULL if it is none. */
const char *cell_status(const char *cell);
const char *cell_kind(const char *cell);

#endif

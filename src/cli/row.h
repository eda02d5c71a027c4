/* row: one row of a sheet as an event, judged by the very rules of the daemon (event_read and
 * event_check), so that what is wrong is told before anything is sent, in the sheet's own words.
 *
 * A row without an id is given one that depends on nothing but what the row says, so that the same
 * sheet imported twice counts once: "csv-" and the first 24 hex digits of SHA-256 over its meaning
 * (event_hash: kind, instant and every field, however they were spelled) and its number, in
 * decimal, among the rows of the sheet that mean the same: two such rows are two events. */
#ifndef TALLYCTL_ROW_H
#define TALLYCTL_ROW_H

#include "buf.h"
#include "catalogue.h"
#include "columns.h"
#include "csv.h"
#include "event.h"
#include <stdint.h>

#define ROW_ID_PREFIX "csv-"
#define ROW_ID_DIGITS 24

enum row_step {
    ROW_EVENT,
    ROW_BLANK, /* there is nothing in it */
    ROW_BAD
};

struct row_twin;

/* Set the first five; row_reader_free when done. */
struct row_reader {
    const struct columns *columns;
    const struct catalogue *catalogue;
    enum event_kind kind; /* of rows that don't say */
    int64_t now;          /* what lies beyond is in the future */
    enum language language;
    struct buf cell;
    struct row_twin *twins; /* the meanings met so far in rows without an id */
};

/* Reads a row. EVENT is there to be cleared only behind ROW_EVENT; else ERROR (what was in it is
 * dropped) says all that is wrong, on one line. */
enum row_step row_read(struct row_reader *r, const struct csv_row *row, struct event *event,
                       struct buf *error);
void row_reader_free(struct row_reader *r);

#endif

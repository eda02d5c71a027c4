/* batch: a sheet's rows that go to the daemon in one request, and what became of each. A row that
 * the daemon refuses is taken out with the reason, and the others are sent again without it. */
#ifndef TALLYCTL_BATCH_H
#define TALLYCTL_BATCH_H

#include "columns.h"
#include "csv.h"
#include "event.h"
#include "feed.h"

struct batch_row {
    struct csv place;  /* where it stands in the sheet: csv_next reads it again */
    size_t start, len; /* its event in the batch's json */
    enum event_kind kind;
    char *unit;  /* the event's; NULL if it names none */
    char *error; /* why it isn't counted; NULL: it is, or is still to be sent */
};

/* A zeroed struct is empty. */
struct batch {
    struct buf json, body;
    struct batch_row rows[FEED_EVENTS_MAX];
    size_t count;
    size_t sent[FEED_EVENTS_MAX];  /* of the request under way: its events' places in rows */
    const struct columns *columns; /* borrowed */
};

/* Is there no room for a row more? */
bool batch_full(const struct batch *b);
/* Adds an event (its unit and the like are copied); or a row that is wrong, with the reason. */
void batch_add(struct batch *b, const struct csv *place, const struct event *e);
void batch_add_wrong(struct batch *b, const struct csv *place, const char *error);

/* Sends what isn't wrong; conflicts and refusals become the rows' errors. Returns EXIT_DONE, or
 * the exit code where it can't go on, the reason said. */
int batch_post(struct batch *b, struct feed *feed);

void batch_empty(struct batch *b);
void batch_free(struct batch *b);

#endif

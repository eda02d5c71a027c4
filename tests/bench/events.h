/* events: what the bench reports: activities of the example alliance that count in every
 * dimension, each with an id of its own, as bodies of requests made before the clock runs. */
#ifndef TALLYD_BENCH_EVENTS_H
#define TALLYD_BENCH_EVENTS_H

#include "buf.h"

#define EVENTS_ID_PREFIX "bench-"
#define EVENTS_RESIDENTS 3 /* that each activity reaches */

/* One event as JSON, the NUMBERth of the run. */
void events_write_one(struct buf *out, unsigned long number);

/* Whole requests, one behind the other. */
struct requests {
    struct buf text;
    size_t *start; /* COUNT + 1 offsets in TEXT */
    size_t count, events;
};

/* EVENTS events, numbered from FIRST, BATCH in a request: a single one as JSON, else NDJSON. */
void requests_write(struct requests *r, const char *token, unsigned long first, size_t events,
                    size_t batch);
void requests_free(struct requests *r);

#endif

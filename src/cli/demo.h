/* demo: makes up a plausible day of an alliance, event by event, from its catalogue: what is held,
 * who comes, what is shared, which problems are raised, taken on and solved. It remembers enough
 * of its own events that each one fits those before it. */
#ifndef TALLYCTL_DEMO_H
#define TALLYCTL_DEMO_H

#include "buf.h"
#include <cjson/cJSON.h>

struct demo;

/* CATALOGUE (as /catalogue answers) is borrowed until demo_free. NULL if it has no communities.
 * RUN stands in every id, so that no run repeats another's. */
struct demo *demo_new(const cJSON *catalogue, const char *run);
void demo_free(struct demo *d);

/* Appends the next event, as a JSON object. */
void demo_next(struct demo *d, struct buf *out);
/* A random number from 0 up to, but not, N. */
unsigned demo_random(struct demo *d, unsigned n);

#endif

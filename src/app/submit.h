/* submit: checked events, from whichever way they came in, made ready for the intake: effect,
 * JSON, content hash; and the resident's name replaced by its keyed hash, which is all that is
 * kept of it anywhere. */
#ifndef TALLYD_SUBMIT_H
#define TALLYD_SUBMIT_H

#include "alliance.h"
#include "event_wire.h"

/* Do they name a resident? Then nothing can be done before the store's secret is known. */
bool submit_needs_secret(const struct events *events);

/* UNIT as effect_of has it. BEGAN (uv_now) is since when the client
 * waits. As intake_submit: 0, or -1 without a callback when nothing can be taken now. */
int submit_events(struct alliance *alliance, const struct events *events, const char *unit,
                  uint64_t began, intake_on_done on_done, void *ctx);

/* What was refused as it came, LEN bytes, appended to OUT without the names of residents: in JSON a
 * keyed hash stands for each; of what isn't, or speaks of one in a text, nothing is kept. */
void submit_hide_residents(const struct alliance *alliance, const char *text, size_t len,
                           struct buf *out);

/* One event that is made here anew each time it is sent, so that its id says all: whenever it comes
 * again it is the same, though its time is another. */
int submit_timeless(struct alliance *alliance, const struct events *one, uint64_t began,
                    intake_on_done on_done, void *ctx);

#endif

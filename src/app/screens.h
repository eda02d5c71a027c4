/* screens: what open WebSockets see. Sessions that asked for the same views share a channel and
 * its frames; changes are pushed at once on an idle system, else at most so many times a second. */
#ifndef TALLYD_SCREENS_H
#define TALLYD_SCREENS_H

#include "alliance.h"

struct screens *screens_new(struct alliance *alliance);
/* When the server is there. */
void screens_start(struct screens *s, struct server *server);
/* Whose WebSockets are theirs; NULL once they have stopped. */
struct live *screens_live(const struct screens *s);
/* The board has moved on by a change. */
void screens_changed(struct screens *s);
/* The board is another: loaded anew, another day, another catalogue. Everybody gets a snapshot. */
void screens_reset(struct screens *s);
/* Only those whose ranges have another span today. */
void screens_new_day(struct screens *s);
/* The store went or came back, or it's time again. */
void screens_status(struct screens *s);
/* Each second: says so when nothing is queued any more. */
void screens_tick(struct screens *s);
void screens_stop(struct screens *s);
void screens_free(struct screens *s);

/* Tokens have changed: those whose token is gone see no more. */
void screens_check(struct screens *s);

#endif

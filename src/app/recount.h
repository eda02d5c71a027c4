/* recount: counts every event again once a day, by itself: `tallyctl verify` as a child of low
 * priority, one at a time. It brings its outcome the way everyone's does, by the owner's socket. */
#ifndef TALLYD_RECOUNT_H
#define TALLYD_RECOUNT_H

#include "alliance.h"

struct recount *recount_new(struct alliance *alliance);
/* Each second: is it time? */
void recount_tick(struct recount *r);
/* An outcome has come in, whoever made it. */
void recount_came(struct recount *r);
/* Ends the child; frees itself from the loop. */
void recount_close(struct recount *r);

#endif

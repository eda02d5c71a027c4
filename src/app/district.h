/* district: an alliance whose members are alliances. Its board isn't its store's but the sum of
 * what the members tell by their /ws, each a community of its catalogue. What a member told last
 * is kept in the state folder: one that is away has old figures with their age, never zeros. */
#ifndef TALLYD_DISTRICT_H
#define TALLYD_DISTRICT_H

#include "alliance.h"

struct district;

/* With what the folder remembers. */
struct district *district_open(struct alliance *a);
/* Begins to follow the members, by SERVER's context. */
void district_start(struct district *d, struct server *server);
/* Each second. */
void district_tick(struct district *d);
/* Follows no more, and keeps what is known. */
void district_stop(struct district *d);
void district_free(struct district *d);

/* What is shown; borrowed. */
struct board *district_board(struct district *d);
/* The alliance has another catalogue: it has all the members, maybe in other circles. */
void district_take_catalogue(struct district *d);

enum member_state { MEMBER_UNKNOWN, MEMBER_AWAY, MEMBER_PAUSED, MEMBER_LIVE, MEMBER_STATES };
extern const char *const member_states[MEMBER_STATES]; /* their names */
/* How many members there are in each. */
void district_count(const struct district *d, long out[MEMBER_STATES]);

#endif

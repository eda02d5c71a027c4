/* feed: the newest events on a board. */
#ifndef TALLYD_FEED_H
#define TALLYD_FEED_H

#include "board.h"

#include <cjson/cJSON.h>

/* Adds the newest: LINE is "REV JSON" as the store has it. */
void feed_push(struct board *b, const char *line, size_t len);
/* Adds what a member of a district tells, EVENTS newest first, as of the board's revision: those
 * after the member's revision SEEN behind all others; where SEEN is 0, each by its time. */
void feed_merge(struct board *b, const cJSON *events, const char *member, uint64_t seen);
/* Takes out what MEMBER has told: its history is another. */
void feed_forget(struct board *b, const char *member);
void feed_clear(struct board *b);

#endif

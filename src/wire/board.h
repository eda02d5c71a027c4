/* board: what is shown at this moment, gathered for those who write it down: the counters, the
 * names, and which state of the store they are. A plain value that borrows everything. */
#ifndef TALLYD_BOARD_H
#define TALLYD_BOARD_H

#include "catalogue.h"
#include "totals.h"
#include <stdbool.h>
#include <stdint.h>

#define FEED_SIZE 20

struct feed_entry {
    uint64_t rev;
    char *json; /* an event as event_write gives it */
    int64_t at; /* its instant, on a district's board */
};

struct board {
    const struct catalogue *catalogue;
    struct totals *totals;
    char epoch[40];
    uint64_t rev;
    bool loaded;   /* the store has been read at least once */
    int64_t as_of; /* the last instant at which they were known to be all that the store held */
    int32_t today;
    long units, projects; /* of a district: its members', beside those of its catalogue */
    const char *sums;     /* and of which districts it is the sum, itself first: their stores'
                             epochs as JSON */
    const char *members;  /* of a district: which alliances it is the sum of, as JSON; else NULL */
    struct feed_entry feed[FEED_SIZE]; /* newest last; rev 0: empty */
};

#endif

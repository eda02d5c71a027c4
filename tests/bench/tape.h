/* tape: what tallyd says to its store, recorded on its way and played again to an empty Redis. So
 * Redis alone is measured by the very same script in the very same batches, whatever they are. */
#ifndef TALLYD_BENCH_TAPE_H
#define TALLYD_BENCH_TAPE_H

#include "buf.h"

struct tape {
    struct buf text; /* commands, one behind the other */
    size_t *start;   /* COUNT + 1 offsets */
    size_t count;
    size_t first; /* the first that counts events of the bench, */
    size_t calls; /* and how many do */
};

struct tape_recorder;

/* Listens on LISTEN (a unix socket's path) and passes all on to Redis at TO, in a thread. */
struct tape_recorder *tape_record(const char *listen, const char *to);
/* When the recorded client has gone: gives its tape. */
void tape_stop(struct tape_recorder *r, struct tape *tape);
/* Plays it to the Redis at PATH with WINDOW commands under way; gives the seconds from the first
 * call that counts to the last answer. */
double tape_play(const struct tape *tape, const char *path, size_t window);
void tape_free(struct tape *tape);

#endif

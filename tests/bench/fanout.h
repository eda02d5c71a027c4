/* fanout: from a POST to thousands of screens: what a change costs the server for each of them,
 * and when they see it. */
#ifndef TALLYD_BENCH_FANOUT_H
#define TALLYD_BENCH_FANOUT_H

#include "bench.h"
#include "crowd.h"
#include "sys.h"

#define FANOUT_STEP (S / 10) /* ten changes a second, */
#define FANOUT_HZ   60       /* which tallyd is not to delay by a beat of its own */

struct fanout {
    size_t fast, slow, changes;
    size_t fill;                   /* changes before, to fill slow screens' buffers */
    int64_t step;                  /* ns between two changes */
    unsigned push_hz;              /* 0: as it is by default */
    const struct crowd_door *door; /* NULL: the server's own */
    /* Lines to add to; NULL: not asked for. */
    struct line *cpu, *frames, *first, *median, *last, *last99, *memory;
};

/* Starts the server, measures and stops it. */
void fanout_measure(struct bench *b, struct server *s, const struct fanout *p);

#endif

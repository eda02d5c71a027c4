/* bench: what every row of the benchmark is given, and the rows themselves. */
#ifndef TALLYD_BENCH_BENCH_H
#define TALLYD_BENCH_BENCH_H

#include "server.h"
#include "table.h"

struct bench {
    struct place place;
    struct table *table;
    bool quick; /* proves that all runs; the numbers say little */
    size_t repeats;
    size_t frame_size; /* bytes of tallyd's delta, seen in this run, which the others then send */
};

/* Says, to the terminal, what goes on. */
void bench_say(const struct bench *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* N, or less when all is only to be proved to run. */
size_t bench_few(const struct bench *b, size_t n, size_t quick);

/* Each takes the number of its row's name: screens, connections, events. */
void row_fanout(struct bench *b, size_t screens);
void row_slow(struct bench *b, size_t screens);
void row_rest(struct bench *b, size_t screens);
void row_single(struct bench *b, size_t connections);
void row_batch(struct bench *b, size_t events);
void row_start(struct bench *b, size_t events);
void row_views(struct bench *b, size_t views);
void row_history(struct bench *b, size_t events);
void row_catalogue(struct bench *b, size_t times);
void row_instructions(struct bench *b, size_t screens);
void row_idle(struct bench *b, size_t screens);

#endif

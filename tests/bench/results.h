/* results: where the numbers go: the terminal, and a Markdown file of which only the part between
 * two marks is written anew, so that what people say about the numbers stays. */
#ifndef TALLYD_BENCH_RESULTS_H
#define TALLYD_BENCH_RESULTS_H

#include "table.h"

struct results {
    char began[64], load_before[64];
};

/* Notes the time and the machine's load. */
void results_begin(struct results *r);
/* Prints the table and the machine it is from; FILE NULL: no file. */
void results_write(const struct results *r, struct table *t, bool quick, size_t repeats,
                   const char *file);

#endif

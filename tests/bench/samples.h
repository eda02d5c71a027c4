/* samples: numbers that were measured, and what is told of them: the median, a high quantile. */
#ifndef TALLYD_BENCH_SAMPLES_H
#define TALLYD_BENCH_SAMPLES_H

#include <stddef.h>

struct samples {
    double *list;
    size_t count, cap;
};

void samples_add(struct samples *s, double x);
/* The value below which the share Q (0 to 1) lies; sorts them. NaN if there is none. */
double samples_at(struct samples *s, double q);
double samples_median(struct samples *s);
void samples_free(struct samples *s);

#endif

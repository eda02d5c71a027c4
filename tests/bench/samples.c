#include "samples.h"

#include "buf.h"

#include <math.h>
#include <stdlib.h>

void samples_add(struct samples *s, double x)
{
    if (s->count == s->cap) {
        s->cap = s->cap ? s->cap * 2 : 16;
        s->list = mem_resize(s->list, s->cap * sizeof *s->list);
    }
    s->list[s->count++] = x;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double samples_at(struct samples *s, double q)
{
    if (s->count == 0)
        return NAN;
    qsort(s->list, s->count, sizeof *s->list, compare);
    double place = q * (double)(s->count - 1);
    size_t below = (size_t)place, above = below + (below + 1 < s->count);
    return s->list[below] + (s->list[above] - s->list[below]) * (place - (double)below);
}

double samples_median(struct samples *s)
{
    return samples_at(s, 0.5);
}

void samples_free(struct samples *s)
{
    free(s->list);
    *s = (struct samples){0};
}

/* totals: the counters as the store has them, held in memory so that no question about totals
 * touches the store. Cells are absolute: setting one twice changes nothing, the last one wins.
 *
 * A cell of the store is "DAY DIM" -> "activities,venues,residents,raised,solved" (day 0: opening
 * balances; DIM as effect_dim_key gives it), or "UBUCKET DIM" -> estimate of unique residents.
 * A day's venues are its changes (+1 shared, -1 withdrawn): the figure of a range is the sum of
 * all days up to the range's end. */
#ifndef TALLYD_TOTALS_H
#define TALLYD_TOTALS_H

#include "metric.h"
#include "range.h"
#include <stddef.h>
#include <stdint.h>

struct totals;

struct totals *totals_new(void);
void totals_free(struct totals *t);
/* Forgets all cells, for a load anew. */
void totals_clear(struct totals *t);

/* Sets a cell; false (and nothing done) where the text isn't one. */
bool totals_set(struct totals *t, const char *field, size_t field_len, const char *value,
                size_t value_len);

/* The figures of DIM ("t", "c=s01") in the range; zeros where nothing was counted. */
void totals_get(const struct totals *t, const char *dim, const struct range *r,
                int64_t out[METRIC_COUNT]);

/* Grows with every totals_set that changed something, and with totals_clear. */
uint64_t totals_stamp(const struct totals *t);
/* The stamp at DIM's last change; 0 if it has none. */
uint64_t totals_stamp_of(const struct totals *t, const char *dim);
/* The first day on which anything was counted; 0 if none. */
int32_t totals_first_day(const struct totals *t);

/* Calls EACH for every group that anything was ever counted for, taken back since or not. */
void totals_groups(const struct totals *t, void (*each)(void *ctx, const char *dim), void *ctx);
/* Calls EACH for every cell in the store's own text form, for comparing. */
void totals_each(const struct totals *t,
                 void (*each)(void *ctx, const char *field, const char *value), void *ctx);

#endif

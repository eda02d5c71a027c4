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

/* A cell without its group: of a day ("20261124"; "0": opening balances) the summed figures, of an
 * estimate ("UM202611") the unique residents; the others are 0. Plain value. */
struct cell {
    char name[14];
    int64_t n[METRIC_COUNT];
};
/* Sets the cell of a group. */
void totals_put(struct totals *t, const char *dim, const struct cell *c);
/* Fills in the figures of the cell that OUT names; zeros where there is none. */
void totals_cell(const struct totals *t, const char *dim, struct cell *out);
/* Calls EACH for the group's cells that have changed since the stamp AFTER; 0: for all that aren't
 * all zeros. */
void totals_cells(const struct totals *t, const char *dim, uint64_t after,
                  void (*each)(void *ctx, const struct cell *c), void *ctx);

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

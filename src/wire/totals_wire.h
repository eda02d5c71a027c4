/* totals_wire: figures as JSON: the answers to /totals and /trend, and the pieces that WebSocket
 * frames are made of. */
#ifndef TALLYD_TOTALS_WIRE_H
#define TALLYD_TOTALS_WIRE_H

#include "board.h"
#include "buf.h"
#include "range.h"

/* {"activities":n,…} of all metrics; with BEFORE only of those that differ from it. Returns how
 * many were written. */
int totals_write_metrics(const int64_t n[METRIC_COUNT], const int64_t *before, struct buf *out);

/* {"id":ID,"activities":n,…} behind COMMA, with BEFORE as above. */
void totals_write_group(const char *id, const int64_t n[METRIC_COUNT], const int64_t *before,
                        const char *comma, struct buf *out);
/* A group's cells that have changed since the stamp AFTER, as such groups without the brackets; one
 * is told as a whole: figures that are left out are 0. */
void cells_write(const struct totals *t, const char *dim, uint64_t after, struct buf *out);

/* The body of GET /totals; BY is DIM_TOTAL for no groups. */
void totals_write(const struct board *b, const struct range *r, enum dimension by, struct buf *out);

struct trend {
    enum metric metric;
    int32_t from, to;  /* days */
    bool months;       /* step: month, else day */
    enum dimension by; /* DIM_TOTAL: the whole */
    const char *id;
};
#define TREND_POINTS_MAX 3700 /* ten years of days */

/* The body of GET /trend. */
void trend_write(const struct board *b, const struct trend *t, struct buf *out);

/* An event of the feed with its revision as the last key: {"id":…,…,"rev":n}. */
void feed_write_entry(const char *json, uint64_t rev, struct buf *out);

#endif

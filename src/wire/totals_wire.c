#include "totals_wire.h"

#include "date.h"
#include "effect.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

int totals_write_metrics(const int64_t n[METRIC_COUNT], const int64_t *before, struct buf *out)
{
    int written = 0;
    buf_adds(out, "{");
    for (int m = 0; m < METRIC_COUNT; m++) {
        if (before && before[m] == n[m])
            continue;
        buf_addf(out, "%s\"%s\":%" PRId64, written ? "," : "", metric_names[m], n[m]);
        written++;
    }
    buf_adds(out, "}");
    return written;
}

/* {"epoch":…,"rev":…,"as_of":…, left open */
static void write_head(const struct board *b, struct buf *out)
{
    char as_of[40];
    buf_addf(out, "{\"epoch\":\"%s\",\"rev\":%" PRIu64 ",\"as_of\":\"%s\",", b->epoch, b->rev,
             date_format(b->as_of, as_of));
}

static void write_groups(const struct board *b, const struct range *r, enum dimension by,
                         struct buf *out)
{
    char key[EVENT_ID_MAX + 3];
    int64_t n[METRIC_COUNT];
    buf_adds(out, "[");
    for (size_t i = 0; by != DIM_TOTAL && i < catalogue_count(b->catalogue, by); i++) {
        const struct entry *g = catalogue_at(b->catalogue, by, i);
        totals_get(b->totals, effect_dim_key(by, g->id, key), r, n);
        buf_addf(out, "%s{\"id\":\"%s\",\"name\":", i ? "," : "", g->id);
        buf_add_json(out, g->name);
        for (int m = 0; m < METRIC_COUNT; m++)
            buf_addf(out, ",\"%s\":%" PRId64, metric_names[m], n[m]);
        buf_adds(out, "}");
    }
    buf_adds(out, "]");
}

void totals_write(const struct board *b, const struct range *r, enum dimension by, struct buf *out)
{
    char from[11], to[11];
    int64_t n[METRIC_COUNT];
    int32_t first = totals_first_day(b->totals);
    totals_get(b->totals, "t", r, n);
    write_head(b, out);
    /* "all" reaches from the first day counted to today. */
    date_day_text(r->all ? (first ? first : b->today) : r->from, from);
    date_day_text(r->all ? b->today : r->to, to);
    buf_addf(out, "\"range\":\"%s\",\"from\":\"%s\",\"to\":\"%s\",\"totals\":", r->name, from, to);
    totals_write_metrics(n, NULL, out);
    buf_adds(out, ",\"groups\":");
    write_groups(b, r, by, out);
    buf_adds(out, "}");
}

static void trend_point(const struct board *b, const struct trend *t, const char *dim, int32_t day,
                        struct buf *out)
{
    char name[12];
    struct range r;
    int64_t n[METRIC_COUNT];
    date_day_text(day, name);
    if (t->months)
        name[7] = '\0';
    range_of(name, b->today, &r);
    totals_get(b->totals, dim, &r, n);
    buf_addf(out, "{\"date\":\"%s\",\"value\":%" PRId64 "}", name, n[t->metric]);
}

void trend_write(const struct board *b, const struct trend *t, struct buf *out)
{
    char from[11], to[11], dim[EVENT_ID_MAX + 3];
    const char *comma = "";
    effect_dim_key(t->by, t->id, dim);
    write_head(b, out);
    buf_addf(out, "\"metric\":\"%s\",\"step\":\"%s\",\"from\":\"%s\",\"to\":\"%s\",",
             metric_names[t->metric], t->months ? "month" : "day", date_day_text(t->from, from),
             date_day_text(t->to, to));
    if (t->by != DIM_TOTAL)
        buf_addf(out, "\"by\":\"%s\",\"id\":\"%s\",", dimension_names[t->by], t->id);
    buf_adds(out, "\"points\":[");
    /* The calendar ends: after its last day comes none, so that we stop at the last, not beyond. */
    for (int32_t day = t->from, last = 0; last < t->to; day = date_add_days(last, 1)) {
        buf_adds(out, comma);
        trend_point(b, t, dim, day, out);
        comma = ",";
        last = t->months ? date_month_end(day) : day;
    }
    buf_adds(out, "]}");
}

void totals_write_group(const char *id, const int64_t n[METRIC_COUNT], const int64_t *before,
                        const char *comma, struct buf *out)
{
    buf_addf(out, "%s{\"id\":\"%s\"", comma, id);
    for (int m = 0; m < METRIC_COUNT; m++)
        if (!before || n[m] != before[m])
            buf_addf(out, ",\"%s\":%" PRId64, metric_names[m], n[m]);
    buf_adds(out, "}");
}

struct cells {
    struct buf *out;
    const char *comma;
};

static void write_cell(void *ctx, const struct cell *cell)
{
    static const int64_t none[METRIC_COUNT];
    struct cells *c = ctx;
    totals_write_group(cell->name, cell->n, none, c->comma, c->out);
    c->comma = ",";
}

void cells_write(const struct totals *t, const char *dim, uint64_t after, struct buf *out)
{
    struct cells c = {out, ""};
    totals_cells(t, dim, after, write_cell, &c);
}

void feed_write_entry(const char *json, uint64_t rev, struct buf *out)
{
    buf_add(out, json, strlen(json) - 1);
    buf_addf(out, ",\"rev\":%" PRIu64 "}", rev);
}

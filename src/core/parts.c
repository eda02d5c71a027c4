#include "parts.h"

#include "effect.h"
#include <string.h>

void part_of(const struct entry *community, struct part *out)
{
    memset(out, 0, sizeof *out);
    effect_dim_key(DIM_COMMUNITY, community->id, out->dim);
    effect_dim_key(DIM_TOTAL, NULL, out->wholes[out->whole_count++]);
    if (community->parent)
        effect_dim_key(DIM_CIRCLE, community->parent->id, out->wholes[out->whole_count++]);
}

void part_put(struct totals *t, const struct part *p, const struct cell *c)
{
    struct cell was = *c, whole = *c;
    totals_cell(t, p->dim, &was);
    totals_put(t, p->dim, c);
    for (int w = 0; w < p->whole_count; w++) {
        totals_cell(t, p->wholes[w], &whole);
        for (int m = 0; m < METRIC_COUNT; m++)
            whole.n[m] += c->n[m] - was.n[m];
        totals_put(t, p->wholes[w], &whole);
    }
}

struct replacing {
    struct totals *totals;
    const struct part *part;
    const struct totals *fresh;
    struct totals *gone; /* the cells that the part has lost */
};

static void note_lost(void *ctx, const struct cell *c)
{
    struct replacing *r = ctx;
    static const int64_t none[METRIC_COUNT];
    struct cell now = *c;
    totals_cell(r->fresh, r->part->dim, &now);
    if (!memcmp(now.n, none, sizeof none))
        totals_put(r->gone, r->part->dim, c);
}

static void take_back(void *ctx, const struct cell *c)
{
    const struct replacing *r = ctx;
    struct cell none = *c;
    memset(none.n, 0, sizeof none.n);
    part_put(r->totals, r->part, &none);
}

static void put(void *ctx, const struct cell *c)
{
    const struct replacing *r = ctx;
    part_put(r->totals, r->part, c);
}

/* Nothing is set while the same group's cells are walked through. */
void part_replace(struct totals *t, const struct part *p, const struct totals *fresh)
{
    struct replacing r = {t, p, fresh, totals_new()};
    totals_cells(t, p->dim, 0, note_lost, &r);
    totals_cells(r.gone, p->dim, 0, take_back, &r);
    totals_cells(fresh, p->dim, 0, put, &r);
    totals_free(r.gone);
}

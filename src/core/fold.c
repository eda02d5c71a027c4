#include "fold.h"

#include "buf.h"
#include "effect.h"
#include "metric.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define uthash_fatal(msg) abort()
#include <uthash.h>

struct voided {
    char id[EVENT_ID_MAX + 1];
    UT_hash_handle hh;
};

struct cell {
    int64_t n[METRIC_SUMMED];
    bool compared;
    UT_hash_handle hh;
    char field[]; /* "DAY DIM" */
};

/* Among all that claim the same thing (a problem's raising, a resident at an activity), the
 * earliest counts, then the smallest id. */
struct claim {
    char *at_id; /* "AT ID": sorts as the rule asks */
    char *dims;
    int32_t day;
    enum metric metric;
    UT_hash_handle hh;
    char key[];
};

struct turn { /* a venue shared or withdrawn */
    char *venue, *at_id, *dims;
    int32_t day;
    bool shared;
};

struct fold {
    struct voided *voids;
    struct cell *cells;
    struct claim *claims;
    struct turn *turns;
    size_t turn_count, turn_cap;
};

struct fold *fold_new(void)
{
    return mem_alloc(sizeof(struct fold));
}

void fold_free(struct fold *f)
{
    struct voided *v, *v_next;
    struct cell *c, *c_next;
    struct claim *k, *k_next;
    HASH_ITER(hh, f->voids, v, v_next)
    {
        HASH_DEL(f->voids, v);
        free(v);
    }
    HASH_ITER(hh, f->cells, c, c_next)
    {
        HASH_DEL(f->cells, c);
        free(c);
    }
    HASH_ITER(hh, f->claims, k, k_next)
    {
        HASH_DEL(f->claims, k);
        free(k->at_id);
        free(k->dims);
        free(k);
    }
    for (size_t i = 0; i < f->turn_count; i++) {
        free(f->turns[i].venue);
        free(f->turns[i].at_id);
        free(f->turns[i].dims);
    }
    free(f->turns);
    free(f);
}

static bool is_voided(const struct fold *f, const char *id)
{
    struct voided *v;
    HASH_FIND_STR(f->voids, id, v);
    return v != NULL;
}

void fold_void(struct fold *f, const char *id)
{
    if (is_voided(f, id) || strlen(id) > EVENT_ID_MAX)
        return;
    struct voided *v = mem_alloc(sizeof *v);
    snprintf(v->id, sizeof v->id, "%s", id);
    HASH_ADD_STR(f->voids, id, v);
}

static void add_cell(struct fold *f, int32_t day, const char *dim, int m, int64_t n)
{
    char field[EVENT_ID_MAX + 20];
    struct cell *c;
    snprintf(field, sizeof field, "%d %s", day, dim);
    HASH_FIND_STR(f->cells, field, c);
    if (!c) {
        c = mem_alloc(sizeof *c + strlen(field) + 1);
        strcpy(c->field, field);
        HASH_ADD_STR(f->cells, field, c);
    }
    c->n[m] += n;
}

static void add(struct fold *f, int32_t day, const char *dims, int m, int64_t n)
{
    char key[EVENT_ID_MAX + 3];
    add_cell(f, day, "t", m, n);
    while (effect_next_dim(&dims, key))
        add_cell(f, day, key, m, n);
}

static char *join(const char *a, const char *b, const char *c)
{
    struct buf out = {0};
    buf_addf(&out, "%s %s%s%s", a, b, c ? " " : "", c ? c : "");
    return buf_take(&out, NULL);
}

static void claim(struct fold *f, const char *what, const struct effect *x, const char *id,
                  enum metric metric)
{
    char *at_id = join(x->at, id, NULL);
    struct claim *k;
    HASH_FIND_STR(f->claims, what, k);
    if (!k) {
        k = mem_alloc(sizeof *k + strlen(what) + 1);
        strcpy(k->key, what);
        HASH_ADD_STR(f->claims, key, k);
    } else if (strcmp(k->at_id, at_id) <= 0) {
        free(at_id);
        return;
    }
    free(k->at_id);
    free(k->dims);
    k->at_id = at_id;
    k->dims = mem_string(x->dims);
    k->day = x->day;
    k->metric = metric;
}

static void add_reach(struct fold *f, const struct effect *x, const char *id)
{
    if (is_voided(f, x->key))
        return;
    if (x->extra[0] == '-') {
        add(f, x->day, x->dims, METRIC_RESIDENTS, strtoll(x->n, NULL, 10));
        return;
    }
    char hash[EVENT_ID_MAX * 2];
    snprintf(hash, sizeof hash, "%.*s", (int)strcspn(x->extra, ":"), x->extra);
    char *what = join("u", x->key, hash);
    claim(f, what, x, id, METRIC_RESIDENTS);
    free(what);
}

static void add_problem(struct fold *f, const struct effect *x, const char *id)
{
    if (x->n[0] == 'c')
        return;
    char *what = join(x->n, x->key, NULL);
    claim(f, what, x, id, x->n[0] == 'r' ? METRIC_PROBLEMS_RAISED : METRIC_PROBLEMS_SOLVED);
    free(what);
}

static void add_turn(struct fold *f, const struct effect *x, const char *id)
{
    if (f->turn_count == f->turn_cap) {
        f->turn_cap = f->turn_cap ? f->turn_cap * 2 : 64;
        f->turns = mem_resize(f->turns, f->turn_cap * sizeof *f->turns);
    }
    f->turns[f->turn_count++] = (struct turn){mem_string(x->key), join(x->at, id, NULL),
                                              mem_string(x->dims), x->day, x->n[0] == '1'};
}

static void add_opening(struct fold *f, const struct effect *x)
{
    const char *p = x->n;
    for (int m = 0; m < METRIC_SUMMED; m++) {
        char *end;
        int64_t n = strtoll(p, &end, 10);
        if (n)
            add(f, 0, x->dims, m, n);
        p = *end ? end + 1 : end;
    }
}

bool fold_add(struct fold *f, const char *id, const char *line, size_t len)
{
    struct effect x;
    if (!effect_read(&x, line, len))
        return false;
    if (is_voided(f, id))
        return true;
    switch (x.kind) {
    case 'a':
        add(f, x.day, x.dims, METRIC_ACTIVITIES, 1);
        add(f, x.day, x.dims, METRIC_RESIDENTS, strtoll(x.n, NULL, 10));
        break;
    case 'r':
        add_reach(f, &x, id);
        break;
    case 'v':
        add_turn(f, &x, id);
        break;
    case 'p':
        add_problem(f, &x, id);
        break;
    case 'o':
        add_opening(f, &x);
        break;
    default: /* plans and voids add nothing themselves */
        break;
    }
    return true;
}

static int by_venue_and_time(const void *a, const void *b)
{
    const struct turn *x = a, *y = b;
    int order = strcmp(x->venue, y->venue);
    return order ? order : strcmp(x->at_id, y->at_id);
}

void fold_finish(struct fold *f)
{
    for (struct claim *k = f->claims; k; k = k->hh.next)
        add(f, k->day, k->dims, (int)k->metric, 1);
    if (f->turn_count)
        qsort(f->turns, f->turn_count, sizeof *f->turns, by_venue_and_time);
    for (size_t i = 0; i < f->turn_count; i++) {
        const struct turn *t = &f->turns[i], *next = t + 1;
        if (!t->shared)
            continue;
        add(f, t->day, t->dims, METRIC_VENUES, 1);
        if (i + 1 < f->turn_count && !strcmp(next->venue, t->venue))
            add(f, next->day, t->dims, METRIC_VENUES, -1);
    }
}

static char *cell_text(const struct cell *c, char out[128])
{
    snprintf(out, 128, "%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64, c->n[0], c->n[1],
             c->n[2], c->n[3], c->n[4]);
    return out;
}

#define NOTHING "0,0,0,0,0"

void fold_compare(struct fold *f, const char *field, const char *value, fold_differ differ,
                  void *ctx)
{
    char text[128];
    struct cell *c;
    if (field[0] == 'U')
        return;
    HASH_FIND_STR(f->cells, field, c);
    if (c)
        c->compared = true;
    if (strcmp(value, c ? cell_text(c, text) : NOTHING) != 0)
        differ(ctx, field, value, c ? text : "-");
}

size_t fold_rest(struct fold *f, fold_differ differ, void *ctx)
{
    char text[128];
    for (struct cell *c = f->cells; c; c = c->hh.next)
        if (!c->compared && strcmp(cell_text(c, text), NOTHING) != 0)
            differ(ctx, c->field, "-", text);
    return HASH_COUNT(f->cells);
}

#include "totals.h"

#include "buf.h"
#include "event.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define uthash_fatal(msg) abort()
#include <uthash.h>

#define KEY_MAX (EVENT_ID_MAX + 3)

struct day {
    int32_t day;
    int64_t n[METRIC_SUMMED];
    uint64_t stamp;
};

struct estimate {
    char bucket[12];
    int64_t n;
    uint64_t stamp;
    UT_hash_handle hh;
};

/* One group's days, sorted; a few hundred a year, so sums are taken when asked. */
struct series {
    char dim[KEY_MAX];
    struct day *days; /* day 0 first: opening balances */
    size_t count, cap;
    int64_t sum[METRIC_SUMMED]; /* of all days */
    struct estimate *estimates;
    uint64_t stamp;
    UT_hash_handle hh;
};

struct totals {
    struct series *series;
    uint64_t stamp;
};

struct totals *totals_new(void)
{
    return mem_alloc(sizeof(struct totals));
}

static void series_free(struct series *s)
{
    struct estimate *e, *next;
    HASH_ITER(hh, s->estimates, e, next)
    {
        HASH_DEL(s->estimates, e);
        free(e);
    }
    free(s->days);
    free(s);
}

void totals_clear(struct totals *t)
{
    struct series *s, *next;
    HASH_ITER(hh, t->series, s, next)
    {
        HASH_DEL(t->series, s);
        series_free(s);
    }
    t->stamp++;
}

void totals_free(struct totals *t)
{
    if (!t)
        return;
    totals_clear(t);
    free(t);
}

static struct series *series_find(const struct totals *t, const char *dim)
{
    struct series *s;
    HASH_FIND_STR(t->series, dim, s);
    return s;
}

static struct series *series_make(struct totals *t, const char *dim)
{
    struct series *s = series_find(t, dim);
    if (!s) {
        s = mem_alloc(sizeof *s);
        snprintf(s->dim, sizeof s->dim, "%s", dim);
        HASH_ADD_STR(t->series, dim, s);
    }
    return s;
}

/* Where the first day not before DAY stands. */
static size_t series_seek(const struct series *s, int32_t day)
{
    size_t low = 0, high = s->count;
    if (high && s->days[high - 1].day < day)
        return high;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (s->days[mid].day < day)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static struct day *series_day(struct series *s, int32_t day)
{
    size_t i = series_seek(s, day);
    if (i < s->count && s->days[i].day == day)
        return &s->days[i];
    if (s->count == s->cap) {
        s->cap = s->cap ? s->cap * 2 : 8;
        s->days = mem_resize(s->days, s->cap * sizeof *s->days);
    }
    memmove(s->days + i + 1, s->days + i, (s->count - i) * sizeof *s->days);
    s->count++;
    memset(&s->days[i], 0, sizeof s->days[i]);
    s->days[i].day = day;
    return &s->days[i];
}

static void set_estimate(struct totals *t, struct series *s, const char *bucket, int64_t n)
{
    struct estimate *e;
    HASH_FIND_STR(s->estimates, bucket, e);
    if (!e) {
        e = mem_alloc(sizeof *e);
        snprintf(e->bucket, sizeof e->bucket, "%s", bucket);
        HASH_ADD_STR(s->estimates, bucket, e);
    }
    if (e->n == n)
        return;
    e->n = n;
    e->stamp = s->stamp = ++t->stamp;
}

static void set_day(struct totals *t, struct series *s, int32_t day, const int64_t *n)
{
    struct day *d = series_day(s, day);
    if (!memcmp(d->n, n, sizeof d->n))
        return;
    for (int m = 0; m < METRIC_SUMMED; m++)
        s->sum[m] += n[m] - d->n[m];
    memcpy(d->n, n, sizeof d->n);
    d->stamp = s->stamp = ++t->stamp;
}

void totals_put(struct totals *t, const char *dim, const struct cell *c)
{
    struct series *s = series_make(t, dim);
    if (c->name[0] == 'U')
        set_estimate(t, s, c->name + 1, c->n[METRIC_RESIDENTS_UNIQUE]);
    else
        set_day(t, s, (int32_t)strtol(c->name, NULL, 10), c->n);
}

static bool read_numbers(const char *value, int64_t n[METRIC_SUMMED])
{
    char *end;
    for (int m = 0; m < METRIC_SUMMED; m++) {
        n[m] = strtoll(value, &end, 10);
        if (end == value || *end != (m + 1 < METRIC_SUMMED ? ',' : '\0'))
            return false;
        value = end + 1;
    }
    return true;
}

bool totals_set(struct totals *t, const char *field, size_t field_len, const char *value,
                size_t value_len)
{
    char f[KEY_MAX + 14], v[128];
    struct cell c = {.name = ""};
    if (field_len >= sizeof f || value_len >= sizeof v)
        return false;
    memcpy(f, field, field_len);
    f[field_len] = '\0';
    memcpy(v, value, value_len);
    v[value_len] = '\0';
    char *dim = strchr(f, ' ');
    if (!dim || strlen(dim + 1) >= KEY_MAX || dim - f > 10)
        return false;
    *dim++ = '\0';
    memcpy(c.name, f, (size_t)(dim - f));
    if (f[0] == 'U')
        c.n[METRIC_RESIDENTS_UNIQUE] = strtoll(v, NULL, 10);
    else if (!read_numbers(v, c.n))
        return false;
    totals_put(t, dim, &c);
    return true;
}

static int64_t estimate_of(const struct series *s, const char *bucket)
{
    struct estimate *e;
    HASH_FIND_STR(s->estimates, bucket, e);
    return e ? e->n : 0;
}

void totals_cell(const struct totals *t, const char *dim, struct cell *out)
{
    const struct series *s = series_find(t, dim);
    memset(out->n, 0, sizeof out->n);
    if (!s)
        return;
    if (out->name[0] == 'U') {
        out->n[METRIC_RESIDENTS_UNIQUE] = estimate_of(s, out->name + 1);
        return;
    }
    int32_t day = (int32_t)strtol(out->name, NULL, 10);
    size_t i = series_seek(s, day);
    if (i < s->count && s->days[i].day == day)
        memcpy(out->n, s->days[i].n, sizeof s->days[i].n);
}

void totals_cells(const struct totals *t, const char *dim, uint64_t after,
                  void (*each)(void *ctx, const struct cell *c), void *ctx)
{
    const struct series *s = series_find(t, dim);
    if (!s || s->stamp <= after)
        return;
    for (size_t i = 0; i < s->count; i++) {
        struct cell c = {.name = ""};
        if (s->days[i].stamp <= after ||
            (!after && !memcmp(s->days[i].n, c.n, sizeof s->days[i].n)))
            continue;
        snprintf(c.name, sizeof c.name, "%" PRId32, s->days[i].day);
        memcpy(c.n, s->days[i].n, sizeof s->days[i].n);
        each(ctx, &c);
    }
    for (const struct estimate *e = s->estimates; e; e = e->hh.next) {
        struct cell c = {.name = ""};
        if (e->stamp <= after || (!after && !e->n))
            continue;
        snprintf(c.name, sizeof c.name, "U%s", e->bucket);
        c.n[METRIC_RESIDENTS_UNIQUE] = e->n;
        each(ctx, &c);
    }
}

static void sum_range(const struct series *s, const struct range *r, int64_t out[METRIC_COUNT])
{
    for (size_t i = series_seek(s, 1); i < s->count && s->days[i].day <= r->to; i++) {
        out[METRIC_VENUES] += s->days[i].n[METRIC_VENUES];
        if (s->days[i].day < r->from)
            continue;
        for (int m = 0; m < METRIC_SUMMED; m++)
            if (m != METRIC_VENUES)
                out[m] += s->days[i].n[m];
    }
}

void totals_get(const struct totals *t, const char *dim, const struct range *r,
                int64_t out[METRIC_COUNT])
{
    const struct series *s = series_find(t, dim);
    memset(out, 0, METRIC_COUNT * sizeof *out);
    if (!s)
        return;
    if (r->all)
        memcpy(out, s->sum, sizeof s->sum);
    else
        sum_range(s, r, out);
    out[METRIC_RESIDENTS_UNIQUE] = estimate_of(s, r->bucket);
}

uint64_t totals_stamp(const struct totals *t)
{
    return t->stamp;
}

uint64_t totals_stamp_of(const struct totals *t, const char *dim)
{
    const struct series *s = series_find(t, dim);
    return s ? s->stamp : 0;
}

int32_t totals_first_day(const struct totals *t)
{
    const struct series *s = series_find(t, "t");
    size_t i = s ? series_seek(s, 1) : 0;
    return s && i < s->count ? s->days[i].day : 0;
}

void totals_groups(const struct totals *t, void (*each)(void *ctx, const char *dim), void *ctx)
{
    for (const struct series *s = t->series; s; s = s->hh.next)
        each(ctx, s->dim);
}

void totals_each(const struct totals *t,
                 void (*each)(void *ctx, const char *field, const char *value), void *ctx)
{
    char field[KEY_MAX + 14], value[128];
    for (struct series *s = t->series; s; s = s->hh.next) {
        for (size_t i = 0; i < s->count; i++) {
            const int64_t *n = s->days[i].n;
            snprintf(field, sizeof field, "%d %s", s->days[i].day, s->dim);
            snprintf(value, sizeof value,
                     "%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64, n[0], n[1], n[2],
                     n[3], n[4]);
            each(ctx, field, value);
        }
        for (const struct estimate *e = s->estimates; e; e = e->hh.next) {
            snprintf(field, sizeof field, "U%s %s", e->bucket, s->dim);
            snprintf(value, sizeof value, "%" PRId64, e->n);
            each(ctx, field, value);
        }
    }
}

#include "effect.h"

#include "date.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* µs from 0001-01-01T00:00Z to 1970-01-01T00:00Z: keeps every permitted instant positive. */
#define YEAR_ONE INT64_C(62135596800000000)

static const char kind_letters[EVENT_KINDS] = {'a', 'r', 'v', 'p', 'l', 'o', 'x'};
static const char dim_letters[DIM_COUNT] = {'t', 'i', 'c', 'u', 'p', 'g'};

char effect_dim_letter(enum dimension d)
{
    return dim_letters[d];
}

char *effect_dim_key(enum dimension d, const char *id, char out[EVENT_ID_MAX + 3])
{
    if (d == DIM_TOTAL)
        snprintf(out, EVENT_ID_MAX + 3, "t");
    else
        snprintf(out, EVENT_ID_MAX + 3, "%c=%s", dim_letters[d], id);
    return out;
}

char *effect_at(int64_t instant, char out[EFFECT_AT_DIGITS + 1])
{
    /* A leap of the zone's offset may carry an instant of the year 1 below zero: it sorts first. */
    int64_t n = instant < -YEAR_ONE ? 0 : instant + YEAR_ONE;
    for (int i = EFFECT_AT_DIGITS - 1; i >= 0; i--, n /= 10)
        out[i] = (char)('0' + n % 10);
    out[EFFECT_AT_DIGITS] = '\0';
    return out;
}

static void dims_add(struct buf *out, size_t start, enum dimension d, const char *id)
{
    if (!id)
        return;
    buf_adds(out, out->len > start ? "," : "");
    buf_add(out, &dim_letters[d], 1);
    buf_adds(out, "=");
    buf_adds(out, id);
}

static void dims_of(const struct event *e, const struct catalogue *c, struct buf *out)
{
    size_t start = out->len;
    const char *community = e->text[FIELD_COMMUNITY], *project = e->text[FIELD_PROJECT];
    const struct entry *place = community ? catalogue_find(c, DIM_COMMUNITY, community) : NULL;
    const struct entry *work = project ? catalogue_find(c, DIM_PROJECT, project) : NULL;

    dims_add(out, start, DIM_CIRCLE, place ? place->parent->id : e->text[FIELD_CIRCLE]);
    dims_add(out, start, DIM_COMMUNITY, community);
    dims_add(out, start, DIM_UNIT, e->text[FIELD_UNIT]);
    dims_add(out, start, DIM_PROJECT, project);
    dims_add(out, start, DIM_CATEGORY, work ? work->parent->id : NULL);
    if (out->len == start)
        buf_adds(out, "-");
}

static void n_of(const struct event *e, struct buf *out)
{
    switch (e->kind) {
    case EVENT_VENUE:
        buf_adds(out, e->shared ? "1" : "0");
        break;
    case EVENT_PROBLEM:
        buf_addf(out, "%c", e->text[FIELD_STATUS][0]);
        break;
    case EVENT_PLAN:
        buf_adds(out, e->cancelled ? "1" : "0");
        break;
    case EVENT_OPENING:
        for (int m = 0; m < METRIC_SUMMED; m++)
            buf_addf(out, "%s%lld", m ? "," : "", (long long)e->metrics[m]);
        break;
    case EVENT_REACH:
        /* One named resident is one person reached. */
        buf_add_int(out, e->has[FIELD_RESIDENT] ? 1 : e->residents);
        break;
    default:
        buf_add_int(out, e->residents);
    }
}

static const enum field key_fields[EVENT_KINDS] = {
    [EVENT_ACTIVITY] = FIELD_PLAN,   [EVENT_REACH] = FIELD_ACTIVITY, [EVENT_VENUE] = FIELD_VENUE,
    [EVENT_PROBLEM] = FIELD_PROBLEM, [EVENT_PLAN] = FIELD_PLAN,      [EVENT_OPENING] = FIELD_COUNT,
    [EVENT_VOID] = FIELD_OF,
};

static void extra_of(const struct event *e, int32_t day, const char *resident, const char *unit,
                     struct buf *out)
{
    char at[EFFECT_AT_DIGITS + 1];
    bool bound = e->kind == EVENT_REACH || e->kind == EVENT_VENUE || e->kind == EVENT_PLAN;
    if (e->kind == EVENT_REACH && resident)
        buf_addf(out, "%s:%d", resident, date_monday(day));
    else if (e->kind == EVENT_PLAN)
        buf_adds(out, effect_at(e->starts, at));
    else
        buf_adds(out, "-");
    if (unit && (e->kind == EVENT_VOID || (bound && *unit)))
        buf_addf(out, "@%s", unit);
}

void effect_of(const struct event *e, const struct catalogue *c, const char *resident,
               const char *unit, struct buf *out)
{
    char at[EFFECT_AT_DIGITS + 1];
    int32_t day = e->kind == EVENT_OPENING ? 0 : date_day(e->at);
    const char *key = key_fields[e->kind] < FIELD_COUNT ? e->text[key_fields[e->kind]] : NULL;

    buf_add(out, &kind_letters[e->kind], 1);
    buf_adds(out, " ");
    buf_adds(out, effect_at(e->at, at));
    buf_adds(out, " ");
    buf_add_int(out, day);
    buf_adds(out, " ");
    dims_of(e, c, out);
    buf_adds(out, " ");
    n_of(e, out);
    buf_adds(out, " ");
    buf_adds(out, key ? key : "-");
    buf_adds(out, " ");
    extra_of(e, day, resident, unit, out);
}

bool effect_read(struct effect *x, const char *line, size_t len)
{
    char *parts[7], *next = x->text;
    if (len >= sizeof x->text)
        return false;
    memcpy(x->text, line, len);
    x->text[len] = '\0';
    for (int i = 0; i < 7; i++) {
        if (!next || !*next)
            return false;
        parts[i] = next;
        next = strchr(next, ' ');
        if (next)
            *next++ = '\0';
    }
    if (next || parts[0][1] || !strchr("arvplox", parts[0][0]))
        return false;
    x->kind = parts[0][0];
    x->at = parts[1];
    x->day = (int32_t)strtol(parts[2], NULL, 10);
    x->dims = parts[3];
    x->n = parts[4];
    x->key = parts[5];
    x->extra = parts[6];
    return true;
}

bool effect_next_dim(const char **cursor, char key[EVENT_ID_MAX + 3])
{
    const char *from = *cursor;
    size_t n = strcspn(from, ",");
    if (n < 3 || n >= EVENT_ID_MAX + 3)
        return false; /* the end, or "-" */
    memcpy(key, from, n);
    key[n] = '\0';
    *cursor = from[n] ? from + n + 1 : from + n;
    return true;
}

bool effect_has(const struct effect *x, enum dimension d, const char *id)
{
    char key[EVENT_ID_MAX + 3], wanted[EVENT_ID_MAX + 3];
    effect_dim_key(d, id, wanted);
    for (const char *cursor = x->dims; effect_next_dim(&cursor, key);)
        if (!strcmp(key, wanted))
            return true;
    return false;
}

/* GET /events and /events/ID: the events behind the figures. */
#include "api.h"

#include "date.h"
#include "effect.h"
#include "totals_wire.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIMIT_MAX     1000
#define LIMIT_DEFAULT 100
#define LOOK_AT_ONCE  2000 /* events of the history in one call of the store */
#define LOOKS_MAX     50   /* calls for one request: then the client goes on by `next` */

struct page_query {
    struct call *call;
    struct range range;
    char kind[2], dim[EVENT_ID_MAX + 3], before[24];
    const char *metric;
    long limit, found;
    int looks;
    struct buf rows;
};

static void page_free(struct page_query *q)
{
    buf_free(&q->rows);
    free(q);
}

static bool ask_page(struct page_query *q);

static void finish_page(struct page_query *q, const char *next)
{
    struct buf body = {0};
    bool end = !strcmp(next, "0") || !strcmp(next, "1"); /* revision 1 is the first there is */
    buf_addf(&body, "{\"rev\":%" PRIu64 ",\"events\":[%s],\"next\":%s}",
             q->call->alliance->board.rev, q->rows.data ? q->rows.data : "", end ? "null" : next);
    answer_json(q->call, 200, &body);
    page_free(q);
}

static void on_page(void *ctx, const redisReply *reply)
{
    struct page_query *q = ctx;
    if (!reply || reply->elements < 1) {
        answer_trouble(q->call, TROUBLE_UNAVAILABLE, NULL, -1);
        page_free(q);
        return;
    }
    for (size_t i = 1; i < reply->elements; i++) {
        const char *row = reply->element[i]->str, *json = strchr(row, ' ');
        if (q->found++)
            buf_adds(&q->rows, ",");
        feed_write_entry(json + 1, strtoull(row, NULL, 10), &q->rows);
    }
    const char *next = reply->element[0]->str;
    bool more = strcmp(next, "0") != 0 && q->found < q->limit && ++q->looks < LOOKS_MAX;
    snprintf(q->before, sizeof q->before, "%s", next);
    if (!more || !ask_page(q))
        finish_page(q, q->before);
}

static bool ask_page(struct page_query *q)
{
    char limit[24], budget[24], from[16], to[16];
    snprintf(limit, sizeof limit, "%ld", q->limit - q->found);
    snprintf(budget, sizeof budget, "%d", LOOK_AT_ONCE);
    snprintf(from, sizeof from, "%d", q->range.from);
    snprintf(to, sizeof to, "%d", q->range.to);
    return store_page(q->call->alliance->store, on_page, q, q->before, limit, budget, q->kind,
                      q->dim, q->metric, from, to, q->range.all ? "1" : "0", NULL) == 0;
}

/* An integer parameter; false once it is answered as wrong. */
static bool read_number(struct call *c, const char *name, long max, long *out)
{
    char *end, allowed[40];
    const char *text = answer_query(c, name);
    if (!text)
        return true;
    *out = strtol(text, &end, 10);
    if (text[0] >= '0' && text[0] <= '9' && !*end && *out >= 1 && *out <= max)
        return true;
    snprintf(allowed, sizeof allowed, "1 – %ld", max);
    answer_bad_query(c, FAULT_OUT_OF_RANGE, name, allowed);
    return false;
}

static bool read_group(struct call *c, struct page_query *q)
{
    const char *by = answer_query(c, "by"), *id = answer_query(c, "id");
    int dim = by ? dimension_find(by) : DIM_TOTAL;
    if (dim < 0)
        answer_bad_query(c, FAULT_UNKNOWN_VALUE, "by",
                         "circle, community, unit, project, category");
    else if (!by != !id)
        answer_bad_query(c, FAULT_EITHER_OR, "id", "by and id together");
    else if (id && !event_id_ok(id))
        answer_bad_query(c, FAULT_BAD_ID, "id", "");
    else if (id && !catalogue_find(c->alliance->catalogue, (enum dimension)dim, id))
        answer_bad_query(c, FAULT_NOT_IN_CATALOGUE, "id", id);
    else {
        if (id)
            effect_dim_key((enum dimension)dim, id, q->dim);
        return true;
    }
    return false;
}

static bool read_page(struct call *c, struct page_query *q)
{
    static const char letters[EVENT_KINDS] = {'a', 'r', 'v', 'p', 'l', 'o', 'x'};
    const char *kind = answer_query(c, "kind"), *metric = answer_query(c, "metric");
    int k = kind ? event_kind_find(kind) : -1;
    long before = 0;
    q->limit = LIMIT_DEFAULT;
    q->metric = metric ? metric : "";
    strcpy(q->before, "+");
    if (!range_of(answer_query(c, "range"), alliance_board(c->alliance)->today, &q->range)) {
        answer_bad_query(c, FAULT_UNKNOWN_VALUE, "range",
                         "all, today, week, month, year, YYYY, YYYY-MM, YYYY-MM-DD");
        return false;
    }
    if (metric && metric_find(metric) < 0) {
        answer_bad_query(c, FAULT_UNKNOWN_VALUE, "metric",
                         "activities, venues, residents, residents_unique, problems_raised, "
                         "problems_solved");
        return false;
    }
    if (kind && k < 0) {
        answer_bad_query(c, FAULT_UNKNOWN_VALUE, "kind",
                         "activity, reach, venue, problem, plan, opening, void");
        return false;
    }
    if (kind)
        q->kind[0] = letters[k];
    if (!read_group(c, q) || !read_number(c, "limit", LIMIT_MAX, &q->limit) ||
        !read_number(c, "before", 9007199254740992L, &before))
        return false;
    if (before)
        snprintf(q->before, sizeof q->before, "%ld", before);
    return true;
}

void get_events(struct call *c)
{
    struct page_query *q = mem_alloc(sizeof *q);
    q->call = c;
    if (!read_page(c, q)) {
        page_free(q);
    } else if (!ask_page(q)) {
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
        page_free(q);
    }
}

/* --- one event ---------------------------------------------------------------------------- */

static void write_added(struct buf *out, const char *metric, long long n, const struct effect *x)
{
    char key[EVENT_ID_MAX + 3], day[11];
    if (n == 0)
        return;
    if (out->len && out->data[out->len - 1] == '}')
        buf_adds(out, ",");
    buf_addf(out, "{\"metric\":\"%s\",\"n\":%lld", metric, n);
    if (x->day)
        buf_addf(out, ",\"day\":\"%s\"", date_day_text(x->day, day));
    for (const char *cursor = x->dims; effect_next_dim(&cursor, key);)
        for (int d = DIM_CIRCLE; d < DIM_COUNT; d++)
            if (effect_dim_letter((enum dimension)d) == key[0])
                buf_addf(out, ",\"%s\":\"%s\"", dimension_names[d], key + 2);
    buf_adds(out, "}");
}

/* What the event adds to the counters at present. */
static void write_counted(struct buf *out, const struct effect *x)
{
    const char *n = x->n;
    switch (x->kind) {
    case 'a':
        write_added(out, "activities", 1, x);
        write_added(out, "residents", strtoll(n, NULL, 10), x);
        break;
    case 'r':
        write_added(out, "residents", strtoll(n, NULL, 10), x);
        break;
    case 'v':
        write_added(out, "venues", n[0] == '1', x);
        break;
    case 'p':
        if (n[0] != 'c')
            write_added(out, n[0] == 'r' ? "problems_raised" : "problems_solved", 1, x);
        break;
    case 'o':
        for (int m = 0; m < METRIC_SUMMED; m++, n += strcspn(n, ","), n += *n == ',')
            write_added(out, metric_names[m], strtoll(n, NULL, 10), x);
        break;
    default:
        break;
    }
}

static void on_event(void *ctx, const redisReply *reply)
{
    struct call *c = ctx;
    struct buf body = {0};
    struct effect x;
    if (!reply || reply->elements < 1) {
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
        return;
    }
    redisReply **e = reply->element;
    if (reply->elements < 6 || !effect_read(&x, e[1]->str, (size_t)e[1]->len)) {
        answer_trouble(c, TROUBLE_NOT_FOUND, "id", -1);
        return;
    }
    buf_addf(&body, "{\"event\":%s,\"rev\":%s,\"counted\":[", e[2]->str, e[0]->str);
    if (e[5]->str[0] == '1')
        write_counted(&body, &x);
    buf_adds(&body, "],\"void\":");
    if (e[3]->str[0] == '-')
        buf_adds(&body, "null");
    else
        feed_write_entry(e[4]->str, strtoull(e[3]->str, NULL, 10), &body);
    buf_adds(&body, "}");
    answer_json(c, 200, &body);
}

void get_event(struct call *c)
{
    if (!event_id_ok(c->rest))
        answer_trouble(c, TROUBLE_NOT_FOUND, "id", -1);
    else if (store_query(c->alliance->store, on_event, c, "event", c->rest, NULL))
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
}

#include "channel.h"

#include "date.h"
#include "effect.h"
#include "totals_wire.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct figures {
    int64_t n[METRIC_COUNT];
};

/* A view and what its screens were last sent. */
struct shown {
    struct view view;
    struct range range;
    size_t group_count;
    struct figures total, *groups; /* groups in the catalogue's order */
};

struct channel {
    size_t count;
    struct shown views[VIEWS_MAX];
    uint64_t rev, stamp; /* of the figures held */
};

static void dim_of(const struct board *b, enum dimension by, size_t i, char key[EVENT_ID_MAX + 3])
{
    effect_dim_key(by, catalogue_at(b->catalogue, by, i)->id, key);
}

static void take_view(struct shown *s, const struct board *b)
{
    char key[EVENT_ID_MAX + 3];
    range_of(s->view.range, b->today, &s->range);
    totals_get(b->totals, "t", &s->range, s->total.n);
    free(s->groups);
    s->group_count = s->view.by == DIM_TOTAL ? 0 : catalogue_count(b->catalogue, s->view.by);
    s->groups = s->group_count ? mem_alloc(s->group_count * sizeof *s->groups) : NULL;
    for (size_t i = 0; i < s->group_count; i++) {
        dim_of(b, s->view.by, i, key);
        totals_get(b->totals, key, &s->range, s->groups[i].n);
    }
}

void channel_reset(struct channel *c, const struct board *b)
{
    for (size_t i = 0; i < c->count; i++)
        take_view(&c->views[i], b);
    c->rev = b->rev;
    c->stamp = totals_stamp(b->totals);
}

struct channel *channel_new(const struct view *views, size_t count, const struct board *b)
{
    struct channel *c = mem_alloc(sizeof *c);
    c->count = count;
    for (size_t i = 0; i < count; i++)
        c->views[i].view = views[i];
    channel_reset(c, b);
    return c;
}

void channel_free(struct channel *c)
{
    for (size_t i = 0; i < c->count; i++)
        free(c->views[i].groups);
    free(c);
}

bool channel_is(const struct channel *c, const struct view *views, size_t count)
{
    if (c->count != count)
        return false;
    for (size_t i = 0; i < count; i++)
        if (c->views[i].view.by != views[i].by || c->views[i].view.cells != views[i].cells ||
            strcmp(c->views[i].view.range, views[i].range) != 0)
            return false;
    return true;
}

uint64_t channel_rev(const struct channel *c)
{
    return c->rev;
}

bool channel_is_stale(const struct channel *c, const struct board *b)
{
    struct range now;
    for (size_t i = 0; i < c->count; i++) {
        const struct range *was = &c->views[i].range;
        if (was->moves && range_of(was->name, b->today, &now) &&
            (now.from != was->from || now.to != was->to))
            return true;
    }
    return false;
}

/* --- messages ----------------------------------------------------------------------------- */

static void write_start(const char *type, const struct board *b, uint64_t rev, struct buf *out)
{
    buf_addf(out, "{\"type\":\"%s\",\"epoch\":\"%s\",\"rev\":%" PRIu64, type, b->epoch, rev);
}

/* How many entries of the catalogue aren't retired: what the headline shows of it. */
static long standing(const struct catalogue *c, enum dimension dim)
{
    long count = 0;
    for (size_t i = 0; i < catalogue_count(c, dim); i++)
        count += !catalogue_at(c, dim, i)->retired;
    return count;
}

/* The feed's entries after AFTER and up to UPTO, newest first as everywhere. */
static void write_feed(const struct board *b, uint64_t after, uint64_t upto, struct buf *out)
{
    const char *comma = "";
    buf_adds(out, "],\"events\":[");
    for (int i = FEED_SIZE - 1; i >= 0; i--) {
        const struct feed_entry *e = &b->feed[i];
        if (!e->json || e->rev <= after || e->rev > upto)
            continue;
        buf_adds(out, comma);
        feed_write_entry(e->json, e->rev, out);
        comma = ",";
    }
    buf_adds(out, "]");
}

static void write_changed_groups(struct shown *s, const struct board *b, uint64_t stamp,
                                 struct buf *out)
{
    char key[EVENT_ID_MAX + 3];
    int64_t n[METRIC_COUNT];
    const char *comma = "";
    for (size_t i = 0; i < s->group_count; i++) {
        dim_of(b, s->view.by, i, key);
        if (totals_stamp_of(b->totals, key) <= stamp)
            continue;
        totals_get(b->totals, key, &s->range, n);
        if (!memcmp(n, s->groups[i].n, sizeof n))
            continue;
        totals_write_group(catalogue_at(b->catalogue, s->view.by, i)->id, n, s->groups[i].n, comma,
                           out);
        memcpy(s->groups[i].n, n, sizeof n);
        comma = ",";
    }
}

void channel_advance(struct channel *c, const struct board *b, struct buf *out)
{
    int64_t n[METRIC_COUNT];
    write_start("delta", b, b->rev, out);
    buf_addf(out, ",\"prev\":%" PRIu64 ",\"views\":[", c->rev);
    for (size_t i = 0; i < c->count; i++) {
        struct shown *s = &c->views[i];
        totals_get(b->totals, "t", &s->range, n);
        buf_adds(out, i ? ",{\"totals\":" : "{\"totals\":");
        totals_write_metrics(n, s->total.n, out);
        memcpy(s->total.n, n, sizeof n);
        buf_adds(out, ",\"groups\":[");
        if (s->view.cells)
            cells_write(b->totals, "t", c->stamp, out);
        write_changed_groups(s, b, c->stamp, out);
        buf_adds(out, "]}");
    }
    write_feed(b, c->rev, b->rev, out);
    buf_adds(out, "}");
    c->rev = b->rev;
    c->stamp = totals_stamp(b->totals);
}

/* A view of a snapshot, behind its range. */
static void write_whole(const struct shown *s, const struct board *b, struct buf *out)
{
    if (s->view.by != DIM_TOTAL)
        buf_addf(out, "\"%s\"", dimension_names[s->view.by]);
    else
        buf_adds(out, s->view.cells ? "\"cell\"" : "null");
    buf_adds(out, ",\"totals\":");
    totals_write_metrics(s->total.n, NULL, out);
    buf_adds(out, ",\"groups\":[");
    for (size_t g = 0; g < s->group_count; g++)
        totals_write_group(catalogue_at(b->catalogue, s->view.by, g)->id, s->groups[g].n, NULL,
                           g ? "," : "", out);
    if (s->view.cells) /* may be ahead of the revision: then the next delta says them again */
        cells_write(b->totals, "t", 0, out);
    buf_adds(out, "]");
    if (s->view.cells)
        buf_addf(out, ",\"units\":%ld,\"projects\":%ld",
                 b->units + standing(b->catalogue, DIM_UNIT),
                 b->projects + standing(b->catalogue, DIM_PROJECT));
    if (s->view.cells && b->sums)
        buf_addf(out, ",\"sums\":%s", b->sums);
}

void channel_snapshot(const struct channel *c, const struct board *b, struct buf *out)
{
    char as_of[40];
    write_start("snapshot", b, c->rev, out);
    buf_addf(out, ",\"as_of\":\"%s\",\"views\":[", date_format(b->as_of, as_of));
    for (size_t i = 0; i < c->count; i++) {
        const struct shown *s = &c->views[i];
        buf_addf(out, "%s{\"range\":\"%s\",\"by\":", i ? "," : "", s->view.range);
        write_whole(s, b, out);
        buf_adds(out, "}");
    }
    write_feed(b, 0, c->rev, out);
    if (b->members)
        buf_addf(out, ",\"members\":%s", b->members);
    buf_adds(out, "}");
}

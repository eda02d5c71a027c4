#include "district.h"

#include "date.h"
#include "digest.h"
#include "feed.h"
#include "keep.h"
#include "log.h"
#include "member_wire.h"
#include "parts.h"
#include "peer.h"
#include "screens.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_WAIT 5                  /* s in which all members should have been heard */
#define OLD        (40 * DATE_SECOND) /* figures of this age aren't called live */
#define KEEP_EVERY 60                 /* s */

const char *const member_states[MEMBER_STATES] = {"unknown", "away", "paused", "live"};

struct member {
    struct district *district;
    const char *id; /* of its community; the settings' */
    struct part part;
    struct peer *peer;
    enum member_state state;
    bool fresh; /* this connection has brought a snapshot, on which its changes build */
    bool tried; /* or hasn't come about */
    struct member_news known; /* what it said last, without cells and events */
    uint64_t fed;             /* up to which revision its events are in the feed */
    bool changed;             /* since it was kept */
    struct buf sums;          /* of which districts it is the sum */
    unsigned kept_at;
};

struct district {
    struct alliance *alliance;
    struct board board;
    struct buf members, sums; /* the board's, as JSON */
    struct member *list;
    size_t count;
    char told_epoch[40]; /* what the screens know */
    uint64_t told_rev;
    bool stopped;
};

/* --- what is shown ------------------------------------------------------------------------ */

static const struct followed *listed(const struct member *m)
{
    const struct district *d = m->district;
    return &d->alliance->listed->members[m - d->list];
}

static void write_members(struct district *d)
{
    char as_of[40];
    buf_reset(&d->members);
    buf_reset(&d->sums);
    buf_adds(&d->members, "[");
    buf_addf(&d->sums, "[\"%s\"", d->alliance->board.epoch);
    d->board.units = d->board.projects = 0;
    for (size_t i = 0; i < d->count; i++) {
        const struct member *m = &d->list[i];
        const struct followed *f = listed(m);
        buf_add(&d->sums, m->sums.data, m->sums.len);
        d->board.units += m->known.units;
        d->board.projects += m->known.projects;
        buf_addf(&d->members, "%s{\"id\":\"%s\",\"state\":\"%s\",\"as_of\":", i ? "," : "", m->id,
                 member_states[m->state]);
        if (m->known.as_of)
            buf_addf(&d->members, "\"%s\"", date_format(m->known.as_of, as_of));
        else
            buf_adds(&d->members, "null");
        buf_addf(&d->members, ",\"units\":%ld,\"projects\":%ld,\"screen\":", m->known.units,
                 m->known.projects);
        buf_add_json(&d->members, f->screen ? f->screen : f->url);
        buf_adds(&d->members, "}");
    }
    buf_adds(&d->members, "]");
    buf_adds(&d->sums, "]");
    d->board.members = d->members.data;
    d->board.sums = d->sums.data;
}

/* As old as the oldest of those that are live; where none is, as the newest. */
static int64_t district_as_of(const struct district *d)
{
    int64_t live = INT64_MAX, newest = 0;
    for (size_t i = 0; i < d->count; i++) {
        const struct member *m = &d->list[i];
        if (m->state == MEMBER_LIVE && m->known.as_of < live)
            live = m->known.as_of;
        if (m->known.as_of > newest)
            newest = m->known.as_of;
    }
    return live < INT64_MAX ? live : newest;
}

/* Two daemons that follow the same members show the same: neither number is a daemon's own. A
 * member's history that isn't a continuation makes the district's another. */
static void take_revisions(struct district *d)
{
    unsigned char digest[DIGEST_SIZE];
    struct buf text = {0};
    d->board.rev = 0;
    for (size_t i = 0; i < d->count; i++) {
        d->board.rev += d->list[i].known.rev;
        buf_addf(&text, "%s %s\n", d->list[i].id, d->list[i].known.epoch);
    }
    digest_sha256(text.data, text.len, digest);
    digest_hex(digest, 12, d->board.epoch);
    buf_free(&text);
}

/* Nothing is shown before all could be heard, unless one doesn't speak; nor if none ever was. */
static bool may_show(const struct district *d)
{
    bool known = false, tried = true;
    for (size_t i = 0; i < d->count; i++) {
        known |= d->list[i].state != MEMBER_UNKNOWN;
        tried &= d->list[i].tried;
    }
    return known && (tried || d->alliance->app->seconds >= FIRST_WAIT);
}

/* Something is known that wasn't: tells the screens. */
static void show(struct district *d)
{
    bool loaded = d->board.loaded;
    if (d->stopped)
        return;
    d->board.as_of = district_as_of(d);
    d->board.loaded = loaded || may_show(d);
    if (!d->board.loaded)
        return;
    bool goes_on = loaded && strcmp(d->told_epoch, d->board.epoch) == 0;
    uint64_t told = d->told_rev;
    memcpy(d->told_epoch, d->board.epoch, sizeof d->told_epoch);
    d->told_rev = d->board.rev;
    if (!goes_on)
        screens_reset(d->alliance->screens);
    else if (told != d->board.rev)
        screens_changed(d->alliance->screens);
}

static void set_state(struct member *m, enum member_state state, const char *reason)
{
    struct district *d = m->district;
    enum member_state was = m->state;
    m->state = state;
    write_members(d);
    show(d);
    if ((was == state && !reason) || d->stopped) /* that it never came is told, too */
        return;
    enum log_level level = state == MEMBER_LIVE ? LOG_INFO : LOG_WARN;
    const char *label = alliance_label(d->alliance), *of = alliance_id(d->alliance);
    if (reason)
        log_write(level, "member", "id", m->id, "state", member_states[state], "reason", reason,
                  label, of, NULL);
    else
        log_write(level, "member", "id", m->id, "state", member_states[state], label, of, NULL);
    screens_status(d->alliance->screens);
}

/* --- what is kept ------------------------------------------------------------------------- */

static void keep(struct member *m)
{
    struct district *d = m->district;
    struct buf name = {0}, text = {0};
    buf_addf(&name, "member-%s", m->id);
    member_write(&m->known, d->board.totals, m->part.dim, &text);
    if (keep_write(d->alliance->folder, name.data, &text) == 0)
        m->changed = false;
    else
        log_write(LOG_WARN, "member_not_kept", "id", m->id, "reason", strerror(errno), NULL);
    buf_free(&name);
    buf_free(&text);
    m->kept_at = d->alliance->app->seconds;
}

static void put_cells(struct member *m, const struct member_news *news)
{
    for (size_t i = 0; i < news->cell_count; i++)
        part_put(m->district->board.totals, &m->part, &news->cells[i]);
}

/* The values of NEWS, without what is in it by pointer. */
static void know(struct member *m, const struct member_news *news)
{
    m->known = *news;
    m->known.cells = NULL;
    m->known.cell_count = 0;
    m->known.events = m->known.sums = m->known.root = NULL;
    buf_reset(&m->sums);
    member_sums_write(news, &m->sums);
    m->changed = true;
}

static void remember(struct member *m)
{
    struct buf name = {0};
    struct member_news news;
    size_t len;
    buf_addf(&name, "member-%s", m->id);
    char *text = keep_read(m->district->alliance->folder, name.data, &len);
    if (text && member_read(text, len, &news)) {
        put_cells(m, &news);
        know(m, &news);
        m->state = MEMBER_AWAY;
        m->changed = false;
        member_news_clear(&news);
    }
    free(text);
    buf_free(&name);
}

/* --- what members say --------------------------------------------------------------------- */

/* It has this district's own figures among its, which would grow without end. */
static void refuse_loop(struct member *m)
{
    struct totals *none = totals_new();
    part_replace(m->district->board.totals, &m->part, none);
    totals_free(none);
    know(m, &(struct member_news){.epoch = ""});
    take_revisions(m->district);
    m->fed = 0;
    feed_forget(&m->district->board, m->id);
    peer_reset(m->peer, "its figures are this district's own");
}

static void on_snapshot(struct member *m, const struct member_news *news)
{
    struct district *d = m->district;
    int64_t now = date_now(), as_of = news->as_of < now ? news->as_of : now;
    bool goes_on = strcmp(m->known.epoch, news->epoch) == 0;
    if (member_sums_have(news, d->alliance->board.epoch)) {
        refuse_loop(m);
        return;
    }
    if (goes_on && news->rev < m->known.rev) {
        peer_reset(m->peer, "it is behind what it has said before");
        return;
    }
    struct totals *fresh = totals_new();
    for (size_t i = 0; i < news->cell_count; i++)
        totals_put(fresh, m->part.dim, &news->cells[i]);
    part_replace(d->board.totals, &m->part, fresh);
    totals_free(fresh);
    know(m, news);
    m->known.as_of = as_of;
    m->fresh = m->tried = true;
    take_revisions(d);
    if (!goes_on)
        feed_forget(&d->board, m->id);
    feed_merge(&d->board, news->events, m->id, goes_on ? m->fed : 0);
    m->fed = news->rev;
    peer_good(m->peer);
    set_state(m, now - as_of > OLD ? MEMBER_PAUSED : MEMBER_LIVE, NULL);
}

static void on_delta(struct member *m, const struct member_news *news)
{
    if (!m->fresh || news->prev != m->known.rev || strcmp(news->epoch, m->known.epoch) != 0) {
        m->fresh = false;
        peer_ask(m->peer);
        return;
    }
    put_cells(m, news);
    m->district->board.rev += news->rev - m->known.rev;
    m->known.rev = news->rev;
    m->known.as_of = date_now();
    m->changed = true;
    feed_merge(&m->district->board, news->events, m->id, m->fed);
    m->fed = news->rev;
    show(m->district);
}

/* The age is a difference of its own clock, so that clocks needn't agree. */
static void on_status(struct member *m, const struct member_news *news)
{
    int64_t age = news->now - news->as_of;
    if (!m->fresh || !news->now || !news->as_of)
        return;
    m->known.as_of = date_now() - (age > 0 ? age : 0);
    m->changed = true;
    set_state(m, news->store_up && age < OLD ? MEMBER_LIVE : MEMBER_PAUSED, NULL);
}

static void on_message(void *ctx, const char *text, size_t len)
{
    struct member *m = ctx;
    struct member_news news;
    if (!member_read(text, len, &news)) {
        peer_reset(m->peer, "it says what no tallyd says");
        return;
    }
    if (news.what == MEMBER_SNAPSHOT)
        on_snapshot(m, &news);
    else if (news.what == MEMBER_DELTA)
        on_delta(m, &news);
    else if (news.what == MEMBER_STATUS)
        on_status(m, &news);
    member_news_clear(&news);
}

static void on_down(void *ctx, const char *reason)
{
    struct member *m = ctx;
    m->fresh = false;
    m->tried = true;
    if (m->changed)
        keep(m);
    set_state(m, m->known.epoch[0] ? MEMBER_AWAY : MEMBER_UNKNOWN, reason);
}

/* --- life --------------------------------------------------------------------------------- */

static void find_part(struct member *m)
{
    const struct catalogue *c = m->district->alliance->catalogue;
    part_of(catalogue_find(c, DIM_COMMUNITY, m->id), &m->part);
}

struct district *district_open(struct alliance *a)
{
    struct district *d = mem_alloc(sizeof *d);
    d->alliance = a;
    d->count = a->listed->member_count;
    d->list = mem_alloc(d->count * sizeof *d->list);
    d->board.catalogue = a->catalogue;
    d->board.totals = totals_new();
    for (size_t i = 0; i < d->count; i++) {
        struct member *m = &d->list[i];
        m->district = d;
        m->id = mem_string(a->listed->members[i].id);
        find_part(m);
        remember(m);
    }
    take_revisions(d);
    d->board.as_of = district_as_of(d);
    write_members(d);
    return d;
}

void district_start(struct district *d, struct server *server)
{
    for (size_t i = 0; i < d->count; i++) {
        const struct followed *f = listed(&d->list[i]);
        struct peer_options options = {.url = f->url,
                                       .token = f->token ? f->token : "",
                                       .hello = MEMBER_VIEWS,
                                       .looking_up = &d->alliance->app->looking_up,
                                       .handler = {&d->list[i], on_message, on_down}};
        d->list[i].peer = peer_open(server, &options);
    }
}

/* At most one file a second: a disk that is slow holds nobody up for long. */
static void keep_one(struct district *d)
{
    unsigned now = d->alliance->app->seconds;
    for (size_t i = 0; i < d->count; i++) {
        struct member *m = &d->list[i];
        if (m->changed && now - m->kept_at >= KEEP_EVERY) {
            keep(m);
            return;
        }
    }
}

void district_tick(struct district *d)
{
    write_members(d);
    if (!d->board.loaded)
        show(d);
    keep_one(d);
}

void district_stop(struct district *d)
{
    d->stopped = true;
    for (size_t i = 0; i < d->count; i++) {
        struct member *m = &d->list[i];
        if (m->peer)
            peer_close(m->peer);
        m->peer = NULL;
        if (m->changed)
            keep(m);
    }
}

void district_free(struct district *d)
{
    if (!d)
        return;
    for (size_t i = 0; i < d->count; i++) {
        free((char *)(uintptr_t)d->list[i].id);
        buf_free(&d->list[i].sums);
    }
    totals_free(d->board.totals);
    feed_clear(&d->board);
    buf_free(&d->members);
    buf_free(&d->sums);
    free(d->list);
    free(d);
}

struct board *district_board(struct district *d)
{
    return &d->board;
}

struct moving {
    struct totals *to;
    const struct part *part;
};

static void move(void *ctx, const struct cell *c)
{
    const struct moving *m = ctx;
    part_put(m->to, m->part, c);
}

void district_take_catalogue(struct district *d)
{
    struct totals *was = d->board.totals;
    d->board.catalogue = d->alliance->catalogue;
    d->board.totals = totals_new();
    for (size_t i = 0; i < d->count; i++) {
        struct moving moving = {d->board.totals, &d->list[i].part};
        find_part(&d->list[i]);
        totals_cells(was, d->list[i].part.dim, 0, move, &moving);
    }
    totals_free(was);
    write_members(d);
}

void district_count(const struct district *d, long out[MEMBER_STATES])
{
    memset(out, 0, MEMBER_STATES * sizeof *out);
    for (size_t i = 0; i < d->count; i++)
        out[d->list[i].state]++;
}

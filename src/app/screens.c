#include "screens.h"

#include "buf.h"
#include "channel.h"
#include "date.h"
#include "identify.h"
#include "limit.h"
#include "stats.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define uthash_fatal(msg) abort()
#include <uthash.h>

/* A channel, who looks at it, and its snapshot as a frame while that is current. */
struct screen {
    struct channel *channel;
    int refs;
    struct frame *snapshot;
    int64_t as_of; /* that the snapshot bears */
    UT_hash_handle hh;
};

struct screens {
    struct alliance *alliance;
    struct live *live;
    struct screen *list;
    uv_timer_t timer;
    uint64_t beat;  /* loop time at which the last push was due */
    uint64_t since; /* uv_hrtime of the first change that it hasn't pushed */
    bool waiting;   /* for the timer */
    bool queue;     /* was told in the last status */
};

static struct frame *frame_of(struct buf *text)
{
    struct frame *f = frame_new(text->data, text->len);
    buf_free(text);
    return f;
}

static void forget_snapshot(struct screen *s)
{
    if (s->snapshot)
        frame_unref(s->snapshot);
    s->snapshot = NULL;
}

/* --- what the server asks ----------------------------------------------------------------- */

static int on_admit(void *ctx, struct visitor *v)
{
    struct alliance *alliance = ((struct screens *)ctx)->alliance;
    if (limits_request(alliance->app, v->peer))
        return 429;
    if (v->origin && !origin_allowed(alliance, v->host, v->origin))
        return 403;
    if (v->owner || alliance->app->config.viewers_open)
        return 0;
    struct identity who =
        v->token ? identity_of_token(alliance, v->token) : identity_of_cookie(alliance, v->cookie);
    snprintf(v->name, sizeof v->name, "%s", who.name);
    if (who.role != ROLE_NONE)
        return 0;
    return v->token && note_refused(alliance, v->peer, "bad_token") ? 429 : 401;
}

static struct channel *enter(struct screens *s, const struct view *views, size_t count)
{
    struct screen *screen;
    for (screen = s->list; screen; screen = screen->hh.next)
        if (channel_is(screen->channel, views, count))
            break;
    if (!screen) {
        screen = mem_alloc(sizeof *screen);
        screen->channel = channel_new(views, count, alliance_board(s->alliance));
        HASH_ADD_PTR(s->list, channel, screen);
    }
    screen->refs++;
    return screen->channel;
}

static struct channel *on_join(void *ctx)
{
    static const struct view all = {.range = "all"};
    return enter(ctx, &all, 1);
}

static struct channel *on_message(void *ctx, const char *text, size_t len, char **error)
{
    struct screens *s = ctx;
    struct view views[VIEWS_MAX];
    char reason[400];
    size_t count =
        views_read(text, len, alliance_board(s->alliance)->today, views, reason, sizeof reason);
    if (count)
        return enter(s, views, count);
    struct buf out = {0};
    live_error_write("bad_message", reason, &out);
    *error = buf_take(&out, NULL);
    return NULL;
}

static struct screen *find(struct screens *s, struct channel *c)
{
    struct screen *screen;
    HASH_FIND_PTR(s->list, &c, screen);
    return screen;
}

static void on_leave(void *ctx, struct channel *c)
{
    struct screens *s = ctx;
    struct screen *screen = find(s, c);
    if (--screen->refs > 0)
        return;
    HASH_DEL(s->list, screen);
    forget_snapshot(screen);
    channel_free(screen->channel);
    free(screen);
}

static struct frame *on_snapshot(void *ctx, struct channel *c, uint64_t *rev)
{
    struct screens *s = ctx;
    struct screen *screen = find(s, c);
    const struct board *b = alliance_board(s->alliance);
    struct buf text = {0};
    if (!b->loaded)
        return NULL;
    *rev = channel_rev(c);
    /* Nothing may have happened for hours; who comes now learns that it is known as of now. */
    if (llabs(b->as_of - screen->as_of) >= DATE_SECOND)
        forget_snapshot(screen);
    if (!screen->snapshot) {
        screen->as_of = b->as_of;
        channel_snapshot(c, b, &text);
        screen->snapshot = frame_of(&text);
    }
    return screen->snapshot;
}

/* --- pushing ------------------------------------------------------------------------------ */

/* DUE: when. Only what somebody was sent keeps the next one waiting. */
static void push(struct screens *s, uint64_t due)
{
    const struct board *b = alliance_board(s->alliance);
    for (struct screen *screen = s->list, *next; screen; screen = next) {
        struct buf text = {0};
        uint64_t prev = channel_rev(screen->channel);
        next = screen->hh.next;
        if (prev == b->rev)
            continue;
        s->beat = due;
        channel_advance(screen->channel, b, &text);
        forget_snapshot(screen);
        struct frame *delta = frame_of(&text);
        live_publish(s->live, screen->channel, delta, prev, b->rev);
        frame_unref(delta);
    }
    stats_time(TIMED_PUSH, uv_hrtime() - s->since);
}

static uint64_t pause_of(const struct screens *s)
{
    return (uint64_t)(1000 / s->alliance->app->config.push_max_hz);
}

/* A timer that comes late doesn't put off those after it. */
static void on_due(uv_timer_t *timer)
{
    struct screens *s = timer->data;
    s->waiting = false;
    push(s, s->beat + pause_of(s));
}

void screens_changed(struct screens *s)
{
    uint64_t now = uv_now(s->alliance->app->loop), next = s->beat + pause_of(s);
    if (!s->live || s->waiting)
        return;
    s->since = uv_hrtime();
    if (now >= next) {
        push(s, now);
        return;
    }
    s->waiting = true;
    uv_timer_start(&s->timer, on_due, next - now, 0);
}

static void reset(struct screens *s, bool only_stale)
{
    const struct board *b = alliance_board(s->alliance);
    if (!s->live || !b->loaded)
        return;
    for (struct screen *screen = s->list, *next; screen; screen = next) {
        next = screen->hh.next;
        if (only_stale && !channel_is_stale(screen->channel, b))
            continue;
        channel_reset(screen->channel, b);
        forget_snapshot(screen);
        live_publish(s->live, screen->channel, NULL, 0, b->rev);
    }
}

void screens_reset(struct screens *s)
{
    reset(s, false);
}

void screens_new_day(struct screens *s)
{
    reset(s, true);
}

void screens_status(struct screens *s)
{
    struct buf text = {0};
    if (!s->live)
        return;
    const struct board *b = alliance_board(s->alliance);
    bool up = store_is_up(s->alliance->store);
    const char *alarm = intake_alarm(s->alliance->intake);
    const char *down = store_reason(s->alliance->store);
    long long queued = intake_queued(s->alliance->intake);
    s->queue = queued > 0;
    status_write(up        ? alarm
                 : down[0] ? down
                           : "unknown",
                 queued, b, date_now(), s->alliance->build, &text);
    struct frame *f = frame_of(&text);
    live_status(s->live, f);
    frame_unref(f);
}

void screens_tick(struct screens *s)
{
    if (s->queue && intake_queued(s->alliance->intake) == 0)
        screens_status(s);
}

static bool may_stay(void *ctx, const char *name)
{
    const struct alliance *alliance = ctx;
    return name[0] ? guard_has(alliance->guard, name) : alliance->app->config.viewers_open;
}

void screens_check(struct screens *s)
{
    if (s->live)
        live_check(s->live, may_stay, s->alliance);
}

/* --- life --------------------------------------------------------------------------------- */

struct screens *screens_new(struct alliance *alliance)
{
    struct screens *s = mem_alloc(sizeof *s);
    s->alliance = alliance;
    uv_timer_init(alliance->app->loop, &s->timer);
    s->timer.data = s;
    return s;
}

void screens_start(struct screens *s, struct server *server)
{
    const struct live_handler handler = {s, on_admit, on_join, on_message, on_leave, on_snapshot};
    s->live = server_open_live(server, &handler);
}

struct live *screens_live(const struct screens *s)
{
    return s->live;
}

void screens_stop(struct screens *s)
{
    s->live = NULL;
    uv_close((uv_handle_t *)&s->timer, NULL);
}

void screens_free(struct screens *s)
{
    struct screen *screen, *next;
    if (!s)
        return;
    HASH_ITER(hh, s->list, screen, next)
    {
        HASH_DEL(s->list, screen);
        forget_snapshot(screen);
        channel_free(screen->channel);
        free(screen);
    }
    free(s);
}

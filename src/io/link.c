#include "link.h"

#include "buf.h"
#include "digest.h"
#include "route.h"
#include <hiredis/async.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BACKOFF_FIRST 50
#define BACKOFF_MAX   1000 /* a screen waits for it when the store is back; a try costs nothing */
#define CONNECT_MS    2000
#define LATE_MS       1000

struct pending {
    link_reply on_reply;
    void *ctx;
    uint64_t late, deadline; /* loop time in ms */
    struct link *link;
    struct pending *next;
};

enum link_state { LINK_WAITING, LINK_CONNECTING, LINK_SIGNING_IN, LINK_UP, LINK_CLOSED };

struct link {
    uv_loop_t *loop;
    const struct address *address; /* or */
    struct route *route;
    const char *name;
    unsigned timeout_ms, backoff;
    struct link_handler handler;
    enum link_state state;
    redisAsyncContext *redis;
    uv_timer_t timer; /* reconnect while waiting, else the oldest deadline */
    struct pending *first, **last;
    unsigned answers; /* that came, or will not come any more */
    char reason[240];
};

/* --- hiredis on our loop ------------------------------------------------------------------ */

struct watch {
    uv_poll_t poll;
    redisAsyncContext *redis;
    int events;
    bool sending; /* a command is being added, and will be written straight away */
};

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct watch *w = poll->data;
    /* libuv says a connection's end as a bad status, and watches no longer: reading is how hiredis
     * learns of it. */
    if (status < 0)
        w->events = 0;
    if (status < 0 || (events & UV_READABLE))
        redisAsyncHandleRead(w->redis);
    if (poll->data && status >= 0 && (events & UV_WRITABLE) && !uv_is_closing((uv_handle_t *)poll))
        redisAsyncHandleWrite(w->redis);
}

/* Each change costs libuv two calls of the kernel, so there is none where nothing changes. */
static void watch_set(struct watch *w, int events)
{
    if (w->events == events)
        return;
    w->events = events;
    if (events)
        uv_poll_start(&w->poll, events, on_poll);
    else
        uv_poll_stop(&w->poll);
}

static void on_add_read(void *p)
{
    watch_set(p, ((struct watch *)p)->events | UV_READABLE);
}
static void on_del_read(void *p)
{
    watch_set(p, ((struct watch *)p)->events & ~UV_READABLE);
}
static void on_add_write(void *p)
{
    struct watch *w = p;
    if (!w->sending)
        watch_set(w, w->events | UV_WRITABLE);
}
static void on_del_write(void *p)
{
    watch_set(p, ((struct watch *)p)->events & ~UV_WRITABLE);
}

static void on_watch_closed(uv_handle_t *handle)
{
    free(handle); /* poll is the first member */
}

static void on_cleanup(void *p)
{
    struct watch *w = p;
    w->redis->ev.data = NULL;
    uv_poll_stop(&w->poll);
    uv_close((uv_handle_t *)&w->poll, on_watch_closed);
}

static void watch_attach(uv_loop_t *loop, redisAsyncContext *redis)
{
    struct watch *w = mem_alloc(sizeof *w);
    w->redis = redis;
    uv_poll_init(loop, &w->poll, redis->c.fd);
    w->poll.data = w;
    redis->ev.addRead = on_add_read;
    redis->ev.delRead = on_del_read;
    redis->ev.addWrite = on_add_write;
    redis->ev.delWrite = on_del_write;
    redis->ev.cleanup = on_cleanup;
    redis->ev.data = w;
}

/* --- life of a connection ----------------------------------------------------------------- */

static void link_connect(struct link *l);

static void on_retry(uv_timer_t *timer)
{
    link_connect(timer->data);
}

/* Waits before the next try: twice as long each time, give or take a quarter, so that many
 * daemons don't come back in step. */
static void link_wait(struct link *l)
{
    unsigned char dice;
    bool was_closed = l->state == LINK_CLOSED;
    if (was_closed)
        return;
    l->state = LINK_WAITING;
    digest_random(&dice, 1);
    unsigned wait = l->backoff * (192 + dice / 2) / 256;
    l->backoff = l->backoff * 2 > BACKOFF_MAX ? BACKOFF_MAX : l->backoff * 2;
    uv_timer_start(&l->timer, on_retry, wait, 0);
    l->handler.down(l->handler.ctx, l->reason);
}

static void set_reason(struct link *l, const char *reason)
{
    if (!l->reason[0])
        snprintf(l->reason, sizeof l->reason, "%s", reason && *reason ? reason : "unknown");
}

/* Not by our own will: whoever is asked for the way should know. */
static void link_lost(struct link *l)
{
    link_wait(l);
    route_failed(l->route);
}

static void on_connected(const redisAsyncContext *redis, int status);

static void on_disconnected(const redisAsyncContext *redis, int status)
{
    struct link *l = redis->data;
    if (!l)
        return;
    if (status != REDIS_OK)
        set_reason(l, redis->errstr);
    set_reason(l, "connection closed");
    l->redis = NULL;
    link_lost(l);
}

/* Whether the answer was only not read yet, since it was this process that stood still. */
static bool has_come(struct link *l)
{
    unsigned before = l->answers;
    if (l->state == LINK_SIGNING_IN || l->state == LINK_UP)
        redisAsyncHandleRead(l->redis);
    return l->answers != before;
}

static void on_deadline(uv_timer_t *timer)
{
    struct link *l = timer->data;
    if (has_come(l))
        return;
    link_reset(l, l->state == LINK_CONNECTING ? "no connection in time" : "no answer in time");
    route_failed(l->route);
}

static void arm_deadline(struct link *l)
{
    uint64_t now = uv_now(l->loop);
    if (l->state == LINK_WAITING || l->state == LINK_CLOSED)
        return;
    if (!l->first)
        uv_timer_stop(&l->timer);
    else
        uv_timer_start(&l->timer, on_deadline,
                       l->first->deadline > now ? l->first->deadline - now : 0, 0);
}

static void on_signed_in(void *ctx, const redisReply *reply)
{
    struct link *l = ctx;
    if (!reply)
        return; /* on_disconnected tells */
    if (reply->type == REDIS_REPLY_ERROR) {
        link_reset(l, reply->str);
    }
}

static void on_ready(void *ctx, const redisReply *reply)
{
    struct link *l = ctx;
    on_signed_in(ctx, reply);
    if (!reply || reply->type == REDIS_REPLY_ERROR || l->state != LINK_SIGNING_IN)
        return;
    l->state = LINK_UP;
    l->reason[0] = '\0';
    route_works(l->route);
    l->handler.up(l->handler.ctx);
}

/* Where the master may change, one who is none isn't spoken to, whoever has named it. */
static void on_role(void *ctx, const redisReply *reply)
{
    struct link *l = ctx;
    on_signed_in(ctx, reply);
    if (!reply || reply->type != REDIS_REPLY_ARRAY || reply->elements < 1 ||
        !strcmp(reply->element[0]->str, "master"))
        return;
    link_reset(l, "it isn't a master");
    route_failed(l->route);
}

/* A server that asks for no password refuses one. */
static void on_password(void *ctx, const redisReply *reply)
{
    const struct link *l = ctx;
    if (!l->address || !l->address->password_may_fail)
        on_signed_in(ctx, reply);
}

static const struct address *where(const struct link *l)
{
    return l->route ? route_where(l->route) : l->address;
}

static void sign_in(struct link *l)
{
    const struct address *a = where(l);
    l->state = LINK_SIGNING_IN;
    if (a->password && a->user)
        link_sendf(l, on_password, l, "AUTH %s %s", a->user, a->password);
    else if (a->password)
        link_sendf(l, on_password, l, "AUTH %s", a->password);
    if (a->db)
        link_sendf(l, on_signed_in, l, "SELECT %d", a->db);
    if (route_fails_over(l->route))
        link_sendf(l, on_role, l, "ROLE");
    link_sendf(l, on_ready, l, "PING");
}

static void on_connected(const redisAsyncContext *redis, int status)
{
    struct link *l = redis->data;
    if (!l)
        return;
    if (status == REDIS_OK) {
        uv_timer_stop(&l->timer);
        sign_in(l);
        return;
    }
    set_reason(l, redis->errstr);
    l->redis = NULL; /* hiredis frees it */
    link_lost(l);
}

static void link_connect(struct link *l)
{
    const struct address *a = where(l);
    l->state = LINK_CONNECTING;
    l->reason[0] = '\0';
    if (!a) {
        set_reason(l, route_reason(l->route));
        link_wait(l);
        return;
    }
    redisAsyncContext *redis = a->path ? redisAsyncConnectUnix(a->path)
                                       : redisAsyncConnect(a->server.name, a->server.port);
    if (!redis || redis->err) {
        set_reason(l, redis ? redis->errstr : "out of memory");
        if (redis)
            redisAsyncFree(redis);
        link_lost(l);
        return;
    }
    l->redis = redis;
    redis->data = l;
    watch_attach(l->loop, redis);
    redisAsyncSetConnectCallback(redis, on_connected);
    redisAsyncSetDisconnectCallback(redis, on_disconnected);
    uv_timer_start(&l->timer, on_deadline, CONNECT_MS, 0);
}

static struct link *link_new(uv_loop_t *loop, const char *name, unsigned timeout_ms,
                             struct link_handler handler)
{
    struct link *l = mem_alloc(sizeof *l);
    l->loop = loop;
    l->name = name;
    l->timeout_ms = timeout_ms;
    l->backoff = BACKOFF_FIRST;
    l->handler = handler;
    l->last = &l->first;
    uv_timer_init(loop, &l->timer);
    l->timer.data = l;
    l->state = LINK_WAITING;
    uv_timer_start(&l->timer, on_retry, 0, 0); /* not inside this call */
    return l;
}

struct link *link_open(uv_loop_t *loop, const struct address *address, const char *name,
                       unsigned timeout_ms, struct link_handler handler)
{
    struct link *l = link_new(loop, name, timeout_ms, handler);
    l->address = address;
    return l;
}

struct link *link_open_on(uv_loop_t *loop, struct route *route, const char *name,
                          unsigned timeout_ms, struct link_handler handler)
{
    struct link *l = link_new(loop, name, timeout_ms, handler);
    l->route = route;
    route_join(route, l);
    return l;
}

static void on_timer_closed(uv_handle_t *handle)
{
    free(handle->data);
}

/* Frees the context; what is pending is called back with NULL meanwhile. */
static void drop(struct link *l)
{
    redisAsyncContext *redis = l->redis;
    l->redis = NULL;
    if (!redis)
        return;
    redis->data = NULL;
    redisAsyncFree(redis);
}

void link_close(struct link *l)
{
    if (!l)
        return;
    l->state = LINK_CLOSED;
    if (l->route)
        route_leave(l->route, l);
    drop(l);
    uv_timer_stop(&l->timer);
    uv_close((uv_handle_t *)&l->timer, on_timer_closed);
}

void link_reset(struct link *l, const char *reason)
{
    if (l->state == LINK_WAITING || l->state == LINK_CLOSED || !l->redis)
        return;
    set_reason(l, reason);
    l->state = LINK_WAITING;
    drop(l);
    link_wait(l);
}

void link_moved(struct link *l, const char *reason, bool at_once)
{
    l->backoff = BACKOFF_FIRST;
    link_reset(l, reason);
    if (l->state == LINK_WAITING && at_once)
        uv_timer_start(&l->timer, on_retry, 0, 0);
}

bool link_is_up(const struct link *l)
{
    return l->state == LINK_UP;
}

bool link_is_late(const struct link *l)
{
    return l->first && l->first->late <= uv_now(l->loop);
}

void link_good(struct link *l)
{
    l->backoff = BACKOFF_FIRST;
}

/* --- commands ----------------------------------------------------------------------------- */

static void on_answer(redisAsyncContext *redis, void *answer, void *ctx)
{
    struct pending *p = ctx;
    struct link *l = p->link;
    const redisReply *reply = answer;
    (void)redis;
    l->answers++;
    l->first = p->next; /* answers come in the order of commands */
    if (!l->first)
        l->last = &l->first;
    arm_deadline(l);
    if (p->on_reply)
        p->on_reply(p->ctx, reply);
    if (reply && reply->type == REDIS_REPLY_ERROR && l->state != LINK_CLOSED)
        route_said(l->route, reply->str);
    free(p);
}

static struct pending *pending_new(struct link *l, link_reply on_reply, void *ctx,
                                   unsigned timeout_ms)
{
    struct pending *p = mem_alloc(sizeof *p);
    p->on_reply = on_reply;
    p->ctx = ctx;
    p->link = l;
    p->deadline = uv_now(l->loop) + (timeout_ms ? timeout_ms : l->timeout_ms);
    p->late = timeout_ms ? p->deadline : uv_now(l->loop) + LATE_MS;
    return p;
}

static bool may_send(const struct link *l)
{
    return l->redis && (l->state == LINK_UP || l->state == LINK_SIGNING_IN);
}

/* Writes what the socket takes; the loop is asked only for the rest, and for telling hiredis of an
 * error, which ends the connection: that mustn't happen inside link_send. */
static void write_straight(struct link *l)
{
    struct watch *w = l->redis->ev.data;
    int done = 0;
    if (redisBufferWrite(&l->redis->c, &done) != REDIS_OK || !done)
        watch_set(w, w->events | UV_WRITABLE);
}

static int pending_sent(struct link *l, struct pending *p, int status)
{
    if (status != REDIS_OK) {
        free(p);
        return -1;
    }
    *l->last = p;
    l->last = &p->next;
    if (l->first == p)
        arm_deadline(l);
    write_straight(l);
    return 0;
}

static void begin_sending(struct link *l, bool sending)
{
    struct watch *w = l->redis->ev.data;
    w->sending = sending;
}

int link_send(struct link *l, link_reply on_reply, void *ctx, unsigned timeout_ms, int argc,
              const char **argv, const size_t *argvlen)
{
    if (!may_send(l))
        return -1;
    struct pending *p = pending_new(l, on_reply, ctx, timeout_ms);
    begin_sending(l, true);
    int status = redisAsyncCommandArgv(l->redis, on_answer, p, argc, argv, argvlen);
    begin_sending(l, false);
    return pending_sent(l, p, status);
}

int link_sendf(struct link *l, link_reply on_reply, void *ctx, const char *format, ...)
{
    if (!may_send(l))
        return -1;
    struct pending *p = pending_new(l, on_reply, ctx, 0);
    va_list args;
    va_start(args, format);
    begin_sending(l, true);
    int status = redisvAsyncCommand(l->redis, on_answer, p, format, args);
    begin_sending(l, false);
    va_end(args);
    return pending_sent(l, p, status);
}

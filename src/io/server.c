#include "server.h"

#include "accept.h"
#include "http_events.h"
#include "log.h"
#include "lws_log.h"
#include "session.h"
#include "stats.h"

#include <libwebsockets.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define TICK_MS      1000
#define TICK_LAST_MS 50 /* while closing */
#define FILES_MIN    65536
#define FILES_OTHER  128 /* descriptors that aren't clients */
#define HEAD_TIMEOUT 5   /* s for a whole head */
#define KEEP_ALIVE   15  /* s that an idle connection is kept */

struct server {
    uv_loop_t *loop;
    struct lws_context *context;
    struct lws_vhost *vhost;
    struct acceptor acceptor;
    struct drain drain;
    struct http http;
    struct live live;
    uv_timer_t tick;
    struct conn *adopting;
    long conns, max_conns;
    bool closing, destroyed, tick_closed, acceptor_closed, told;
    uint64_t grace_end; /* ms, as uv_now */
    void (*on_closed)(void *ctx);
    void *closed_ctx;
};

/* Dead peers are found by asking: WebSockets only. */
static const lws_retry_bo_t idle_policy = {
    .secs_since_valid_ping = 30,
    .secs_since_valid_hangup = 40,
};

static void tell_if_closed(struct server *s)
{
    if (!s->destroyed || s->conns || !s->tick_closed || !s->acceptor_closed || s->told)
        return;
    s->told = true;
    s->on_closed(s->closed_ctx);
}

static void on_created(struct server *s)
{
    s->adopting = NULL;
    s->conns++;
    stats_add(STAT_CONNECTIONS, 1);
}

static void on_destroyed(struct server *s, struct conn *c)
{
    if (c->session)
        session_close(c->session);
    http_on_gone(c);
    free(c);
    s->conns--;
    stats_add(STAT_CONNECTIONS, -1);
    acceptor_full(&s->acceptor, s->conns >= s->max_conns);
    tell_if_closed(s);
}

static void on_gone(struct conn *c)
{
    if (c->session)
        session_close(c->session);
    http_on_gone(c);
}

static int on_event(struct server *s, struct conn *c, enum lws_callback_reasons reason, void *in,
                    size_t len)
{
    switch (reason) {
    case LWS_CALLBACK_FILTER_HTTP_CONNECTION:
        return http_on_filter(c);
    case LWS_CALLBACK_HTTP:
        return http_on_head(&s->http, c);
    case LWS_CALLBACK_HTTP_BODY:
        return http_on_body(c, in, len);
    case LWS_CALLBACK_HTTP_BODY_COMPLETION:
        return http_on_body_end(c);
    case LWS_CALLBACK_HTTP_WRITEABLE:
        return http_on_writable(c);
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
        return http_on_upgrade(&s->http, &s->live.handler, c, in);
    case LWS_CALLBACK_RAW_RX:
        return http_on_raw(&s->http, c, in, len);
    case LWS_CALLBACK_ESTABLISHED:
        return session_open(&s->live, c);
    case LWS_CALLBACK_RECEIVE:
        return session_receive(c->session, in, len);
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return session_writable(c->session);
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
        c->session->closing = true;
        return 0;
    case LWS_CALLBACK_CLOSED:
    case LWS_CALLBACK_CLOSED_HTTP:
    case LWS_CALLBACK_RAW_CLOSE:
        on_gone(c);
        return 0;
    case LWS_CALLBACK_WSI_DESTROY:
        on_destroyed(s, c);
        return 0;
    default:
        return 0;
    }
}

static int on_lws(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                  size_t len)
{
    (void)user;
    struct server *s = lws_context_user(lws_get_context(wsi));
    struct conn *c = lws_get_opaque_user_data(wsi);
    if (reason == LWS_CALLBACK_WSI_CREATE)
        on_created(s);
    if (!c)
        return 0;
    c->wsi = wsi;
    return on_event(s, c, reason, in, len);
}

/* One protocol serves all: the library puts a WebSocket that names none on the first. Its read
 * buffer is one for each WebSocket, hence small; what it writes at a time is not to follow it. */
static const struct lws_protocols protocols[] = {
    {.name = "tally.v1", .callback = on_lws, .rx_buffer_size = 128, .tx_packet_size = 65536},
    {0},
};

/* Mounted so, a client that leaves before its answer is noticed at once. */
static const struct lws_http_mount mount = {
    .mountpoint = "/",
    .mountpoint_len = 1,
    .origin = "tally.v1",
    .origin_protocol = LWSMPRO_CALLBACK,
};

/* Mapped addresses are told as what they are. */
static void note_peer(struct conn *c, const struct sockaddr *from)
{
    const struct sockaddr_in *v4 = (const void *)from;
    const struct sockaddr_in6 *v6 = (const void *)from;
    c->family = from->sa_family;
    if (c->family == AF_INET) {
        memcpy(c->address, &v4->sin_addr, 4);
    } else if (c->family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) {
        c->family = AF_INET;
        memcpy(c->address, v6->sin6_addr.s6_addr + 12, 4);
    } else if (c->family == AF_INET6) {
        memcpy(c->address, &v6->sin6_addr, 16);
    }
}

static void take(void *ctx, int fd, const struct sockaddr *from, bool owner)
{
    struct server *s = ctx;
    struct conn *c = mem_alloc(sizeof *c);
    c->owner = owner;
    c->family = AF_UNIX;
    if (!owner)
        note_peer(c, from);
    lws_adopt_desc_t what = {
        .vh = s->vhost,
        .type = LWS_ADOPT_SOCKET | LWS_ADOPT_HTTP | LWS_ADOPT_ALLOW_SSL,
        .fd.sockfd = fd,
        .opaque = c,
    };
    s->adopting = c;
    lws_adopt_descriptor_vhost_via_info(&what);
    /* If the library has begun with it, it also tells its end, even of one that failed. */
    if (s->adopting)
        free(c);
    s->adopting = NULL;
    acceptor_full(&s->acceptor, s->conns >= s->max_conns);
}

static void destroy(struct server *s);

static void on_tick(uv_timer_t *timer)
{
    struct server *s = timer->data;
    drain_sweep(&s->drain, uv_now(s->loop));
    http_sweep(&s->http, (uint64_t)lws_now_usecs() / 1000);
    if (s->closing) {
        if ((!s->http.first && !s->live.count) || uv_now(s->loop) >= s->grace_end)
            destroy(s);
        return;
    }
    live_sweep(&s->live);
    acceptor_tick(&s->acceptor);
}

/* As many files as clients may come, if the system lets us. The library's tables take the limit's
 * size, so an endless one is lowered. Gives the limit. */
static long raise_files(long clients)
{
    struct rlimit limit = {0};
    getrlimit(RLIMIT_NOFILE, &limit);
    rlim_t want = (rlim_t)clients + FILES_OTHER;
    if (want < FILES_MIN)
        want = FILES_MIN;
    limit.rlim_cur = limit.rlim_max < want ? limit.rlim_max : want;
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
    return (long)limit.rlim_cur;
}

static int open_context(struct server *s, const struct server_options *o, long files)
{
    void *loops[] = {s->loop};
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN_SERVER,
        .options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
                   LWS_SERVER_OPTION_VALIDATE_UTF8 |
                   LWS_SERVER_OPTION_FALLBACK_TO_APPLY_LISTEN_ACCEPT_CONFIG,
        .foreign_loops = loops,
        .pcontext = &s->context,
        .uid = -1,
        .gid = -1,
        .user = s,
        .protocols = protocols,
        .mounts = &mount,
        .vhost_name = "tallyd",
        .fd_limit_per_thread = (unsigned)files, /* a lower one makes the library search its table */
        .pt_serv_buf_size = 32768,
        .max_http_header_data = HTTP_HEAD_MAX,
        .timeout_secs = (unsigned)o->body_timeout + 5, /* beyond ours, which has words */
        .timeout_secs_ah_idle = HEAD_TIMEOUT,
        .keepalive_timeout = KEEP_ALIVE,
        .retry_and_idle_policy = &idle_policy,
    };
    s->context = lws_create_context(&info);
    s->vhost = s->context ? lws_create_vhost(s->context, &info) : NULL;
    return s->vhost ? 0 : -1;
}

struct server *server_open(uv_loop_t *loop, const struct server_options *o, char *error,
                           size_t error_size)
{
    struct server *s = mem_alloc(sizeof *s);
    long files = raise_files(o->max_connections);
    s->loop = loop;
    s->max_conns = o->max_connections;
    if (s->max_conns > files - FILES_OTHER) {
        s->max_conns = files > 2 * FILES_OTHER ? files - FILES_OTHER : files / 2;
        log_write(LOG_INFO, "connections_limited", "by", "open files", "connections",
                  log_num(s->max_conns), NULL);
    }
    s->drain.loop = loop;
    s->http =
        (struct http){.handler = o->http, .body_timeout = o->body_timeout, .drain = &s->drain};
    live_init(&s->live, &o->live);
    s->acceptor.take = take;
    s->acceptor.ctx = s;
    lws_log_open();
    if (acceptor_open(&s->acceptor, o->listen, o->owner_socket, error, error_size) != 0) {
        free(s);
        return NULL;
    }
    if (open_context(s, o, files) != 0) {
        snprintf(error, error_size, "libwebsockets can't start: see its lines in the log");
        acceptor_close(&s->acceptor, NULL);
        free(s);
        return NULL;
    }
    acceptor_start(&s->acceptor, loop);
    uv_timer_init(loop, &s->tick);
    s->tick.data = s;
    uv_timer_start(&s->tick, on_tick, TICK_MS, TICK_MS);
    return s;
}

const char *server_address(const struct server *s)
{
    return s->acceptor.address;
}

struct live *server_live(struct server *s)
{
    return &s->live;
}

static void on_tick_closed(uv_handle_t *handle)
{
    struct server *s = handle->data;
    s->tick_closed = true;
    tell_if_closed(s);
}

static void on_acceptor_closed(void *ctx)
{
    struct server *s = ctx;
    s->acceptor_closed = true;
    tell_if_closed(s);
}

/* The library begins to close everything that it has; conns are counted down by that. */
static void destroy(struct server *s)
{
    s->destroyed = true;
    uv_close((uv_handle_t *)&s->tick, on_tick_closed);
    drain_stop(&s->drain);
    lws_context_destroy(s->context);
}

void server_close(struct server *s, unsigned grace_ms, void (*on_closed)(void *ctx), void *ctx)
{
    if (s->closing)
        return;
    s->closing = true;
    s->http.closing = true;
    s->on_closed = on_closed;
    s->closed_ctx = ctx;
    s->grace_end = uv_now(s->loop) + grace_ms;
    acceptor_close(&s->acceptor, on_acceptor_closed);
    live_dismiss(&s->live, CLOSE_RESTART);
    uv_timer_start(&s->tick, on_tick, TICK_LAST_MS, TICK_LAST_MS);
}

void server_free(struct server *s)
{
    /* The second call frees what the first has closed, and clears the pointer. */
    if (s->context)
        lws_context_destroy(s->context);
    live_clear(&s->live);
    free(s);
}

#include "server.h"

#include "accept.h"
#include "http_events.h"
#include "log.h"
#include "lws_carrier.h"
#include "lws_log.h"
#include "peer.h"
#include "plain.h"
#include "session.h"
#include "stats.h"
#include "tls.h"

#include <libwebsockets.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TICK_MS      1000
#define TICK_LAST_MS 50  /* while closing */
#define LEAVE_MIN    4   /* screens that may go at one such tick */
#define FILES_OTHER  128 /* descriptors that aren't clients */
#define DRAIN_SHARE  8   /* one in so many may be of a socket that is over */
#define TLS_TICKS    5   /* between two looks at the certificate's files */
#define TIMEOUT_MOST 65  /* s; longer than any of the settings' timeouts */

struct server {
    uv_loop_t *loop;
    struct lws_context *context;
    struct lws_vhost *vhost, *owner_vhost; /* the owner's is without TLS */
    struct lws_vhost *outward;             /* for peers; NULL: there are none */
    struct tls *tls;                       /* NULL: without */
    struct acceptor acceptor;
    struct drain drain;
    struct http http;
    struct plain_host plain;
    struct live *lives;
    uv_timer_t tick;
    struct conn *adopting; /* the library is taking it over, */
    bool begun;            /* and will tell of its end */
    struct conns conns;
    long max_conns, address_conns;
    bool loopback_counts;
    unsigned ticks;
    bool closing, destroyed, tick_closed, acceptor_closed, told;
    uint64_t leave_end, grace_end; /* ms, as uv_now */
    size_t leave_share;            /* of the screens, at a tick */
    void (*on_closed)(void *ctx);
    void *closed_ctx;
};

/* live asks who is still there: the library keeps a sorted list of whom to ask, and searches it
 * from the front for each. */
static const lws_retry_bo_t idle_policy = {0};

static void tell_if_closed(struct server *s)
{
    if (!s->destroyed || s->conns.count || !s->tick_closed || !s->acceptor_closed || s->told)
        return;
    s->told = true;
    s->on_closed(s->closed_ctx);
}

static void on_ended(void *ctx, struct conn *c)
{
    struct server *s = ctx;
    if (s->adopting == c)
        s->adopting = NULL;
    if (c->session)
        session_close(c->session);
    http_on_gone(c);
    conn_free(c);
    acceptor_full(&s->acceptor, s->conns.count >= s->max_conns);
    tell_if_closed(s);
}

static void on_gone(struct server *s, struct conn *c)
{
    if (!c->parted)
        drain_linger(&s->drain, lws_get_socket_fd(c->wsi));
    c->parted = true;
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
        return http_on_head(lws_carrier_request(&s->http, c));
    case LWS_CALLBACK_HTTP_BODY:
        return http_on_body(c, in, len);
    case LWS_CALLBACK_HTTP_BODY_COMPLETION:
        return http_on_body_end(c);
    case LWS_CALLBACK_HTTP_WRITEABLE:
        return http_on_writable(c);
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
        return lws_carrier_on_upgrade(&s->http, c, in);
    case LWS_CALLBACK_RAW_RX:
        return lws_carrier_on_raw(&s->http, c, in, len);
    case LWS_CALLBACK_ESTABLISHED:
        return session_open(c->live, c);
    case LWS_CALLBACK_RECEIVE:
        return session_receive(c->session, in, len);
    case LWS_CALLBACK_RECEIVE_PONG:
        session_heard(c->session);
        return 0;
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return session_writable(c->session);
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
        c->session->closing = true;
        return 0;
    case LWS_CALLBACK_CLOSED:
    case LWS_CALLBACK_CLOSED_HTTP:
    case LWS_CALLBACK_RAW_CLOSE:
        on_gone(s, c);
        return 0;
    case LWS_CALLBACK_WSI_DESTROY:
        on_ended(s, c);
        return 0;
    default:
        return 0;
    }
}

/* Of one that it is just taking over, the library tells before it knows whose it is. */
static struct conn *conn_of(struct server *s, struct lws *wsi)
{
    struct conn *c = wsi ? lws_get_opaque_user_data(wsi) : NULL;
    if (wsi && !c && s->adopting) {
        c = s->adopting;
        lws_set_opaque_user_data(wsi, c);
    }
    if (c)
        c->wsi = wsi;
    return c;
}

static int on_lws(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                  size_t len)
{
    struct server *s = lws_context_user(lws_get_context(wsi));
    /* The library asks its first host also what it wants to know about those of others. */
    if (s->outward && wsi && lws_get_vhost(wsi) == s->outward)
        return 0;
    if (reason == LWS_CALLBACK_WSI_CREATE)
        s->begun = true;
    if (reason == LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS)
        tls_equip(s->tls, user);
    struct conn *c = conn_of(s, wsi);
    if (!c)
        return 0;
    bool outer = s->http.serving;
    s->http.serving = true;
    int status = on_event(s, c, reason, in, len);
    s->http.serving = outer;
    return status;
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

/* How many an address may have isn't for those who come through a proxy, or from here. */
static bool is_crowded(const struct server *s, const struct conn *c)
{
    if (s->address_conns == 0 || c->owner || proxies_trust(&s->http.proxies, &c->address) ||
        (!s->loopback_counts && address16_is_loopback(&c->address)))
        return false;
    return conns_of(&s->conns, &c->address) > s->address_conns;
}

/* BYTES: what has come by it already, N of them. */
static void adopt(void *ctx, struct conn *c, int fd, const char *bytes, size_t n)
{
    struct server *s = ctx;
    lws_adopt_desc_t what = {
        .vh = c->owner ? s->owner_vhost : s->vhost,
        .type = LWS_ADOPT_SOCKET | LWS_ADOPT_HTTP | LWS_ADOPT_ALLOW_SSL,
        .fd.sockfd = fd,
        .opaque = c,
    };
    s->adopting = c;
    s->begun = false;
    c->carrier = &lws_carrier;
    struct lws *wsi = c->tls ? lws_adopt_descriptor_vhost_via_info(&what)
                             : lws_adopt_socket_vhost_readbuf(what.vh, fd, bytes, n);
    if (!s->begun)
        on_ended(s, c);
    else if (wsi && s->adopting)
        conn_of(s, wsi);
    s->adopting = NULL;
}

static void take(void *ctx, int fd, const struct sockaddr *from, bool owner)
{
    struct server *s = ctx;
    uint64_t deadline = conn_now() + (uint64_t)s->http.head_timeout * 1000;
    struct conn *c = conn_new(&s->conns, owner ? NULL : from, deadline);
    c->tls = s->tls && !c->owner;
    if (is_crowded(s, c)) {
        conn_free(c);
        close(fd);
        stats_add(STAT_CONNECTIONS_DROPPED, 1);
        acceptor_complain(&s->acceptor, "address_has_too_many_connections");
        return;
    }
    if (c->tls)
        adopt(s, c, fd, NULL, 0);
    else
        plain_open(&s->plain, c, fd);
    acceptor_full(&s->acceptor, s->conns.count >= s->max_conns);
}

static void destroy(struct server *s);

static size_t count_screens(const struct server *s)
{
    size_t count = 0;
    for (const struct live *l = s->lives; l; l = l->next)
        count += live_count(l);
    return count;
}

static void dismiss_screens(struct server *s, size_t most)
{
    for (struct live *l = s->lives; l; l = l->next)
        most = live_dismiss(l, CLOSE_RESTART, most);
}

/* Also goes on while a request is under way: all that came meanwhile go with the last. */
static void close_some(struct server *s)
{
    uint64_t now = uv_now(s->loop);
    dismiss_screens(s, now < s->leave_end ? s->leave_share : SIZE_MAX);
    if ((!s->http.first && !count_screens(s)) || now >= s->grace_end)
        destroy(s);
}

static void on_tick(uv_timer_t *timer)
{
    struct server *s = timer->data;
    uint64_t now = conn_now();
    drain_sweep(&s->drain, uv_now(s->loop));
    http_sweep(&s->http, now);
    conns_sweep(&s->conns, now);
    if (s->closing) {
        close_some(s);
        return;
    }
    for (struct live *l = s->lives; l; l = l->next)
        live_sweep(l);
    acceptor_tick(&s->acceptor);
    if (s->tls && ++s->ticks % TLS_TICKS == 0 && tls_changed(s->tls))
        tls_reload(s->tls, NULL, NULL);
}

/* Nobody comes in by it. */
static int open_outward(struct server *s, struct lws_context_creation_info *info, bool tls)
{
    info->vhost_name = "outward";
    info->protocols = peer_protocols();
    s->outward = lws_create_vhost(s->context, info);
    return s->outward && (!tls || lws_init_vhost_client_ssl(info, s->outward) == 0) ? 0 : -1;
}

/* The owner's host has a port that can't be asked for: so no name that a client gives in its
 * handshake leads there, where there is no TLS. */
static int open_context(struct server *s, const struct server_options *o, long files)
{
    void *loops[] = {s->loop};
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN_SERVER,
        .options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
                   LWS_SERVER_OPTION_VALIDATE_UTF8 |
                   LWS_SERVER_OPTION_FALLBACK_TO_APPLY_LISTEN_ACCEPT_CONFIG |
                   (s->tls || o->outward_tls ? LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT : 0),
        .foreign_loops = loops,
        .pcontext = &s->context,
        .uid = -1,
        .gid = -1,
        .user = s,
        .protocols = protocols,
        .mounts = &mount,
        .vhost_name = "tallyd",
        .alpn = "http/1.1",
        .fd_limit_per_thread = (unsigned)files, /* a lower one makes the library search its table */
        .pt_serv_buf_size = 32768,
        .max_http_header_data = HTTP_HEAD_MAX,
        .timeout_secs = TIMEOUT_MOST, /* beyond ours, which have words and may change */
        .timeout_secs_ah_idle = TIMEOUT_MOST,
        .keepalive_timeout = HTTP_KEEP_ALIVE,
        .retry_and_idle_policy = &idle_policy,
    };
    s->context = lws_create_context(&info);
    if (!s->context)
        return -1;
    if (s->tls)
        info.options |= LWS_SERVER_OPTION_CREATE_VHOST_SSL_CTX;
    s->vhost = lws_create_vhost(s->context, &info);
    info.options &= ~(uint64_t)LWS_SERVER_OPTION_CREATE_VHOST_SSL_CTX;
    info.port = CONTEXT_PORT_NO_LISTEN;
    info.vhost_name = "owner";
    s->owner_vhost = lws_create_vhost(s->context, &info);
    if (!s->vhost || !s->owner_vhost)
        return -1;
    return o->outward ? open_outward(s, &info, o->outward_tls) : 0;
}

/* From the limits on files and the options that stay as they are. */
static void prepare(struct server *s, const struct server_options *o, long files)
{
    long other = FILES_OTHER + files / DRAIN_SHARE + (long)o->outward;
    s->max_conns = o->max_connections;
    if (s->max_conns > files - other) {
        s->max_conns = files > 2 * other ? files - other : files / 2;
        log_write(LOG_INFO, "connections_limited", "by", "open files", "connections",
                  log_num(s->max_conns), NULL);
    }
    s->drain.loop = s->loop;
    s->drain.max = (size_t)(files / DRAIN_SHARE);
    s->http = (struct http){.handler = o->http, .drain = &s->drain};
    s->plain = (struct plain_host){s->loop, &s->http, s, adopt, on_ended};
    s->acceptor.take = take;
    s->acceptor.ctx = s;
    lws_log_open();
}

static void take_options(struct server *s, const struct server_options *o)
{
    s->address_conns = o->address_connections;
    s->http.head_timeout = o->head_timeout;
    s->http.body_timeout = o->body_timeout;
    s->loopback_counts = o->loopback_counts;
    proxies_set(&s->http.proxies, o->proxies);
}

static int open_tls(struct server *s, const struct server_options *o, char *error, size_t size)
{
    if (!*o->certificate)
        return 0;
    s->tls = tls_open(o->certificate, o->key, error, size);
    return s->tls ? 0 : -1;
}

static struct server *give_up(struct server *s)
{
    tls_free(s->tls);
    proxies_clear(&s->http.proxies);
    free(s);
    return NULL;
}

struct server *server_open(uv_loop_t *loop, const struct server_options *o, char *error,
                           size_t error_size)
{
    struct server *s = mem_alloc(sizeof *s);
    long clients = o->max_connections;
    long files = acceptor_files(clients + clients / DRAIN_SHARE + 2 * FILES_OTHER);
    s->loop = loop;
    prepare(s, o, files);
    take_options(s, o);
    if (open_tls(s, o, error, error_size) != 0 ||
        acceptor_open(&s->acceptor, o->listen, o->socket, o->owner_socket, error, error_size) != 0)
        return give_up(s);
    if (open_context(s, o, files) != 0) {
        snprintf(error, error_size, "libwebsockets can't start: see its lines in the log");
        acceptor_close(&s->acceptor, NULL);
        return give_up(s);
    }
    acceptor_start(&s->acceptor, loop);
    uv_timer_init(loop, &s->tick);
    s->tick.data = s;
    uv_timer_start(&s->tick, on_tick, TICK_MS, TICK_MS);
    return s;
}

void server_reload(struct server *s, const struct server_options *o)
{
    take_options(s, o);
    if (s->tls && *o->certificate)
        tls_reload(s->tls, o->certificate, o->key);
}

const char *server_address(const struct server *s)
{
    return s->acceptor.address;
}

uv_loop_t *server_loop(const struct server *s)
{
    return s->loop;
}

void server_outward(const struct server *s, struct lws_context **context, struct lws_vhost **vhost)
{
    *context = s->context;
    *vhost = s->outward;
}

struct live *server_open_live(struct server *s, const struct live_handler *handler)
{
    struct live *l = live_new(handler);
    l->next = s->lives;
    s->lives = l;
    return l;
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
    for (struct conn *c = s->conns.first; c; c = c->next)
        if (c->plain)
            plain_close(c);
    drain_stop(&s->drain);
    lws_context_destroy(s->context);
}

static size_t share_of(size_t screens, unsigned leave_ms)
{
    size_t share = screens / (leave_ms / TICK_LAST_MS) + 1;
    return share < LEAVE_MIN ? LEAVE_MIN : share;
}

void server_close(struct server *s, unsigned leave_ms, unsigned grace_ms,
                  void (*on_closed)(void *ctx), void *ctx)
{
    if (s->closing)
        return;
    s->closing = true;
    s->http.closing = true;
    s->on_closed = on_closed;
    s->closed_ctx = ctx;
    s->leave_end = uv_now(s->loop) + leave_ms;
    s->grace_end = uv_now(s->loop) + grace_ms;
    acceptor_close(&s->acceptor, on_acceptor_closed);
    s->leave_share = share_of(count_screens(s), leave_ms);
    dismiss_screens(s, s->leave_share);
    uv_timer_start(&s->tick, on_tick, TICK_LAST_MS, TICK_LAST_MS);
}

void server_free(struct server *s)
{
    /* The second call frees what the first has closed, and clears the pointer. */
    if (s->context)
        lws_context_destroy(s->context);
    for (struct live *l = s->lives, *next; l; l = next) {
        next = l->next;
        live_free(l);
    }
    proxies_clear(&s->http.proxies);
    tls_free(s->tls);
    free(s);
}

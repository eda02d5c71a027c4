#include "peer.h"

#include "buf.h"
#include "digest.h"
#include "server.h"
#include "url.h"
#include <arpa/inet.h>
#include <libwebsockets.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#define PROTOCOL    "tally.v1"
#define WAIT_FIRST  250 /* ms */
#define WAIT_MOST   5000
#define WAIT_LONG   30000 /* for one that is away for long */
#define TRIES_MANY  60
#define CONNECT_MS  5000
#define SILENCE_MS  40000     /* a status is due each 15 s */
#define MESSAGE_MAX (8 << 20) /* bytes: three thousand days' cells are 300 KB */

struct peer {
    struct server *server;
    struct peer_handler handler;
    char *host, *path, *authorization; /* "Bearer …", "": none */
    const char *hello;
    int port;
    bool tls, trying, asking, told, closed;
    bool resolving, timer_closed, *looking_up;
    uv_getaddrinfo_t lookup;
    struct lws *wsi;
    struct buf message;
    uv_timer_t timer; /* the next try; while there is a connection, how long it may be silent */
    unsigned wait, tries, turn; /* ms; in vain, since the last good one; of a name's addresses */
};

/* --- life of a connection ----------------------------------------------------------------- */

static void peer_connect(struct peer *p);

static void on_retry(uv_timer_t *timer)
{
    peer_connect(timer->data);
}

/* Give or take a quarter, so that a district's members aren't called in step. */
static void wait_for_next(struct peer *p)
{
    unsigned char dice;
    digest_random(&dice, 1);
    uv_timer_start(&p->timer, on_retry, p->wait * (192 + dice / 2) / 256, 0);
    unsigned most = ++p->tries < TRIES_MANY ? WAIT_MOST : WAIT_LONG;
    p->wait = p->wait * 2 > most ? most : p->wait * 2;
}

static void gone(struct peer *p, const char *reason)
{
    p->wsi = NULL;
    p->trying = p->asking = false;
    buf_reset(&p->message);
    if (p->closed)
        return;
    wait_for_next(p);
    if (!p->told)
        p->handler.down(p->handler.ctx, reason);
    p->told = true;
}

/* What the library still does for it concerns nobody. */
static void drop(struct peer *p)
{
    if (!p->wsi)
        return;
    lws_set_opaque_user_data(p->wsi, NULL);
    lws_set_timeout(p->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
    p->wsi = NULL;
}

void peer_reset(struct peer *p, const char *reason)
{
    drop(p);
    gone(p, reason);
}

static void on_silence(uv_timer_t *timer)
{
    peer_reset(timer->data, "it says nothing");
}

static void connect_to(struct peer *p, const char *address)
{
    struct lws_client_connect_info info = {
        .address = address,
        .port = p->port,
        .path = p->path,
        .host = p->host,
        .ssl_connection = p->tls ? LCCSCF_USE_SSL : 0,
        .protocol = PROTOCOL,
        .local_protocol_name = PROTOCOL,
        .opaque_user_data = p,
        .pwsi = &p->wsi,
    };
    server_outward(p->server, &info.context, &info.vhost);
    uv_timer_start(&p->timer, on_silence, CONNECT_MS, 0);
    /* It tells most failures by a callback, also from inside this call; not all. */
    if (!lws_client_connect_via_info(&info) && p->trying)
        gone(p, "no connection");
}

static void free_if_over(struct peer *p)
{
    if (!p->timer_closed || p->resolving)
        return;
    buf_free(&p->message);
    free(p->host);
    free(p->path);
    free(p->authorization);
    free(p);
}

/* A name's addresses in turn: not each may lead there. */
static const struct addrinfo *pick(const struct addrinfo *found, unsigned turn)
{
    unsigned count = 0;
    const struct addrinfo *one;
    for (one = found; one; one = one->ai_next)
        count++;
    one = found;
    for (turn = count ? turn % count : 0; turn > 0; turn--)
        one = one->ai_next;
    return one;
}

static void on_looked_up(uv_getaddrinfo_t *lookup, int status, struct addrinfo *found)
{
    struct peer *p = lookup->data;
    char address[INET6_ADDRSTRLEN] = "";
    p->resolving = false;
    *p->looking_up = false;
    const struct addrinfo *one = pick(found, p->turn++);
    if (one)
        uv_ip_name(one->ai_addr, address, sizeof address);
    uv_freeaddrinfo(found);
    if (p->closed)
        free_if_over(p);
    else if (p->trying && address[0])
        connect_to(p, address);
    else if (p->trying)
        gone(p, uv_strerror(status));
}

/* The library would look names up inside the loop. Beside it, but only one at a time: the journal
 * is written by the same threads. */
static void look_up(struct peer *p)
{
    static const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    if (*p->looking_up) {
        p->trying = false;
        wait_for_next(p);
        return;
    }
    p->lookup.data = p;
    p->resolving = uv_getaddrinfo(server_loop(p->server), &p->lookup, on_looked_up, p->host, NULL,
                                  &hints) == 0;
    *p->looking_up = p->resolving;
    if (!p->resolving)
        gone(p, "its name can't be looked up");
}

static void peer_connect(struct peer *p)
{
    struct in6_addr number;
    p->trying = true;
    if (uv_inet_pton(AF_INET, p->host, &number) == 0 ||
        uv_inet_pton(AF_INET6, p->host, &number) == 0)
        connect_to(p, p->host);
    else
        look_up(p);
}

static void say_hello(struct peer *p, struct lws *wsi)
{
    unsigned char room[LWS_PRE + 256];
    size_t n = strlen(p->hello);
    if (!p->asking || n > sizeof room - LWS_PRE)
        return;
    p->asking = false;
    memcpy(room + LWS_PRE, p->hello, n);
    lws_write(wsi, room + LWS_PRE, n, LWS_WRITE_TEXT);
}

/* The library doesn't say when memory for a header is too small, but for its length. */
static int add_token(const struct peer *p, struct lws *wsi, unsigned char **at, size_t len)
{
    const unsigned char *value = (const unsigned char *)p->authorization;
    return *value ? lws_add_http_header_by_token(wsi, WSI_TOKEN_HTTP_AUTHORIZATION, value,
                                                 (int)strlen(p->authorization), at, *at + len)
                  : 0;
}

static void receive(struct peer *p, struct lws *wsi, const void *in, size_t len)
{
    if (p->message.len + len > MESSAGE_MAX) {
        peer_reset(p, "a message is too long");
        return;
    }
    buf_add(&p->message, in, len);
    if (lws_remaining_packet_payload(wsi) > 0 || !lws_is_final_fragment(wsi))
        return;
    uv_timer_start(&p->timer, on_silence, SILENCE_MS, 0);
    struct buf message = p->message;
    p->message = (struct buf){0};
    p->handler.message(p->handler.ctx, message.data, message.len);
    buf_free(&message);
}

static int on_outward(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                      size_t len)
{
    struct peer *p = lws_get_opaque_user_data(wsi);
    (void)user;
    if (!p)
        return 0;
    switch (reason) {
    case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
        return add_token(p, wsi, in, len);
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
        p->wsi = wsi;
        peer_ask(p);
        break;
    case LWS_CALLBACK_CLIENT_WRITEABLE:
        say_hello(p, wsi);
        break;
    case LWS_CALLBACK_CLIENT_RECEIVE:
        receive(p, wsi, in, len);
        break;
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
        lws_set_opaque_user_data(wsi, NULL);
        gone(p, in ? in : "no connection");
        break;
    case LWS_CALLBACK_CLIENT_HTTP_REDIRECT: /* it would be followed, and never be let go */
        return -1;
    case LWS_CALLBACK_CLIENT_CLOSED:
    case LWS_CALLBACK_WSI_DESTROY: /* of some it tells no more than this */
        lws_set_opaque_user_data(wsi, NULL);
        gone(p, "the connection has ended");
        break;
    default:
        break;
    }
    return 0;
}

const struct lws_protocols *peer_protocols(void)
{
    static const struct lws_protocols protocols[] = {
        {.name = PROTOCOL, .callback = on_outward, .rx_buffer_size = 16384}, {0}};
    return protocols;
}

/* --- from the floor above ----------------------------------------------------------------- */

struct peer *peer_open(struct server *server, const struct peer_options *o)
{
    struct peer *p = mem_alloc(sizeof *p);
    struct buf path = {0}, authorization = {0};
    struct url url;
    url_read(o->url, &url);
    size_t n = strlen(url.path);
    buf_addf(&path, "%s%sws", url.path, n && url.path[n - 1] == '/' ? "" : "/");
    buf_addf(&authorization, o->token[0] ? "Bearer %s" : "%s", o->token);
    p->server = server;
    p->handler = o->handler;
    p->hello = o->hello;
    p->looking_up = o->looking_up;
    p->tls = url.tls;
    p->host = mem_string(url.host);
    p->port = url.port;
    p->path = buf_take(&path, NULL);
    p->authorization = buf_take(&authorization, NULL);
    p->wait = WAIT_FIRST;
    uv_timer_init(server_loop(server), &p->timer);
    p->timer.data = p;
    uv_timer_start(&p->timer, on_retry, 0, 0); /* not inside this call */
    return p;
}

void peer_ask(struct peer *p)
{
    p->asking = true;
    if (p->wsi)
        lws_callback_on_writable(p->wsi);
}

/* What it said is of use. */
void peer_good(struct peer *p)
{
    p->wait = WAIT_FIRST;
    p->tries = 0;
    p->told = false;
}

static void on_closed(uv_handle_t *handle)
{
    struct peer *p = handle->data;
    p->timer_closed = true;
    free_if_over(p);
}

void peer_close(struct peer *p)
{
    p->closed = true;
    drop(p);
    if (p->resolving)
        uv_cancel((uv_req_t *)&p->lookup);
    uv_close((uv_handle_t *)&p->timer, on_closed);
}

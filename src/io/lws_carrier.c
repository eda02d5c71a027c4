#include "lws_carrier.h"

#include "http_events.h"

#include <libwebsockets.h>
#include <string.h>
#include <strings.h>

/* --- a head ------------------------------------------------------------------------------- */

static const enum lws_token_indexes tokens[HEADER_COUNT] = {
    [HEADER_AUTHORIZATION] = WSI_TOKEN_HTTP_AUTHORIZATION,
    [HEADER_COOKIE] = WSI_TOKEN_HTTP_COOKIE,
    [HEADER_CONTENT_TYPE] = WSI_TOKEN_HTTP_CONTENT_TYPE,
    [HEADER_ACCEPT_LANGUAGE] = WSI_TOKEN_HTTP_ACCEPT_LANGUAGE,
    [HEADER_ACCEPT_ENCODING] = WSI_TOKEN_HTTP_ACCEPT_ENCODING,
    [HEADER_IF_NONE_MATCH] = WSI_TOKEN_HTTP_IF_NONE_MATCH,
    [HEADER_ORIGIN] = WSI_TOKEN_ORIGIN,
    [HEADER_HOST] = WSI_TOKEN_HOST,
    [HEADER_CONTENT_LENGTH] = WSI_TOKEN_HTTP_CONTENT_LENGTH,
    [HEADER_TRANSFER_ENCODING] = WSI_TOKEN_HTTP_TRANSFER_ENCODING,
    [HEADER_EXPECT] = WSI_TOKEN_HTTP_EXPECT,
    [HEADER_CONNECTION] = WSI_TOKEN_CONNECTION,
    [HEADER_WS_KEY] = WSI_TOKEN_KEY,
    [HEADER_WS_VERSION] = WSI_TOKEN_VERSION,
    [HEADER_WS_PROTOCOL] = WSI_TOKEN_PROTOCOL,
    [HEADER_FORWARDED_FOR] = WSI_TOKEN_X_FORWARDED_FOR,
};

/* By the library's number of a method. */
static const char *const methods[] = {
    [LWSHUMETH_GET] = "GET",         [LWSHUMETH_POST] = "POST",   [LWSHUMETH_OPTIONS] = "OPTIONS",
    [LWSHUMETH_PUT] = "PUT",         [LWSHUMETH_PATCH] = "PATCH", [LWSHUMETH_DELETE] = "DELETE",
    [LWSHUMETH_CONNECT] = "CONNECT", [LWSHUMETH_HEAD] = "HEAD",
};

static int copy_header(struct lws *wsi, enum header h, char *to, int size)
{
    static const char proto[] = "x-forwarded-proto:"; /* one that the library has no number for */
    if (h == HEADER_FORWARDED_PROTO)
        return lws_hdr_custom_copy(wsi, to, size, proto, (int)strlen(proto));
    return lws_hdr_copy(wsi, to, size, tokens[h]);
}

static void read_header(struct request *r, struct lws *wsi, enum header h)
{
    char value[HTTP_HEAD_MAX + 1];
    int n = copy_header(wsi, h, value, sizeof value);
    if (n == 0 || (n < 0 && h == HEADER_FORWARDED_PROTO))
        return;
    /* A NUL inside would hide what follows it. */
    if (n < 0 || strlen(value) != (size_t)n) {
        r->malformed = true;
        return;
    }
    size_t from = strspn(value, " \t"), len = (size_t)n;
    while (len > from && strchr(" \t", value[len - 1]))
        len--;
    request_keep_header(r, h, (struct span){value + from, len - from});
    if (h != HEADER_FORWARDED_PROTO && lws_hdr_fragment_length(wsi, tokens[h], 1) > 0)
        r->twice |= 1u << h;
}

/* Splits "name=value", which is decoded already. */
static void read_params(struct request *r, struct lws *wsi)
{
    char text[HTTP_HEAD_MAX + 1];
    for (int i = 0, n;
         (n = lws_hdr_copy_fragment(wsi, text, sizeof text, WSI_TOKEN_HTTP_URI_ARGS, i)) >= 0;
         i++) {
        struct span name, value, rest = {text, (size_t)n};
        if (n == 0 || !strcmp(text, "/")) /* the library's own way to say that nothing came */
            continue;
        name = span_until(&rest, '=');
        value = rest;
        request_keep_param(r, name, value);
    }
}

static void read_target(struct request *r, struct lws *wsi)
{
    char *path = NULL;
    int len = 0, method = lws_http_get_uri_and_method(wsi, &path, &len);
    size_t count = sizeof methods / sizeof *methods;
    if (method >= 0 && (size_t)method < count)
        r->method = methods[method];
    if (path)
        request_keep_path(r, (struct span){path, (size_t)len});
    else
        r->malformed = true;
}

struct request *lws_carrier_request(struct http *h, struct conn *c)
{
    char version[16] = "";
    struct request *r = request_blank(h, c);
    read_target(r, c->wsi);
    read_params(r, c->wsi);
    for (int i = 0; i < HEADER_COUNT; i++)
        read_header(r, c->wsi, (enum header)i);
    /* The library doesn't read longer ones, and would wait for 100 MiB. */
    if (lws_hdr_total_length(c->wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) > 30)
        r->length = -2;
    lws_hdr_copy(c->wsi, version, sizeof version, WSI_TOKEN_HTTP);
    r->is_old = strcmp(version, "HTTP/1.1") != 0;
    request_settle(r);
    return r;
}

int lws_carrier_on_upgrade(struct http *h, struct conn *c, char *name)
{
    /* HTTP/2 is only offered, not asked for: misspelt, the library serves it as HTTP/1.1. */
    if (strcasecmp(name, "h2c") == 0) {
        *name = '-';
        return 0;
    }
    /* For any other protocol the library has already answered 403. */
    if (c->request || strcasecmp(name, "websocket") != 0)
        return -1;
    if (!c->tls) /* judged already, by plain */
        return 0;
    return http_on_upgrade(lws_carrier_request(h, c));
}

int lws_carrier_on_raw(struct http *h, struct conn *c, const char *bytes, size_t n)
{
    return http_on_raw(h, c, n > 0 && *bytes >= 'A' && *bytes <= 'Z' ? 405 : 400);
}

/* --- its carrier -------------------------------------------------------------------------- */

static int fd_of(const struct conn *c)
{
    return c->wsi ? lws_get_socket_fd(c->wsi) : -1;
}

/* The library keeps what the socket doesn't take. It wants a pointer to what it may change, but for
 * HTTP/1.1 it only reads. */
static ssize_t send_all(struct conn *c, const void *bytes, size_t n)
{
    int sent = lws_write(c->wsi, (unsigned char *)(uintptr_t)bytes, n, LWS_WRITE_HTTP);
    return sent < 0 ? -1 : (ssize_t)n;
}

static bool holds(const struct conn *c)
{
    return lws_partial_buffered(c->wsi);
}

static void ask(struct conn *c)
{
    lws_callback_on_writable(c->wsi);
}

static void wait_for(struct conn *c, unsigned seconds)
{
    lws_set_timeout(c->wsi, PENDING_TIMEOUT_USER_OK, (int)seconds);
}

/* After an answer the library wants to hear that the socket is writable before it reads on; it has
 * just taken all of the answer. What came behind the request waits in the library, which is woken
 * to look at it. */
static void read_on(struct conn *c)
{
    struct lws_context *context = lws_get_context(c->wsi);
    struct lws_pollfd writable = {
        .fd = lws_get_socket_fd(c->wsi), .events = LWS_POLLOUT, .revents = LWS_POLLOUT};
    lws_service_fd(context, &writable);
    if (lws_service_adjust_timeout(context, 1, 0) == 0)
        lws_cancel_service(context);
}

/* At once, without another turn of the loop, wherever the connection goes on behind it. */
static void answer(struct request *r)
{
    struct conn *c = r->conn;
    if (r->http->serving || r->early || r->close) {
        lws_callback_on_writable(c->wsi);
    } else if (http_push(r) != 0) {
        c->over = true;
        lws_callback_on_writable(c->wsi);
    } else if (!c->request) {
        read_on(c);
    }
}

static int next(struct conn *c)
{
    return lws_http_transaction_completed(c->wsi) ? -1 : 0;
}

/* The library notices a socket that is shut. */
static void drop(struct conn *c)
{
    shutdown(lws_get_socket_fd(c->wsi), SHUT_RDWR);
}

const struct carrier lws_carrier = {fd_of,  send_all, holds, ask, wait_for,
                                    answer, next,     drop,  true};

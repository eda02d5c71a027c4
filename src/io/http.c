/* A request's life between the library's callbacks. Its version 4.1.6 spins for ever if a second
 * request is on the connection while the first has a body and no answer yet; what guards against
 * that: a head or a body's end while one is under way closes the connection; the answer to a
 * request with a body leaves from http_on_writable, or when none of the library's calls is under
 * way; an answer before the body has come closes the connection. */
#include "http_events.h"

#include <libwebsockets.h>
#include <string.h>
#include <strings.h>
#include <uv.h>

#define SLOWEST 8192 /* bytes of an answer that a client must take in a second */

static bool is_method(const struct request *r, const char *method)
{
    return strcmp(r->method, method) == 0;
}

static uint64_t now_ms(void)
{
    return (uint64_t)lws_now_usecs() / 1000;
}

/* 0, or the status that the head alone deserves. */
static int judge(const struct request *r)
{
    bool chunked = r->headers[HEADER_TRANSFER_ENCODING] != 0;
    bool post = is_method(r, "POST");
    if (!post && !is_method(r, "GET") && !is_method(r, "HEAD"))
        return 405;
    if (r->malformed || r->length == -2 || (!r->is_old && !r->headers[HEADER_HOST]))
        return 400;
    if (!post)
        return chunked || r->length > 0 ? 400 : 0;
    if (chunked || r->length < 0)
        return 411;
    return r->length > HTTP_BODY_DRAIN ? 413 : 0;
}

static int finish(struct request *r)
{
    struct conn *c = r->conn;
    struct http *h = r->http;
    struct lws *wsi = c->wsi;
    bool close = r->close || r->early;
    if (r->early) {
        drain_add(h->drain, lws_get_socket_fd(wsi));
        c->parted = true;
    }
    request_drop(r);
    c->deadline = now_ms() + (uint64_t)(HTTP_KEEP_ALIVE + h->head_timeout) * 1000;
    return close || lws_http_transaction_completed(wsi) ? -1 : 0;
}

/* However long an answer is, and however steadily it is read, it must be gone at some time. */
static uint64_t answer_deadline(const struct request *r)
{
    return now_ms() + HTTP_PATIENCE * 1000 + (r->out_len + r->rest_len) * 1000 / SLOWEST;
}

static int push(struct request *r)
{
    struct lws *wsi = r->conn->wsi;
    if (r->sent == 0)
        r->deadline = answer_deadline(r);
    switch (request_send(r)) {
    case SENT_ALL:
        return finish(r);
    case SENT_SOME:
        lws_set_timeout(wsi, PENDING_TIMEOUT_USER_OK, HTTP_PATIENCE);
        lws_callback_on_writable(wsi);
        return 0;
    default:
        return -1;
    }
}

/* An answer of our own before the body, if any, has been read. */
static int refuse(struct request *r, int status)
{
    r->early = true;
    r->discard = true;
    r->busy = true;
    request_error(r, status);
    r->busy = false;
    return push(r);
}

static int ask_head(struct request *r)
{
    struct http_handler *handler = &r->http->handler;
    r->busy = true;
    int refused = handler->head(handler->ctx, r);
    r->busy = false;
    return refused;
}

static void hand_over(struct request *r)
{
    struct http_handler *handler = &r->http->handler;
    r->handed = true;
    r->busy = true;
    handler->body(handler->ctx, r);
    r->busy = false;
}

/* The body is read to its end even if nobody wants it, so that the client can read its answer and
 * go on; unless it waits for leave to send it. */
static int begin_body(struct request *r)
{
    static char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    struct lws *wsi = r->conn->wsi;
    bool waits = r->headers[HEADER_EXPECT] != 0;
    r->complete = false;
    r->deadline = now_ms() + (uint64_t)r->http->body_timeout * 1000;
    r->early = waits;
    ask_head(r);
    if (!r->answered && r->length > HTTP_BODY_MAX) {
        r->busy = true;
        request_error(r, 413);
        r->busy = false;
    }
    r->discard = r->answered;
    r->early = waits && r->answered;
    if (r->early)
        return push(r);
    if (!waits)
        return 0;
    return lws_write(wsi, (unsigned char *)go_on, strlen(go_on), LWS_WRITE_HTTP) < 0 ? -1 : 0;
}

int http_on_filter(struct conn *c)
{
    c->deadline = 0;
    return c->request || c->over ? -1 : 0;
}

int http_on_head(struct http *h, struct conn *c)
{
    struct request *r = request_new(h, c);
    int status = judge(r);
    if (status)
        return refuse(r, status);
    if (is_method(r, "POST"))
        return begin_body(r);
    if (ask_head(r) == 0)
        hand_over(r);
    if (r->answered)
        return push(r);
    lws_set_timeout(c->wsi, PENDING_TIMEOUT_USER_OK, HTTP_PATIENCE);
    return 0;
}

int http_on_body(struct conn *c, const void *bytes, size_t n)
{
    if (!c->request)
        return -1;
    if (!c->request->discard && n)
        buf_add(&c->request->body, bytes, n);
    return 0;
}

int http_on_body_end(struct conn *c)
{
    struct request *r = c->request;
    if (!r)
        return -1;
    if (r->complete) { /* more has come behind the body: what is ready goes out, then the end */
        r->early = true;
        if (r->answered)
            push(r);
        return -1;
    }
    r->complete = true;
    r->whole = uv_hrtime();
    lws_set_timeout(c->wsi, PENDING_TIMEOUT_USER_OK, HTTP_PATIENCE);
    if (!r->answered)
        hand_over(r);
    if (r->answered)
        lws_callback_on_writable(c->wsi);
    return 0;
}

int http_on_writable(struct conn *c)
{
    struct request *r = c->request;
    if (c->over)
        return -1;
    return r && r->answered && (r->complete || r->early) ? push(r) : 0;
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
void http_on_answer(struct request *r)
{
    struct conn *c = r->conn;
    if (r->http->serving || r->early || r->close) {
        lws_callback_on_writable(c->wsi);
    } else if (push(r) != 0) {
        c->over = true;
        lws_callback_on_writable(c->wsi);
    } else if (!c->request) {
        read_on(c);
    }
}

int http_on_upgrade(struct http *h, struct conn *c, char *name)
{
    /* HTTP/2 is only offered, not asked for: misspelt, the library serves it as HTTP/1.1. */
    if (strcasecmp(name, "h2c") == 0) {
        *name = '-';
        return 0;
    }
    /* For any other protocol the library has already answered 403. */
    if (c->request || strcasecmp(name, "websocket") != 0)
        return -1;
    struct request *r = request_new(h, c);
    int status = upgrade_judge(r);
    c->deadline = 0;
    if (status == 0) {
        request_drop(r);
        return 0;
    }
    refuse(r, status);
    return -1;
}

int http_on_raw(struct http *h, struct conn *c, const char *bytes, size_t n)
{
    bool method = n > 0 && *bytes >= 'A' && *bytes <= 'Z';
    if (!c->request)
        refuse(request_blank(h, c), method ? 405 : 400);
    return -1;
}

void http_on_gone(struct conn *c)
{
    struct request *r = c->request;
    if (!r)
        return;
    if (!r->handed && !r->answered)
        r->http->handler.gone(r->http->handler.ctx, r);
    request_drop(r);
}

void http_sweep(struct http *h, uint64_t now)
{
    for (struct request *r = h->first; r; r = r->next) {
        if (now < r->deadline)
            continue;
        if (r->sent) {
            r->deadline = UINT64_MAX;
            conn_drop(r->conn);
            continue;
        }
        if (r->complete || r->early)
            continue;
        r->early = true;
        r->discard = true;
        if (!r->answered)
            request_error(r, 408);
        else
            lws_callback_on_writable(r->conn->wsi);
    }
}

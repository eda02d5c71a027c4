/* A request's life between what its carrier tells. The library's version 4.1.6 spins for ever if a
 * second request is on the connection while the first has a body and no answer yet; what guards
 * against that: a head or a body's end while one is under way closes the connection; where it is
 * the carrier, the answer to a request with a body leaves from http_on_writable, or when none of
 * its calls is under way. An answer before the body has come closes the connection. */
#include "http_events.h"

#include <string.h>
#include <strings.h>
#include <uv.h>

#define SLOWEST 8192 /* bytes of an answer that a client must take in a second */

static bool is_method(const struct request *r, const char *method)
{
    return strcmp(r->method, method) == 0;
}

static bool is_get(const struct request *r)
{
    return is_method(r, "GET") || is_method(r, "HEAD");
}

/* 0, or the status that the head alone deserves. */
static int judge(const struct request *r)
{
    bool chunked = r->headers[HEADER_TRANSFER_ENCODING] != 0;
    bool post = is_method(r, "POST");
    if (r->malformed || r->length == -2 || (!r->is_old && !r->headers[HEADER_HOST]) ||
        r->twice & 1u << HEADER_HOST)
        return 400;
    if (is_get(r))
        return chunked || r->length > 0 ? 400 : 0;
    if (!post)
        return 0;
    if (chunked || r->length < 0)
        return 411;
    return r->length > HTTP_BODY_DRAIN ? 413 : 0;
}

static int finish(struct request *r)
{
    struct conn *c = r->conn;
    struct http *h = r->http;
    bool close = r->close || r->early;
    if (r->early) {
        drain_add(h->drain, c->carrier->fd(c));
        c->parted = true;
    }
    request_drop(r);
    c->deadline = conn_now() + (uint64_t)(HTTP_KEEP_ALIVE + h->head_timeout) * 1000;
    return close || c->carrier->next(c) != 0 ? -1 : 0;
}

/* However long an answer is, and however steadily it is read, it must be gone at some time. */
static uint64_t answer_deadline(const struct request *r)
{
    return conn_now() + HTTP_PATIENCE * 1000 + (r->out_len + r->rest_len) * 1000 / SLOWEST;
}

int http_push(struct request *r)
{
    struct conn *c = r->conn;
    if (r->sent == 0)
        r->deadline = answer_deadline(r);
    switch (request_send(r)) {
    case SENT_ALL:
        return finish(r);
    case SENT_SOME:
        c->carrier->wait(c, HTTP_PATIENCE);
        c->carrier->ask(c);
        return 0;
    default:
        return -1;
    }
}

static int ask_head(struct request *r)
{
    struct http_handler *handler = &r->http->handler;
    r->busy = true;
    int refused = handler->head(handler->ctx, r);
    r->busy = false;
    return refused;
}

/* An answer before the body, if any, has been read: of our own, or with STATUS 0 of whoever knows
 * what may be done with the path. */
static int refuse(struct request *r, int status)
{
    r->early = true;
    r->discard = true;
    if (status == 0)
        ask_head(r);
    r->busy = true;
    if (!r->answered)
        request_error(r, status ? status : 405);
    r->busy = false;
    return http_push(r);
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
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    bool waits = r->headers[HEADER_EXPECT] != 0;
    r->complete = false;
    r->deadline = conn_now() + (uint64_t)r->http->body_timeout * 1000;
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
        return http_push(r);
    if (!waits)
        return 0;
    /* A client that isn't told so sends its body after a while. */
    ssize_t taken = r->conn->carrier->send(r->conn, go_on, strlen(go_on));
    return taken == 0 || taken == (ssize_t)strlen(go_on) ? 0 : -1;
}

int http_on_filter(struct conn *c)
{
    c->deadline = 0;
    c->idle = false;
    return c->request || c->over ? -1 : 0;
}

int http_on_head(struct request *r)
{
    struct conn *c = r->conn;
    int status = judge(r);
    if (status)
        return refuse(r, status);
    if (is_method(r, "POST"))
        return begin_body(r);
    if (!is_get(r))
        return refuse(r, 0);
    if (ask_head(r) == 0)
        hand_over(r);
    if (r->answered)
        return http_push(r);
    c->carrier->wait(c, HTTP_PATIENCE);
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
            http_push(r);
        return -1;
    }
    r->complete = true;
    r->whole = uv_hrtime();
    c->carrier->wait(c, HTTP_PATIENCE);
    if (!r->answered)
        hand_over(r);
    if (r->answered && !c->carrier->defers)
        return http_push(r);
    if (r->answered)
        c->carrier->ask(c);
    return 0;
}

int http_on_writable(struct conn *c)
{
    struct request *r = c->request;
    if (c->over)
        return -1;
    return r && r->answered && (r->complete || r->early) ? http_push(r) : 0;
}

void http_on_answer(struct request *r)
{
    r->conn->carrier->answer(r);
}

int http_on_upgrade(struct request *r)
{
    struct conn *c = r->conn;
    int status = upgrade_judge(r);
    c->deadline = 0;
    if (status == 0) {
        request_drop(r);
        return 0;
    }
    refuse(r, status);
    return -1;
}

int http_on_raw(struct http *h, struct conn *c, int status)
{
    if (!c->request)
        refuse(request_blank(h, c), status);
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
    for (struct request *r = h->first, *next; r; r = next) {
        next = r->next;
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
        r->conn->carrier->wait(r->conn, HTTP_PATIENCE);
        if (!r->answered)
            request_error(r, 408);
        else
            r->conn->carrier->ask(r->conn);
    }
}

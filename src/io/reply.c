/* The answer's way out: one write of head and body where that is small, else pieces of CHUNK
 * bytes, each when the socket can take it, so that nobody waits for a slow reader. */
#include "http_events.h"

#include "stats.h"

#include <assert.h>
#include <libwebsockets.h>
#include <string.h>
#include <strings.h>
#include <uv.h>

#define CHUNK 32768

/* On every answer: what a page of ours may do, whoever reads it, and what no answer of the API
 * may be taken for. 'self' is the same host's WebSocket too. */
#define SECURITY                                                                                   \
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "           \
    "img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; "       \
    "worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'\r\n"           \
    "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n"

static const struct {
    int status;
    const char *phrase;
} phrases[] = {
    {200, "OK"},
    {202, "Accepted"},
    {204, "No Content"},
    {304, "Not Modified"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {411, "Length Required"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {422, "Unprocessable Content"},
    {426, "Upgrade Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {503, "Service Unavailable"},
};

/* Headers that answers of http's own must bear. */
static const struct {
    int status;
    const char *headers;
} extras[] = {
    {405, "Allow: GET, HEAD, POST\r\n"},
    {429, "Retry-After: 1\r\n"},
    {426, "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"},
};

static const char *phrase_of(int status)
{
    for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++)
        if (phrases[i].status == status)
            return phrases[i].phrase;
    return "";
}

static bool has_header(const char *headers, const char *name)
{
    size_t n = strlen(name);
    for (const char *line = headers; line && *line;) {
        if (strncasecmp(line, name, n) == 0)
            return true;
        line = strchr(line, '\n');
        line += line != NULL;
    }
    return false;
}

static void add_head(struct buf *out, const struct request *r, int status, const char *type,
                     size_t len, const char *headers)
{
    buf_adds(out, "HTTP/1.1 ");
    buf_add_int(out, status);
    buf_adds(out, " ");
    buf_adds(out, phrase_of(status));
    if (type) {
        buf_adds(out, "\r\nContent-Type: ");
        buf_adds(out, type);
    }
    if (status != 304 && status != 204) {
        buf_adds(out, "\r\nContent-Length: ");
        buf_add_int(out, (long long)len);
    }
    buf_adds(out, "\r\n");
    if (r->close || r->early)
        buf_adds(out, "Connection: close\r\n");
    else if (r->is_old)
        buf_adds(out, "Connection: keep-alive\r\n");
    if (!has_header(headers, "cache-control:"))
        buf_adds(out, "Cache-Control: no-store\r\n");
    buf_adds(out, SECURITY);
    if (headers)
        buf_adds(out, headers);
    buf_adds(out, "\r\n");
}

static void answer(struct request *r, int status, const char *type, const void *body, size_t len,
                   const char *headers, bool borrow)
{
    assert(!r->answered);
    r->answered = true;
    stats_add(STAT_REQUESTS, 1);
    stats_add(STAT_REQUESTS_REFUSED, status >= 400);
    stats_add(STAT_REQUESTS_LIMITED, status == 429);
    if (r->whole && !r->owner)
        stats_time(TIMED_POST, uv_hrtime() - r->whole);
    static const char room[LWS_PRE];
    struct buf out = {0};
    buf_add(&out, room, sizeof room);
    add_head(&out, r, status, type, len, headers);
    size_t send = strcmp(r->method, "HEAD") == 0 || status == 304 || status == 204 ? 0 : len;
    size_t copy = borrow && send > CHUNK / 2 ? CHUNK / 2 : send;
    if (copy)
        buf_add(&out, body, copy);
    r->rest_len = send - copy;
    if (r->rest_len)
        r->rest = (const char *)body + copy;
    r->out = buf_take(&out, &r->out_len);
    r->out_len -= sizeof room;
    if (!r->busy && (r->complete || r->early))
        http_on_answer(r);
}

void request_reply(struct request *r, int status, const char *type, const void *body, size_t len,
                   const char *headers)
{
    if (r->conn)
        answer(r, status, type, body, len, headers, false);
    else
        request_forget(r);
}

void request_reply_static(struct request *r, int status, const char *type, const void *body,
                          size_t len, const char *headers)
{
    if (r->conn)
        answer(r, status, type, body, len, headers, true);
    else
        request_forget(r);
}

void request_error(struct request *r, int status)
{
    const char *headers = NULL;
    for (size_t i = 0; i < sizeof extras / sizeof *extras; i++)
        if (extras[i].status == status)
            headers = extras[i].headers;
    size_t len = 0;
    char *text = r->http->handler.error(r->http->handler.ctx, r, status, &len);
    request_reply(r, status, "application/json", text, len, headers);
    free(text);
}

enum sent request_send(struct request *r)
{
    struct conn *c = r->conn;
    size_t total = r->out_len + r->rest_len;
    if (r->sent < total) {
        bool first = r->sent < r->out_len;
        size_t left = first ? r->out_len - r->sent : total - r->sent;
        const char *from = first ? r->out + LWS_PRE + r->sent : r->rest + (r->sent - r->out_len);
        ssize_t taken = c->carrier->send(c, from, left < CHUNK ? left : CHUNK);
        if (taken < 0)
            return SENT_FAILED;
        r->sent += (size_t)taken;
    }
    return r->sent < total || c->carrier->holds(c) ? SENT_SOME : SENT_ALL;
}

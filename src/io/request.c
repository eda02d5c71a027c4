#include "request.h"

#include "utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const names[HEADER_COUNT] = {
    [HEADER_AUTHORIZATION] = "authorization",
    [HEADER_COOKIE] = "cookie",
    [HEADER_CONTENT_TYPE] = "content-type",
    [HEADER_ACCEPT_LANGUAGE] = "accept-language",
    [HEADER_ACCEPT_ENCODING] = "accept-encoding",
    [HEADER_IF_NONE_MATCH] = "if-none-match",
    [HEADER_ORIGIN] = "origin",
    [HEADER_HOST] = "host",
    [HEADER_CONTENT_LENGTH] = "content-length",
    [HEADER_TRANSFER_ENCODING] = "transfer-encoding",
    [HEADER_EXPECT] = "expect",
    [HEADER_CONNECTION] = "connection",
    [HEADER_WS_KEY] = "sec-websocket-key",
    [HEADER_WS_VERSION] = "sec-websocket-version",
    [HEADER_WS_PROTOCOL] = "sec-websocket-protocol",
    [HEADER_FORWARDED_FOR] = "x-forwarded-for",
    [HEADER_FORWARDED_PROTO] = "x-forwarded-proto",
};

static const char *at(const struct request *r, uint16_t offset)
{
    return r->text.data + offset;
}

/* Keeps N bytes and a NUL; gives their offset, for which there must be room. */
static uint16_t keep(struct request *r, const char *bytes, size_t n)
{
    size_t offset = r->text.len;
    buf_add(&r->text, bytes, n);
    buf_add(&r->text, "", 1);
    return (uint16_t)offset;
}

/* A NUL inside would hide what follows it. */
static bool is_text(const char *s, size_t n)
{
    size_t step = 1;
    if (memchr(s, '\0', n))
        return false;
    for (uint32_t c; n && step; s += step, n -= step)
        step = utf8_next(s, n, &c);
    return n == 0;
}

enum header request_header_of(struct span name)
{
    int h = 0;
    while (h < HEADER_COUNT && !span_is(name, names[h]))
        h++;
    return (enum header)h;
}

void request_keep_header(struct request *r, enum header h, struct span value)
{
    char joined[2 * HTTP_HEAD_MAX];
    if (r->headers[h]) {
        int n = snprintf(joined, sizeof joined, "%s%s%.*s", request_raw(r, h),
                         h == HEADER_COOKIE ? "; " : ", ", (int)value.n, value.at);
        value = (struct span){joined, (size_t)n};
        if (r->headers[h] + strlen(request_raw(r, h)) + 1 == r->text.len)
            r->text.len = r->headers[h]; /* the last string: in its place */
        r->twice |= 1u << h;
    }
    if (value.n >= sizeof joined || r->text.len + value.n >= UINT16_MAX)
        r->malformed = true;
    else
        r->headers[h] = keep(r, value.at, value.n);
}

void request_keep_path(struct request *r, struct span path)
{
    r->path = keep(r, path.at, path.n);
    r->malformed |= !is_text(at(r, r->path), path.n);
}

void request_keep_param(struct request *r, struct span name, struct span value)
{
    if (r->param_count == HTTP_PARAMS_MAX) {
        r->malformed = true;
        return;
    }
    uint16_t offset = keep(r, name.at, name.n);
    r->params[r->param_count++] = offset;
    r->malformed |=
        !is_text(at(r, offset), name.n) || !is_text(at(r, keep(r, value.at, value.n)), value.n);
}

/* Digits only, once. More than 18 of them are read as the largest: too large in any case. */
static int64_t parse_length(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || text[digits])
        return -2;
    return digits > 18 ? INT64_MAX : strtoll(text, NULL, 10);
}

/* A trusted proxy has the client's TLS in its own hands. */
static bool is_forwarded_tls(const struct request *r)
{
    const char *by = request_raw(r, HEADER_FORWARDED_PROTO);
    return by && strcasecmp(by, "https") == 0;
}

static void read_peer(struct request *r)
{
    const struct conn *c = r->conn;
    const struct proxies *proxies = &r->http->proxies;
    struct address16 peer =
        proxies_peer(proxies, &c->address, request_raw(r, HEADER_FORWARDED_FOR));
    if (c->owner)
        return;
    address16_write(&peer, r->peer);
    r->secure = c->tls || (proxies_trust(proxies, &c->address) && is_forwarded_tls(r));
}

void request_settle(struct request *r)
{
    const char *connection = request_raw(r, HEADER_CONNECTION);
    if (r->headers[HEADER_CONTENT_LENGTH] && r->length == -1)
        r->length = parse_length(request_raw(r, HEADER_CONTENT_LENGTH));
    r->close = r->http->closing || (r->is_old ? !request_lists(connection, "keep-alive")
                                              : request_lists(connection, "close"));
    read_peer(r);
}

struct request *request_blank(struct http *h, struct conn *c)
{
    struct request *r = mem_alloc(sizeof *r);
    r->http = h;
    r->conn = c;
    c->request = r;
    r->next = h->first;
    if (r->next)
        r->next->prev = r;
    h->first = r;
    buf_add(&r->text, "", 1);
    r->method = "";
    r->owner = c->owner;
    if (!c->owner)
        address16_write(&c->address, r->peer);
    r->length = -1;
    r->complete = true;
    return r;
}

void request_forget(struct request *r)
{
    buf_free(&r->text);
    buf_free(&r->body);
    free(r->out);
    free(r);
}

void request_drop(struct request *r)
{
    if (r->conn)
        r->conn->request = NULL;
    r->conn = NULL;
    *(r->prev ? &r->prev->next : &r->http->first) = r->next;
    if (r->next)
        r->next->prev = r->prev;
    r->prev = r->next = NULL;
    r->http = NULL;
    if (!r->handed || r->answered)
        request_forget(r);
}

const char *request_raw(const struct request *r, enum header h)
{
    return r->headers[h] ? at(r, r->headers[h]) : NULL;
}

bool request_lists(const char *list, const char *word)
{
    while (list && *list) {
        list += strspn(list, ", \t");
        size_t n = strcspn(list, ", \t");
        if (n == strlen(word) && strncasecmp(list, word, n) == 0)
            return true;
        list += n;
    }
    return false;
}

const char *request_method(const struct request *r)
{
    return r->method;
}

const char *request_path(const struct request *r)
{
    return at(r, r->path);
}

const char *request_query_name(struct request *r, size_t i)
{
    return i < r->param_count ? at(r, r->params[i]) : NULL;
}

const char *request_query(struct request *r, const char *name)
{
    const char *text;
    for (size_t i = 0; (text = request_query_name(r, i)); i++)
        if (strcmp(text, name) == 0)
            return text + strlen(text) + 1;
    return NULL;
}

const char *request_header(struct request *r, const char *name, bool *twice)
{
    bool repeated = false;
    const char *value = NULL;
    for (int i = 0; i < HEADER_COUNT; i++)
        if (strcmp(names[i], name) == 0) {
            repeated = r->twice >> i & 1;
            value = repeated ? NULL : request_raw(r, (enum header)i);
        }
    if (twice)
        *twice = repeated;
    return value;
}

const char *request_body(const struct request *r, size_t *len)
{
    *len = r->body.len;
    return r->body.data ? r->body.data : "";
}

const char *request_peer(const struct request *r)
{
    return r->peer;
}

bool request_is_secure(const struct request *r)
{
    return r->secure;
}

bool request_is_owner(const struct request *r)
{
    return r->owner;
}

void request_set_user(struct request *r, void *user)
{
    r->user = user;
}

void *request_user(const struct request *r)
{
    return r->user;
}

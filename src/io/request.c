#include "request.h"

#include "utf8.h"

#include <libwebsockets.h>
#include <string.h>
#include <strings.h>

static const struct {
    const char *name;
    enum lws_token_indexes token;
} known[HEADER_COUNT] = {
    [HEADER_AUTHORIZATION] = {"authorization", WSI_TOKEN_HTTP_AUTHORIZATION},
    [HEADER_COOKIE] = {"cookie", WSI_TOKEN_HTTP_COOKIE},
    [HEADER_CONTENT_TYPE] = {"content-type", WSI_TOKEN_HTTP_CONTENT_TYPE},
    [HEADER_ACCEPT_LANGUAGE] = {"accept-language", WSI_TOKEN_HTTP_ACCEPT_LANGUAGE},
    [HEADER_ACCEPT_ENCODING] = {"accept-encoding", WSI_TOKEN_HTTP_ACCEPT_ENCODING},
    [HEADER_IF_NONE_MATCH] = {"if-none-match", WSI_TOKEN_HTTP_IF_NONE_MATCH},
    [HEADER_ORIGIN] = {"origin", WSI_TOKEN_ORIGIN},
    [HEADER_HOST] = {"host", WSI_TOKEN_HOST},
    [HEADER_CONTENT_LENGTH] = {"content-length", WSI_TOKEN_HTTP_CONTENT_LENGTH},
    [HEADER_TRANSFER_ENCODING] = {"transfer-encoding", WSI_TOKEN_HTTP_TRANSFER_ENCODING},
    [HEADER_EXPECT] = {"expect", WSI_TOKEN_HTTP_EXPECT},
    [HEADER_CONNECTION] = {"connection", WSI_TOKEN_CONNECTION},
    [HEADER_WS_KEY] = {"sec-websocket-key", WSI_TOKEN_KEY},
    [HEADER_WS_VERSION] = {"sec-websocket-version", WSI_TOKEN_VERSION},
    [HEADER_FORWARDED_FOR] = {"x-forwarded-for", WSI_TOKEN_X_FORWARDED_FOR},
    [HEADER_WS_PROTOCOL] = {"sec-websocket-protocol", WSI_TOKEN_PROTOCOL},
};

/* By the library's number of a method. */
static const char *const methods[] = {
    [LWSHUMETH_GET] = "GET",         [LWSHUMETH_POST] = "POST",   [LWSHUMETH_OPTIONS] = "OPTIONS",
    [LWSHUMETH_PUT] = "PUT",         [LWSHUMETH_PATCH] = "PATCH", [LWSHUMETH_DELETE] = "DELETE",
    [LWSHUMETH_CONNECT] = "CONNECT", [LWSHUMETH_HEAD] = "HEAD",
};

static const char *at(const struct request *r, uint16_t offset)
{
    return r->text.data + offset;
}

/* Keeps N bytes and a NUL; gives their offset. The head is far smaller than 64 KiB. */
static uint16_t keep(struct request *r, const char *bytes, size_t n)
{
    size_t offset = r->text.len;
    buf_add(&r->text, bytes, n);
    buf_add(&r->text, "", 1);
    return (uint16_t)offset;
}

static bool is_text(const char *s)
{
    size_t n = strlen(s), step = 1;
    for (uint32_t c; n && step; s += step, n -= step)
        step = utf8_next(s, n, &c);
    return n == 0;
}

static void read_header(struct request *r, struct lws *wsi, enum header h)
{
    char value[HTTP_HEAD_MAX + 1];
    int n = lws_hdr_copy(wsi, value, sizeof value, known[h].token);
    if (n == 0)
        return;
    /* A NUL inside would hide what follows it. */
    if (n < 0 || strlen(value) != (size_t)n) {
        r->malformed = true;
        return;
    }
    size_t from = strspn(value, " \t"), len = (size_t)n;
    while (len > from && strchr(" \t", value[len - 1]))
        len--;
    r->headers[h] = keep(r, value + from, len - from);
    if (lws_hdr_fragment_length(wsi, known[h].token, 1) > 0)
        r->twice |= (uint16_t)(1u << h);
}

/* Splits "name=value", which is decoded already. */
static void read_params(struct request *r, struct lws *wsi)
{
    char text[HTTP_HEAD_MAX + 1];
    for (int i = 0, n;
         (n = lws_hdr_copy_fragment(wsi, text, sizeof text, WSI_TOKEN_HTTP_URI_ARGS, i)) >= 0;
         i++) {
        if (n == 0 || !strcmp(text, "/")) /* the library's own way to say that nothing came */
            continue;
        if (r->param_count == HTTP_PARAMS_MAX || strlen(text) != (size_t)n || !is_text(text)) {
            r->malformed = true;
            return;
        }
        size_t name = strcspn(text, "=");
        r->params[r->param_count++] = keep(r, text, name);
        keep(r, text + name + (text[name] == '='), (size_t)n - name - (text[name] == '='));
    }
}

static void read_target(struct request *r, struct lws *wsi)
{
    char *path = NULL;
    int len = 0, method = lws_http_get_uri_and_method(wsi, &path, &len);
    size_t count = sizeof methods / sizeof *methods;
    if (method >= 0 && (size_t)method < count)
        r->method = methods[method];
    if (!path || strlen(path) != (size_t)len || !is_text(path)) {
        r->malformed = true;
        return;
    }
    r->path = keep(r, path, (size_t)len);
}

/* Digits only, once. More than 18 of them are read as the largest: too large in any case. */
static int64_t parse_length(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || text[digits])
        return -2;
    return digits > 18 ? INT64_MAX : strtoll(text, NULL, 10);
}

static void read_length(struct request *r, struct lws *wsi)
{
    if (r->headers[HEADER_CONTENT_LENGTH])
        r->length = parse_length(request_raw(r, HEADER_CONTENT_LENGTH));
    /* The library doesn't read longer ones, and would wait for 100 MiB. */
    if (lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) > 30)
        r->length = -2;
}

static void read_version(struct request *r, struct lws *wsi)
{
    char version[16] = "";
    lws_hdr_copy(wsi, version, sizeof version, WSI_TOKEN_HTTP);
    r->is_old = strcmp(version, "HTTP/1.1") != 0;
    const char *connection = request_raw(r, HEADER_CONNECTION);
    r->close =
        r->is_old ? !request_lists(connection, "keep-alive") : request_lists(connection, "close");
}

/* A trusted proxy has the client's TLS in its own hands. */
static bool is_forwarded_tls(struct lws *wsi)
{
    static const char name[] = "x-forwarded-proto:";
    char value[16];
    int n = lws_hdr_custom_copy(wsi, value, sizeof value, name, (int)strlen(name));
    return n > 0 && strcasecmp(value + strspn(value, " "), "https") == 0;
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
    r->secure = c->tls || (proxies_trust(proxies, &c->address) && is_forwarded_tls(c->wsi));
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

struct request *request_new(struct http *h, struct conn *c)
{
    struct request *r = request_blank(h, c);
    read_target(r, c->wsi);
    read_params(r, c->wsi);
    for (int i = 0; i < HEADER_COUNT; i++)
        read_header(r, c->wsi, (enum header)i);
    read_length(r, c->wsi);
    read_peer(r);
    read_version(r, c->wsi);
    r->close |= h->closing;
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
        if (strcmp(known[i].name, name) == 0) {
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

/* How a page is answered with: the form that the client can read, and not at all if it has it. */
#include "pages.h"

#include "buf.h"
#include "http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SECURITY                                                                                   \
    "Content-Security-Policy: default-src 'self'; connect-src 'self' ws: wss:; "                   \
    "img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; "       \
    "base-uri 'none'; form-action 'self'\r\n"                                                      \
    "Referrer-Policy: no-referrer\r\n"

#define CACHE_ALWAYS "Cache-Control: public, max-age=31536000, immutable\r\n"
#define CACHE_CHECK  "Cache-Control: no-cache\r\n"

/* A q of nothing but zeros says no. */
static bool is_refused(const char *params, size_t n)
{
    for (size_t i = 0; i + 1 < n; i++)
        if ((params[i] == 'q' || params[i] == 'Q') && params[i + 1] == '=') {
            const char *q = params + i + 2;
            return *q == '0' && strtod(q, NULL) == 0;
        }
    return false;
}

/* What is said of gzip itself goes before what is said of all. */
static bool takes_gzip(const char *list)
{
    bool any = false;
    while (list && *list) {
        list += strspn(list, ", \t");
        size_t n = strcspn(list, ","), name = strcspn(list, ",; \t");
        bool yes = !is_refused(list + name, n - name);
        if (name == 4 && strncasecmp(list, "gzip", 4) == 0)
            return yes;
        if (name == 1 && *list == '*')
            any = yes;
        list += n;
    }
    return any;
}

/* If-None-Match compares weakly: a W/ makes no difference. */
static bool is_known(const char *list, const char *etag)
{
    size_t n = strlen(etag);
    while (list && *list) {
        list += strspn(list, ", \t");
        if (strcmp(list, "*") == 0)
            return true;
        if (strncmp(list, "W/", 2) == 0)
            list += 2;
        if (strncmp(list, etag, n) == 0 && strchr(", \t", list[n]))
            return true;
        const char *end = *list == '"' ? strchr(list + 1, '"') : NULL;
        list = end ? end + 1 : list + strcspn(list, ",");
    }
    return false;
}

static bool is_plain(const char *path)
{
    return path[strspn(
               path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-")] == '\0';
}

/* "/m" for "/m/": sent on there, so that the page's relative links hold. */
static int send_on(const struct pages *p, struct request *r)
{
    struct buf path = {0}, headers = {0};
    buf_addf(&path, "%s/", request_path(r));
    const struct page *page = is_plain(path.data) ? pages_find(p, path.data) : NULL;
    if (page) {
        buf_addf(&headers, "Location: %s\r\n" CACHE_CHECK SECURITY, path.data);
        request_reply(r, 308, NULL, "", 0, headers.data);
    }
    buf_free(&path);
    buf_free(&headers);
    return page ? 0 : -1;
}

int pages_reply(const struct pages *p, struct request *r)
{
    const struct page *page = pages_find(p, request_path(r));
    if (!page)
        return send_on(p, r);
    bool packed = page->gzip && takes_gzip(request_header(r, "accept-encoding", NULL));
    char etag[sizeof page->etag + 4];
    size_t n = strlen(page->etag) - 1;
    snprintf(etag, sizeof etag, "%.*s%s\"", (int)n, page->etag, packed ? "-gz" : "");
    struct buf headers = {0};
    buf_addf(
        &headers, "ETag: %s\r\n%s%s%s" SECURITY, etag, page->immutable ? CACHE_ALWAYS : CACHE_CHECK,
        page->gzip ? "Vary: Accept-Encoding\r\n" : "", packed ? "Content-Encoding: gzip\r\n" : "");
    if (is_known(request_header(r, "if-none-match", NULL), etag))
        request_reply(r, 304, NULL, "", 0, headers.data);
    else if (packed)
        request_reply_static(r, 200, page->type, page->gzip, page->gzip_len, headers.data);
    else
        request_reply_static(r, 200, page->type, page->body, page->len, headers.data);
    buf_free(&headers);
    return 0;
}

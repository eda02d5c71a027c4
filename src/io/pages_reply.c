/* How a page is answered with: the form that the client can read, and not at all if it has it. */
#include "pages.h"

#include "buf.h"
#include "http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

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

static const struct {
    const char *name, *mark; /* as the header has it; and behind the page's own ETag */
} packings[PACKINGS] = {[PACKING_BROTLI] = {"br", "-br"}, [PACKING_GZIP] = {"gzip", "-gz"}};

/* What is said of the form itself goes before what is said of all. */
static bool takes(const char *list, const char *form)
{
    bool any = false;
    size_t form_len = strlen(form);
    while (list && *list) {
        list += strspn(list, ", \t");
        size_t n = strcspn(list, ","), name = strcspn(list, ",; \t");
        bool yes = !is_refused(list + name, n - name);
        if (name == form_len && strncasecmp(list, form, name) == 0)
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
static int send_on(const struct pages *p, struct request *r, const char *path)
{
    struct buf folder = {0}, headers = {0};
    buf_addf(&folder, "%s/", path);
    const struct page *page = is_plain(request_path(r)) ? pages_find(p, folder.data) : NULL;
    if (page) {
        buf_addf(&headers, "Location: %s/\r\n" CACHE_CHECK, request_path(r));
        request_reply(r, 308, NULL, "", 0, headers.data);
    }
    buf_free(&folder);
    buf_free(&headers);
    return page ? 0 : -1;
}

/* The best form that there is and that is taken; PACKINGS: the page as it is. */
static int choose(const struct page *page, const char *accepted)
{
    int i = 0;
    while (i < PACKINGS && (!page->packed[i].bytes || !takes(accepted, packings[i].name)))
        i++;
    return i;
}

static bool has_forms(const struct page *page)
{
    bool any = false;
    for (int i = 0; i < PACKINGS; i++)
        any |= page->packed[i].bytes != NULL;
    return any;
}

int pages_reply(const struct pages *p, struct request *r, const char *path)
{
    const struct page *page = pages_find(p, path);
    if (!page)
        return send_on(p, r, path);
    struct form form = {page->body, page->len};
    int packing = choose(page, request_header(r, "accept-encoding", NULL));
    char etag[sizeof page->etag + 4];
    struct buf headers = {0};
    snprintf(etag, sizeof etag, "%.*s%s\"", (int)strlen(page->etag) - 1, page->etag,
             packing < PACKINGS ? packings[packing].mark : "");
    buf_addf(&headers, "ETag: %s\r\n%s%s", etag, page->immutable ? CACHE_ALWAYS : CACHE_CHECK,
             has_forms(page) ? "Vary: Accept-Encoding\r\n" : "");
    if (packing < PACKINGS) {
        form = page->packed[packing];
        buf_addf(&headers, "Content-Encoding: %s\r\n", packings[packing].name);
    }
    if (is_known(request_header(r, "if-none-match", NULL), etag))
        request_reply(r, 304, NULL, "", 0, headers.data);
    else
        request_reply_static(r, 200, page->type, form.bytes, form.len, headers.data);
    buf_free(&headers);
    return 0;
}

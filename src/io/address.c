#include "address.h"

#include "buf.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REDIS_PORT    6379
#define SENTINEL_PORT 26379
#define NAME_BYTES    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"

static char *percent_decoded(const char *from, size_t n)
{
    char *out = mem_alloc(n + 1), *to = out;
    for (size_t i = 0; i < n; i++) {
        unsigned byte;
        if (from[i] == '%' && i + 2 < n && sscanf(from + i + 1, "%2x", &byte) == 1) {
            *to++ = (char)byte;
            i += 2;
        } else {
            *to++ = from[i];
        }
    }
    return out;
}

/* Gives what stands behind "user:pass@", which may be missing. */
static const char *read_login(const char *from, struct address *out)
{
    const char *at = strrchr(from, '@');
    if (!at)
        return from;
    const char *colon = memchr(from, ':', (size_t)(at - from));
    if (colon && colon > from)
        out->user = percent_decoded(from, (size_t)(colon - from));
    colon = colon ? colon + 1 : from;
    out->password = percent_decoded(colon, (size_t)(at - colon));
    return at + 1;
}

/* LEN bytes of "host", "host:port" or "[v6]:port". */
static bool read_place(const char *from, size_t len, int port, struct host *out)
{
    bool v6 = len > 0 && from[0] == '[';
    const char *close = v6 ? memchr(from, ']', len) : NULL;
    if (v6 && !close)
        return false;
    size_t skipped = v6 ? (size_t)(close - from) : 0;
    const char *colon = memchr(from + skipped, ':', len - skipped);
    size_t host = colon ? (size_t)(colon - from) : len;
    if (v6 && from + host != close + 1)
        return false;
    out->name = v6 ? strndup(from + 1, host - 2) : strndup(from, host);
    out->port = port;
    if (colon) {
        char *end;
        long n = strtol(colon + 1, &end, 10);
        if (end == colon + 1 || end != from + len || n < 1 || n > 65535)
            return false;
        out->port = (int)n;
    }
    return out->name[0] != '\0';
}

/* LEN bytes of places with commas between them. */
static bool read_seeds(const char *from, size_t len, int port, struct address *out)
{
    const char *end = from + len;
    for (;;) {
        const char *comma = memchr(from, ',', (size_t)(end - from));
        size_t n = (size_t)((comma ? comma : end) - from);
        if (out->seed_count == ADDRESS_SEEDS ||
            !read_place(from, n, port, &out->seeds[out->seed_count++]))
            return false;
        if (!comma)
            return true;
        from = comma + 1;
    }
}

/* "" and "/" are 0; else "/N", behind which another slash is let be. */
static bool read_db(const char *from, int *db)
{
    char *end = NULL;
    long n = from[0] == '/' && from[1] ? strtol(from + 1, &end, 10) : 0;
    *db = (int)n;
    return n >= 0 && n <= 1000000 && (!end || !*end || (*end == '/' && end != from + 1));
}

static bool read_server(const char *from, struct address *out)
{
    from = read_login(from, out);
    size_t len = strcspn(from, "/");
    return read_place(from, len, REDIS_PORT, &out->server) && read_db(from + len, &out->db);
}

static bool read_sentinel(const char *from, struct address *out)
{
    from = read_login(from, out);
    size_t len = strcspn(from, "/");
    if (!from[len] || !read_seeds(from, len, SENTINEL_PORT, out))
        return false;
    from += len + 1;
    len = strspn(from, NAME_BYTES);
    out->master = strndup(from, len);
    return len > 0 && (!from[len] || from[len] == '/') && read_db(from + len, &out->db);
}

/* A cluster has one database. */
static bool read_cluster(const char *from, struct address *out)
{
    from = read_login(from, out);
    size_t len = strcspn(from, "/");
    return read_seeds(from, len, REDIS_PORT, out) && read_db(from + len, &out->db) && out->db == 0;
}

static const struct form {
    const char *prefix;
    enum address_kind kind;
    bool (*read)(const char *from, struct address *out);
    const char *allowed;
} forms[] = {
    {"redis://", ADDRESS_SERVER, read_server, "redis://[user:pass@]host:port[/db]"},
    {"sentinel://", ADDRESS_SENTINEL, read_sentinel,
     "sentinel://[user:pass@]host:port[,host:port...]/name[/db]"},
    {"cluster://", ADDRESS_CLUSTER, read_cluster, "cluster://[user:pass@]host:port[,host:port...]"},
};

bool address_read(const char *url, struct address *out, char *error, size_t error_size)
{
    memset(out, 0, sizeof *out);
    if (!strncmp(url, "unix:///", 8)) {
        out->path = mem_string(url + 7);
        return true;
    }
    snprintf(error, error_size, "private, %s, unix:///path, %s or %s is expected", forms[0].allowed,
             forms[1].allowed, forms[2].allowed);
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        size_t n = strlen(forms[i].prefix);
        if (strncmp(url, forms[i].prefix, n) != 0)
            continue;
        out->kind = forms[i].kind;
        if (forms[i].read(url + n, out))
            return true;
        snprintf(error, error_size, "%s is expected", forms[i].allowed);
    }
    address_clear(out);
    return false;
}

void address_clear(struct address *a)
{
    for (size_t i = 0; i < a->seed_count; i++)
        free(a->seeds[i].name);
    free(a->path);
    free(a->server.name);
    free(a->master);
    free(a->user);
    free(a->password);
    memset(a, 0, sizeof *a);
}

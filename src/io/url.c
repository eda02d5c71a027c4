#include "url.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const char *after(const char *text, const char *start)
{
    size_t n = strlen(start);
    return strncmp(text, start, n) == 0 ? text + n : NULL;
}

/* It goes into a request's head as it is. */
static bool is_plain(const char *text)
{
    for (const char *c = text; *c; c++)
        if (!isgraph((unsigned char)*c) || strchr("?#@\\\"<>", *c))
            return false;
    return true;
}

bool url_read(const char *text, struct url *out)
{
    const char *rest = after(text, "http://"), *end;
    int used = 0;
    out->tls = !rest;
    rest = rest ? rest : after(text, "https://");
    if (!rest || !is_plain(rest))
        return false;
    out->path = rest + strcspn(rest, "/");
    end = rest[0] == '[' ? strchr(rest, ']') : NULL;
    size_t host = end ? (size_t)(end + 1 - rest) : strcspn(rest, ":/");
    if (host == 0 || host >= sizeof out->host || (end && host == 2) || (!end && rest[0] == '['))
        return false;
    snprintf(out->host, sizeof out->host, "%.*s", (int)(end ? host - 2 : host), rest + (end != 0));
    rest += host;
    out->port = out->tls ? 443 : 80;
    if (rest == out->path)
        return true;
    return rest[0] == ':' && isdigit((unsigned char)rest[1]) &&
           sscanf(rest, ":%5d%n", &out->port, &used) == 1 && rest + used == out->path &&
           out->port > 0 && out->port < 65536;
}

bool url_ok(const char *text)
{
    struct url url;
    return url_read(text, &url);
}

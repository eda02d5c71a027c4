#include "nodes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIELDS 8 /* id address flags master ping pong epoch state, then slots */

/* A line's words; gives what stands behind the first FIELDS. */
static const char *split(const char *line, const char *end, const char *word[], size_t len[])
{
    for (int i = 0; i < FIELDS; i++) {
        const char *blank = memchr(line, ' ', (size_t)(end - line));
        word[i] = line;
        len[i] = (size_t)((blank ? blank : end) - line);
        if (!blank && i < FIELDS - 1)
            return NULL;
        line = blank ? blank + 1 : end;
    }
    return line;
}

/* "7-10 12 [13->-ID]": slots on their way belong to the owner as yet. */
static bool owns(const char *at, const char *end, long slot)
{
    while (at < end) {
        char *rest;
        long first = strtol(at, &rest, 10);
        long last = *rest == '-' ? strtol(rest + 1, NULL, 10) : first;
        if (*at != '[' && rest > at && first <= slot && slot <= last)
            return true;
        at = memchr(at, ' ', (size_t)(end - at));
        at = at ? at + 1 : end;
    }
    return false;
}

/* "host:port@bus,name"; a node that hasn't been told its own host leaves it out. */
static bool read_address(const char *text, size_t len, const char *asked, struct told *out)
{
    const char *at = memchr(text, '@', len), *end = at ? at : text + len, *colon = end;
    while (colon > text && *colon != ':')
        colon--;
    if (*colon != ':')
        return false;
    snprintf(out->host, sizeof out->host, "%.*s", (int)(colon - text), text);
    if (colon == text)
        snprintf(out->host, sizeof out->host, "%s", asked);
    out->port = (int)strtol(colon + 1, NULL, 10);
    return out->port > 0 && out->port < 65536;
}

bool nodes_owner(const char *nodes, long slot, const char *asked, struct told *out,
                 void (*each)(void *ctx, const char *host, int port), void *ctx)
{
    const char *word[FIELDS], *end;
    size_t len[FIELDS];
    bool found = false;
    for (const char *line = nodes; *line; line = *end ? end + 1 : end) {
        struct told node;
        end = line + strcspn(line, "\n");
        const char *slots = split(line, end, word, len);
        if (!slots || !read_address(word[1], len[1], asked, &node))
            continue;
        each(ctx, node.host, node.port);
        node.epoch = strtoull(word[6], NULL, 10);
        if (!owns(slots, end, slot))
            continue;
        *out = node;
        found = true;
    }
    return found;
}

bool nodes_moved(const char *error, const char *said_by, struct told *out)
{
    const char *at = strncmp(error, "MOVED ", 6) == 0 ? strchr(error + 6, ' ') : NULL;
    return at && read_address(at + 1, strlen(at + 1), said_by, out);
}

/* What a Sentinel is asked. During a failover it names the new master as soon as that is one, and
 * counts each change of its mind by an epoch. */
#include "route_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEARD_MS 2500 /* it asks every second */

static bool is_failure(struct guide *g, const redisReply *reply)
{
    if (reply && reply->type == REDIS_REPLY_ERROR)
        guide_failed(g, reply->str);
    return !reply || reply->type == REDIS_REPLY_ERROR;
}

static void on_place(void *ctx, const redisReply *reply)
{
    struct guide *g = ctx;
    memset(&g->hearing, 0, sizeof g->hearing);
    if (!reply || reply->type != REDIS_REPLY_ARRAY || reply->elements != 2 ||
        !reply->element[0]->str || !reply->element[1]->str)
        return; /* the next answer tells why */
    snprintf(g->hearing.host, sizeof g->hearing.host, "%s", reply->element[0]->str);
    g->hearing.port = (int)strtol(reply->element[1]->str, NULL, 10);
}

/* Of a list of names and values; "" if it isn't in it. */
static const char *fact(const redisReply *facts, const char *name)
{
    for (size_t i = 0; facts->type == REDIS_REPLY_ARRAY && i + 1 < facts->elements; i += 2)
        if (facts->element[i]->str && !strcmp(facts->element[i]->str, name) &&
            facts->element[i + 1]->str)
            return facts->element[i + 1]->str;
    return "";
}

static void on_master(void *ctx, const redisReply *reply)
{
    struct guide *g = ctx;
    if (is_failure(g, reply))
        return;
    g->hearing.epoch = strtoull(fact(reply, "config-epoch"), NULL, 10);
    const char *ago = fact(reply, "last-ok-ping-reply");
    g->hears = !strcmp(fact(reply, "flags"), "master") && *ago && strtol(ago, NULL, 10) < HEARD_MS;
    if (g->hearing.port)
        guide_told(g, &g->hearing);
    else
        guide_failed(g, "it knows no address of that master");
}

void sentinel_ask(struct guide *g, const char *master)
{
    link_sendf(g->link, on_place, g, "SENTINEL GET-MASTER-ADDR-BY-NAME %s", master);
    link_sendf(g->link, on_master, g, "SENTINEL MASTER %s", master);
}

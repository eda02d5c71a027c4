/* What a Sentinel is asked. During a failover it names the new master as soon as that is one, and
 * counts each change of its mind by an epoch. */
#include "route_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static void on_master(void *ctx, const redisReply *reply)
{
    struct guide *g = ctx;
    if (is_failure(g, reply))
        return;
    for (size_t i = 0; reply->type == REDIS_REPLY_ARRAY && i + 1 < reply->elements; i += 2)
        if (reply->element[i]->str && !strcmp(reply->element[i]->str, "config-epoch") &&
            reply->element[i + 1]->str)
            g->hearing.epoch = strtoull(reply->element[i + 1]->str, NULL, 10);
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

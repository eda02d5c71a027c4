/* What a Cluster's node is asked: which slot the alliance lives in, and who owns it. The node's
 * answer is as old as what it last heard; the owner's epoch tells how old. */
#include "route_private.h"

#include <stdio.h>

static void on_node(void *ctx, const char *host, int port)
{
    guide_add(((struct guide *)ctx)->route, host, port);
}

static void on_slot(void *ctx, const redisReply *reply)
{
    struct guide *g = ctx;
    g->slot = reply && reply->type == REDIS_REPLY_INTEGER ? (long)reply->integer : -1;
}

static void on_nodes(void *ctx, const redisReply *reply)
{
    struct guide *g = ctx;
    char complaint[80];
    if (!reply)
        return;
    if (reply->type != REDIS_REPLY_STRING) {
        guide_failed(g,
                     reply->type == REDIS_REPLY_ERROR ? reply->str : "it isn't a Cluster's node");
        return;
    }
    snprintf(complaint, sizeof complaint, "CLUSTERDOWN no node serves slot %ld", g->slot);
    if (nodes_owner(reply->str, g->slot, g->address.server.name, &g->hearing, on_node, g))
        guide_told(g, &g->hearing);
    else
        guide_failed(g, complaint);
}

void cluster_ask(struct guide *g, const char *key)
{
    link_sendf(g->link, on_slot, g, "CLUSTER KEYSLOT %s", key);
    link_sendf(g->link, on_nodes, g, "CLUSTER NODES");
}

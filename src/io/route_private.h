/* What route.c and those who know how to ask share: sentinel.c, cluster.c. */
#ifndef TALLYD_ROUTE_PRIVATE_H
#define TALLYD_ROUTE_PRIVATE_H

#include "link.h"
#include "nodes.h"
#include "route.h"

/* One who is asked. */
struct guide {
    struct route *route;
    struct address address;
    struct link *link; /* NULL: nothing is to be asked */
    bool asked;        /* a question is under way */
    bool settled;      /* has answered or failed since it was opened */
    bool fresh;        /* what it told holds */
    bool hears;        /* a Sentinel: of the master */
    long slot;         /* in a Cluster */
    struct told told, hearing;
    char complaint[120];
};

/* Called back with guide_told or guide_failed, once, and not at all where the connection ends. */
void sentinel_ask(struct guide *g, const char *master);
void cluster_ask(struct guide *g, const char *key);

void guide_told(struct guide *g, const struct told *told);
void guide_failed(struct guide *g, const char *complaint);
/* Another node that may be asked. */
void guide_add(struct route *r, const char *host, int port);

#endif

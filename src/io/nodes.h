/* nodes: what a Cluster's node writes of the others, and where it sends whoever asks the wrong one.
 * Plain text, no connection. */
#ifndef TALLYD_NODES_H
#define TALLYD_NODES_H

#include <stdbool.h>
#include <stdint.h>

#define HOST_SIZE 256

/* The server that is named as the store's, and the epoch of that: of two that differ the later
 * holds, as Sentinels and Clusters agree among themselves. Plain value. */
struct told {
    char host[HOST_SIZE];
    int port;
    uint64_t epoch;
};

/* From the answer to CLUSTER NODES: who owns the slot; false: nobody. ASKED is the host that gave
 * it, for nodes that don't know their own. EACH is told every node with an address. */
bool nodes_owner(const char *nodes, long slot, const char *asked, struct told *out,
                 void (*each)(void *ctx, const char *host, int port), void *ctx);
/* "MOVED 3999 host:port"; without a host it is the one that said so. False if ERROR is another. */
bool nodes_moved(const char *error, const char *said_by, struct told *out);

#endif

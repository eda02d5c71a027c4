/* conn: one accepted socket, from its accept to its end, for http and live to hang their parts
 * on; the library carries it along as the socket's opaque user data. And all of them: how many an
 * address has, and which keep the daemon waiting for a head longer than is decent. Private to this
 * floor. */
#ifndef TALLYD_CONN_H
#define TALLYD_CONN_H

#include "live.h"
#include "proxies.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

struct conns {
    struct conn *first;
    struct crowd *crowds; /* by address: how many */
    long count;
};

struct conn {
    struct conns *conns;
    struct conn *prev, *next;
    struct lws *wsi;         /* NULL until the library has it */
    struct request *request; /* the one under way, or NULL */
    struct live *live;       /* whose it is to become a session */
    struct session *session; /* once it is a WebSocket */
    bool owner;              /* came by the state folder's socket; it has no address */
    bool tls;
    bool over;             /* its last answer is out: it ends as soon as the library asks */
    bool parted;           /* what it hasn't taken yet is seen to, or given up */
    char guest[LIVE_NAME]; /* by whose leave it is a WebSocket; "": nobody's in particular */
    struct address16 address;
    uint64_t deadline; /* ms by which a whole head must have come; 0: none is awaited */
};

/* FROM: where it comes from; NULL: it is the owner's. */
struct conn *conn_new(struct conns *all, const struct sockaddr *from, uint64_t deadline);
void conn_free(struct conn *c);
/* Ends it at once: what the other side hasn't taken is thrown away. The library tells of the end as
 * of any other. */
void conn_drop(struct conn *c);

/* How many connections the address has. */
long conns_of(const struct conns *all, const struct address16 *address);
/* Drops those whose head hasn't come in time. NOW in ms. */
void conns_sweep(struct conns *all, uint64_t now);

#endif

/* conn: one accepted socket, from its accept to its end, for http and live to hang their parts
 * on. First we carry it ourselves, unless it has TLS; once it asks for a WebSocket it is handed on
 * to the library, which carries it along as the socket's opaque user data. And all of them: how
 * many an address has, and which keep the daemon waiting for a head longer than is decent. Private
 * to this floor. */
#ifndef TALLYD_CONN_H
#define TALLYD_CONN_H

#include "live.h"
#include "proxies.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

struct conn;
struct request;

/* How bytes get to a client: by ourselves (plain), or by the library, which has TLS. */
struct carrier {
    int (*fd)(const struct conn *c); /* -1: there is none yet, or no more */
    /* Gives how many of them it took; -1: the connection is broken. */
    ssize_t (*send)(struct conn *c, const void *bytes, size_t n);
    /* Does it keep bytes that the socket hasn't taken yet? */
    bool (*holds)(const struct conn *c);
    /* To call http_on_writable when the socket takes more, or soon. */
    void (*ask)(struct conn *c);
    /* Nothing but an answer, or its next piece, is awaited for so many seconds. */
    void (*wait)(struct conn *c, unsigned seconds);
    /* The handler has answered outside of http_on_head and http_on_body_end. */
    void (*answer)(struct request *r);
    /* The answer is out, and the connection goes on. -1: it can't. */
    int (*next)(struct conn *c);
    /* Ends it, whatever hasn't been taken. */
    void (*drop)(struct conn *c);
    bool defers; /* no answer may leave while a body's end is told of */
};

struct conns {
    struct conn *first;
    struct crowd *crowds; /* by address: how many */
    long count;
};

struct conn {
    struct conns *conns;
    struct conn *prev, *next;
    const struct carrier *carrier;
    struct plain *plain;     /* while we carry it ourselves */
    struct lws *wsi;         /* NULL until the library has it */
    struct request *request; /* the one under way, or NULL */
    struct live *live;       /* whose it is to become a session */
    struct session *session; /* once it is a WebSocket */
    bool owner;              /* came by the state folder's socket; it has no address */
    bool tls;
    bool idle;             /* answered, and nothing of a next head has come */
    bool over;             /* its last answer is out: it ends as soon as the library asks */
    bool parted;           /* what it hasn't taken yet is seen to, or given up */
    char guest[LIVE_NAME]; /* by whose leave it is a WebSocket; "": nobody's in particular */
    struct address16 address;
    uint64_t deadline; /* ms by which a whole head must have come; 0: none is awaited */
};

/* ms on the clock of all deadlines here. */
uint64_t conn_now(void);

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

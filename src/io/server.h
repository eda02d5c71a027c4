/* server: the libwebsockets context on our loop, its listeners, and who comes in by them. We
 * accept ourselves and hand sockets over, so that limits, back-off without file descriptors and
 * the owner's unix socket are ours. */
#ifndef TALLYD_SERVER_H
#define TALLYD_SERVER_H

#include "http.h"
#include "live.h"
#include <uv.h>

struct server;
struct lws_context;
struct lws_vhost;

struct server_options {
    const char *listen;       /* "127.0.0.1:8080", "[::1]:0" */
    int socket;               /* that listens already, in the place of that address; -1: none */
    const char *owner_socket; /* path of the owner's unix socket, mode 0600; NULL: none */
    long max_connections;
    long address_connections; /* that one address may have; 0: any number */
    bool loopback_counts;     /* for that, loopback is an address like any other */
    long head_timeout;        /* s for a whole head, from its first byte or from connecting */
    long body_timeout;        /* s for a whole request, head to last byte of the body */
    char *const *proxies;     /* trusted: addresses and networks, closed by NULL */
    const char *certificate;  /* paths for TLS; "": without */
    const char *key;
    size_t outward;           /* connections that are ours to others (peer) */
    bool outward_tls;         /* some of them by TLS */
    struct http_handler http; /* borrowed parts must outlive the server */
};

/* Opens all listeners; NULL with a reason in ERROR ("address already in use: …") if one can't.
 * A stale owner socket is replaced. */
struct server *server_open(uv_loop_t *loop, const struct server_options *options, char *error,
                           size_t error_size);
/* Takes from changed options what can change while running: the connections that an address may
 * have, the timeouts, the proxies, and the certificate, which must be there or not as before; one
 * that can't be loaded is logged and the old one stays. */
void server_reload(struct server *s, const struct server_options *options);
/* "127.0.0.1:43211": where it really listens. */
const char *server_address(const struct server *s);
/* Screens to which http_handler.screens may send; they go with the server. */
struct live *server_open_live(struct server *s, const struct live_handler *handler);
/* For peer: where its connections belong. */
uv_loop_t *server_loop(const struct server *s);
void server_outward(const struct server *s, struct lws_context **context, struct lws_vhost **vhost);
/* Stops accepting, lets requests under way be answered for at most GRACE_MS, and closes WebSockets
 * with 1012 (restart), many of them over LEAVE_MS so that they don't all come back at once; who
 * isn't dismissed yet is served as ever. Then closes all, and calls ON_CLOSED once. */
void server_close(struct server *s, unsigned leave_ms, unsigned grace_ms,
                  void (*on_closed)(void *ctx), void *ctx);
/* After on_closed, and when the loop has run dry: frees. */
void server_free(struct server *s);

#endif

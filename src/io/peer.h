/* peer: another daemon's /ws, followed as one of its screens. It keeps at it: a connection that
 * ends, or says nothing for long, is made anew, each try later than the one before. */
#ifndef TALLYD_PEER_H
#define TALLYD_PEER_H

#include <stdbool.h>
#include <stddef.h>

struct server;
struct peer;

struct peer_handler {
    void *ctx;
    /* A whole text message. */
    void (*message)(void *ctx, const char *text, size_t len);
    /* The connection has ended, or couldn't be made; told again only after peer_good. */
    void (*down)(void *ctx, const char *reason);
};

struct peer_options {
    const char *url;   /* of the pages there, as url_ok has it */
    const char *token; /* "": none */
    const char *hello; /* said first, and by peer_ask; borrowed for its whole life */
    bool *looking_up;  /* borrowed; of all peers at once: names are looked up one at a time */
    struct peer_handler handler;
};

/* Connects by SERVER's context. Copies URL and token. */
struct peer *peer_open(struct server *server, const struct peer_options *o);
/* Says hello again: the answer is a snapshot. */
void peer_ask(struct peer *p);
/* What it said was of use: should it end now, that is told, and the next try comes soon. */
void peer_good(struct peer *p);
/* Ends the connection, for a new one. */
void peer_reset(struct peer *p, const char *reason);
/* Calls back no more. */
void peer_close(struct peer *p);

/* What the server's outward host is to speak. */
const struct lws_protocols *peer_protocols(void);

#endif

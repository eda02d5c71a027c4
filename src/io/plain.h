/* plain: a connection without TLS while it speaks HTTP: its bytes are read and written here, its
 * heads by wire's head. What it sends behind a request waits until that is answered. Private to
 * this floor. */
#ifndef TALLYD_PLAIN_H
#define TALLYD_PLAIN_H

#include "request.h"

#include <uv.h>

/* What they all share. */
struct plain_host {
    uv_loop_t *loop;
    struct http *http;
    void *ctx;
    /* C wants to become a WebSocket: FD is the host's from now on, and the N bytes that have come
     * by it, which begin with that request's head as it was read, are borrowed. */
    void (*upgrade)(void *ctx, struct conn *c, int fd, const char *bytes, size_t n);
    /* It has ended: C is the host's to free. */
    void (*ended)(void *ctx, struct conn *c);
};

/* Takes FD for C, whose carrier it becomes. */
void plain_open(const struct plain_host *host, struct conn *c, int fd);
void plain_close(struct conn *c);

#endif

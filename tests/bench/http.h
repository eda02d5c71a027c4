/* http: a keep-alive connection to a server on this machine, small enough that what it costs
 * hardly shows: requests go out as ready-made bytes, and of an answer it knows the status and the
 * body. */
#ifndef TALLYD_BENCH_HTTP_H
#define TALLYD_BENCH_HTTP_H

#include "buf.h"
#include <stdbool.h>

struct http {
    int fd;
    struct buf in;
    /* Of the answer that http_take found last. The body is NUL-terminated. */
    int status;
    char *body;
    size_t body_len, whole; /* WHOLE: bytes of IN that it takes */
};

/* Connects to PORT of 127.0.0.1; the socket doesn't block from then on. -1 if nobody listens. */
int http_open(struct http *h, int port);
void http_close(struct http *h);
/* Writes all, waiting while the socket takes no more. */
void http_send(struct http *h, const char *bytes, size_t n);
/* Reads what has come. 1: an answer is whole, and until the next call it can be looked at; 0: not
 * yet; -1: the other side has closed. */
int http_take(struct http *h);
/* Waits until http_take gives 1; dies after 30 s. */
void http_await(struct http *h);
/* One request on a connection of its own: the status, 0 if nobody listens. BODY may be NULL. */
int http_get(int port, const char *path, struct buf *body);
/* Appends a whole request. TYPE is the body's; TOKEN may be NULL. */
void http_post_write(struct buf *out, const char *path, const char *type, const char *token,
                     const char *body, size_t len);

#endif

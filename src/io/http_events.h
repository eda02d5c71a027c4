/* http_events: what a carrier tells of a request, and what http tells it in return. Private to
 * this floor. Each returns 0 to go on, or -1 to have the connection closed. */
#ifndef TALLYD_HTTP_EVENTS_H
#define TALLYD_HTTP_EVENTS_H

#include "live.h"
#include "request.h"

#define HTTP_PATIENCE   30 /* s that an answer may take, and each piece of it on its way */
#define HTTP_KEEP_ALIVE 15 /* s that an idle connection is kept */

/* A head is there; called before anything else is done about it. */
int http_on_filter(struct conn *c);
/* It has been read. */
int http_on_head(struct request *r);
int http_on_body(struct conn *c, const void *bytes, size_t n);
int http_on_body_end(struct conn *c);
int http_on_writable(struct conn *c);
/* The head asks to go on as a WebSocket. */
int http_on_upgrade(struct request *r);
/* What came isn't a head that can be read, and is refused with this status. */
int http_on_raw(struct http *h, struct conn *c, int status);
void http_on_gone(struct conn *c);
/* The handler has answered, later than in its call: to be called last, as R may be gone then. */
void http_on_answer(struct request *r);
/* Sends what the socket takes of the answer; R is gone when that was all. */
int http_push(struct request *r);
/* Answers those whose body hasn't come in time, drops those who don't take their answer. NOW in
 * ms. */
void http_sweep(struct http *h, uint64_t now);

/* 0, and the connection knows which screens it is one of; or the status to refuse this handshake
 * with. In upgrade.c. */
int upgrade_judge(struct request *r);

#endif

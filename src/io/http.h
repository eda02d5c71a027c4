/* http: the life of one request: head, body up to its limit and deadline, one answer, at once or
 * later. It shields the floors above from libwebsockets and from the traps of its version. */
#ifndef TALLYD_HTTP_H
#define TALLYD_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#define HTTP_BODY_MAX   (1024 * 1024)     /* kept; beyond it 413 */
#define HTTP_BODY_DRAIN (4 * 1024 * 1024) /* read to its end so that the client sees its 413 */

struct live;
struct request; /* from its head until request_reply; owned by http */

/* What the API is to http. All are called on the loop's thread.
 * head: the head has arrived, the body not. Return 0 to go on, or answer with request_reply
 *   (401, 403, 404, 405, 415 …) and return -1.
 * body: the whole body is there (also for GET: empty). Answer with request_reply now or later,
 *   within half a minute; exactly once. If the client is gone meanwhile, request_reply is still
 *   called, and only frees.
 * Neither sees a request whose head is wrong (400, 405, 411, or 413 for over HTTP_BODY_DRAIN). */
struct http_handler {
    void *ctx;
    int (*head)(void *ctx, struct request *r);
    void (*body)(void *ctx, struct request *r);
    /* The client went before its request was whole: body will not be called, nobody can be
     * answered. What head has begun ends here. */
    void (*gone)(void *ctx, struct request *r);
    /* For answers that http makes itself (405 of an unknown method, 408, 411, 413, 426, 400 of a
     * bad head, and what live_handler.admit said): words an error body in the request's language.
     * Gives a malloc'ed JSON text. The request may have no head at all. Where head had let it go
     * on, its body will not be called; nor will gone. */
    char *(*error)(void *ctx, struct request *r, int status, size_t *len);
    /* The screens whose WebSockets are opened at this path; NULL: there are none. */
    struct live *(*screens)(void *ctx, const char *path);
};

const char *request_method(const struct request *r); /* "GET", "HEAD", "POST", … */
const char *request_path(const struct request *r);   /* percent-decoded, without the query */
/* Percent-decoded value of a query parameter; NULL if absent. Borrowed until the reply. */
const char *request_query(struct request *r, const char *name);
/* The names of query parameters, for refusing unknown ones: NULL past the last. */
const char *request_query_name(struct request *r, size_t i);
/* "authorization", "cookie", "content-type", "accept-language", "accept-encoding", "if-none-match",
 * "origin", "host"; NULL if absent. A header sent twice is NULL too, with *twice set. */
const char *request_header(struct request *r, const char *name, bool *twice);
const char *request_body(const struct request *r, size_t *len); /* NUL behind it */
/* "192.0.2.7", behind trusted proxies too; "" on a unix socket. */
const char *request_peer(const struct request *r);
/* Does the client speak TLS, with us or with a trusted proxy? Then a cookie may be Secure. */
bool request_is_secure(const struct request *r);
bool request_is_owner(const struct request *r); /* came by the state folder's socket */
/* A pointer of the handler's own to carry along; NULL at first. */
void request_set_user(struct request *r, void *user);
void *request_user(const struct request *r);

/* Answers and ends the request. BODY is copied. TYPE is the Content-Type (NULL: none). HEADERS
 * are further header lines "name: value\r\n…" or NULL. HEAD requests get no body but its length.
 * Keep-alive goes on unless the body wasn't read. May be called inside head or body, or later. */
void request_reply(struct request *r, int status, const char *type, const void *body, size_t len,
                   const char *headers);
/* The same, but BODY is borrowed until the server is freed: for what lies in memory anyway. */
void request_reply_static(struct request *r, int status, const char *type, const void *body,
                          size_t len, const char *headers);

#endif

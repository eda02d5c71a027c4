/* request: what http keeps of one request, and the steps by which its answer leaves. Private to
 * this floor: handlers see http.h only. The head is copied, so that a request can outlive its
 * socket, as it must when the client leaves before the handler has answered. */
#ifndef TALLYD_REQUEST_H
#define TALLYD_REQUEST_H

#include "buf.h"
#include "conn.h"
#include "http.h"
#include "drain.h"
#include "head.h"

#include <netinet/in.h>
#include <stdint.h>

#define HTTP_HEAD_MAX   8192 /* bytes of a head, request line and headers together */
#define HTTP_PARAMS_MAX 32   /* query parameters */

enum header {
    HEADER_AUTHORIZATION,
    HEADER_COOKIE,
    HEADER_CONTENT_TYPE,
    HEADER_ACCEPT_LANGUAGE,
    HEADER_ACCEPT_ENCODING,
    HEADER_IF_NONE_MATCH,
    HEADER_ORIGIN,
    HEADER_HOST,
    HEADER_CONTENT_LENGTH,
    HEADER_TRANSFER_ENCODING,
    HEADER_EXPECT,
    HEADER_CONNECTION,
    HEADER_WS_KEY,
    HEADER_WS_VERSION,
    HEADER_WS_PROTOCOL,
    HEADER_FORWARDED_FOR,
    HEADER_FORWARDED_PROTO,
    HEADER_COUNT
};

/* All requests under way of one server. */
struct http {
    struct http_handler handler;
    long body_timeout; /* s */
    long head_timeout; /* s */
    struct proxies proxies;
    bool closing; /* every answer is the connection's last */
    bool serving; /* the library is calling us just now */
    struct drain *drain;
    struct request *first;
};

struct request {
    struct http *http;
    struct conn *conn; /* NULL once the client is gone */
    struct request *prev, *next;
    void *user;

    struct buf text; /* strings of the head, each with its NUL; offset 0 is an empty one */
    const char *method;
    uint16_t path, headers[HEADER_COUNT], params[HTTP_PARAMS_MAX];
    uint16_t param_count;
    uint32_t twice; /* one bit a header */
    char peer[INET6_ADDRSTRLEN];
    bool owner, is_old; /* IS_OLD: HTTP/1.0 */
    bool secure;
    bool malformed; /* the head holds what no header or path may hold */

    int64_t length; /* Content-Length; -1: none, -2: not a length */
    struct buf body;
    uint64_t whole;    /* uv_hrtime when the last byte of a body was there; 0: not yet */
    uint64_t deadline; /* ms by which the body must be there, and then the answer gone */

    bool complete; /* the body is there, or there is none */
    bool discard;  /* the body isn't wanted: the answer is known already */
    bool handed;   /* the handler has it and will answer */
    bool busy;     /* the handler is being called just now */
    bool answered;
    bool early; /* the answer goes before the body has come: the connection ends with it */
    bool close; /* the connection ends with the answer */

    char *out;        /* head of the answer, and of its body what was copied */
    size_t out_len;   /* without the library's room before it */
    const char *rest; /* what follows it, borrowed */
    size_t rest_len, sent;
};

/* One without a head, for answering what isn't HTTP, or for a carrier to put into it what the head
 * says; then it is settled. */
struct request *request_blank(struct http *h, struct conn *c);
void request_keep_path(struct request *r, struct span path);
void request_keep_param(struct request *r, struct span name, struct span value);
/* Again the same header is added by a comma. */
void request_keep_header(struct request *r, enum header h, struct span value);
/* HEADER_COUNT: one that nobody here reads. */
enum header request_header_of(struct span name);
/* Reads from the headers what http goes by. */
void request_settle(struct request *r);
/* Parts it from its client. Freed now, or by request_reply if the handler still has it. */
void request_drop(struct request *r);
/* Frees one that the handler still had when its client left. */
void request_forget(struct request *r);
/* The header as sent, a repeated one joined by commas; NULL if absent. */
const char *request_raw(const struct request *r, enum header h);
/* Does the comma-separated list hold the word, in whatever case? */
bool request_lists(const char *list, const char *word);

/* Answers with the handler's words for an error that http found itself. */
void request_error(struct request *r, int status);

/* Sends what the socket takes now of the answer. */
enum sent { SENT_SOME, SENT_ALL, SENT_FAILED };
enum sent request_send(struct request *r);

#endif

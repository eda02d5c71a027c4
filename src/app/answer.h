/* answer: a request on its way through the API, and the ways to end it. Every answer is JSON; what
 * is refused is said in the request's language with a code for programs. */
#ifndef TALLYD_ANSWER_H
#define TALLYD_ANSWER_H

#include "alliance.h"
#include "buf.h"
#include "fault.h"
#include "guard.h"
#include "http.h"

/* Lives from a request's head to its answer, which frees it. */
struct call {
    struct alliance *alliance;
    struct request *request;
    const struct space *space; /* NULL: the path is a plain one */
    const char *path;          /* what it says beyond which alliance is meant */
    const struct route *route;
    struct identity who; /* role ROLE_NONE: nobody in particular */
    enum language language;
    const char *rest; /* what of the path follows the route's own */
    uint64_t began;   /* uv_now when all of the request was there */
};

/* Errors that aren't an event's: their codes and words are a table. */
enum trouble {
    TROUBLE_NOT_JSON_TYPE, /* 415 */
    TROUBLE_NO_TOKEN,      /* 401 */
    TROUBLE_BAD_TOKEN,     /* 401 */
    TROUBLE_FORBIDDEN,     /* 403 */
    TROUBLE_OTHER_UNIT,    /* 403 */
    TROUBLE_BAD_CODE,      /* 403 */
    TROUBLE_BAD_ORIGIN,    /* 403 */
    TROUBLE_NOT_FOUND,     /* 404 */
    TROUBLE_DISTRICT,      /* 403 */
    TROUBLE_NO_ALLIANCE,   /* 404 */
    TROUBLE_METHOD,        /* 405 */
    TROUBLE_TIMEOUT,       /* 408 */
    TROUBLE_NOT_STARTED,   /* 409 */
    TROUBLE_LENGTH,        /* 411 */
    TROUBLE_TOO_LARGE,     /* 413 */
    TROUBLE_HEAD,          /* 431 */
    TROUBLE_BAD_REQUEST,   /* 400 */
    TROUBLE_TOO_MANY,      /* 429; answer_too_many */
    TROUBLE_PENDING_FULL,  /* 503 */
    TROUBLE_UNAVAILABLE,   /* 503 */
    TROUBLE_DISK,          /* 503 */
    TROUBLES
};

enum language answer_language(struct request *r);

/* Each of these ends the call. */
void answer_json(struct call *c, int status, struct buf *body); /* takes the body's bytes */
/* The same with further header lines. */
void answer_json_with(struct call *c, int status, struct buf *body, const char *headers);
void answer_text(struct call *c, int status, const char *type, struct buf *body);
/* FIELD, INDEX: where; NULL and -1 where that says nothing. */
void answer_trouble(struct call *c, enum trouble t, const char *field, int index);
/* The same with more to tell: MORE are members behind the error, `"plan":{…}`. */
void answer_trouble_with(struct call *c, enum trouble t, const char *more);
/* 405 with the methods that are allowed. */
void answer_method(struct call *c, const char *allowed);
/* 400 or 422 by what the faults are; takes nothing. */
void answer_faults(struct call *c, const struct faults *faults);

/* {"error":{…}} of a trouble by its HTTP status, for http's own refusals. */
void trouble_write_status(int status, enum language language, struct buf *out);

/* A query parameter, NULL if it is absent or empty. */
const char *answer_query(struct call *c, const char *name);
/* One fault about a parameter, 422; ends the call. */
void answer_bad_query(struct call *c, enum fault_code code, const char *name, const char *detail);

#endif

/* head: a request's head by HTTP/1.1's letter (RFC 9112), read where it lies. Strict wherever two
 * readers could see two things, so that whoever stands in front of us never forwards a request that
 * we read as another: no blank before a colon, no folded line, no control character, no CR alone.
 * An LF alone ends a line, and empty lines before a request are passed over, as the RFC allows. */
#ifndef TALLYD_HEAD_H
#define TALLYD_HEAD_H

#include <stdbool.h>
#include <stddef.h>

#define HEAD_FIELDS_MAX 128

/* Bytes of someone else's; not ended by a NUL. */
struct span {
    const char *at;
    size_t n;
};

struct head {
    size_t len; /* of it all, the empty line at its end included */
    struct span method, target;
    bool is_old; /* HTTP/1.0 */
    size_t count;
    struct {
        struct span name, value; /* VALUE without the blanks around it */
    } fields[HEAD_FIELDS_MAX];
};

enum head_state {
    HEAD_PART, /* so far it may become one */
    HEAD_WHOLE,
    HEAD_LONG, /* it has more fields than there is room for */
    HEAD_BAD,
};

/* Reads the head at the start of N bytes. OUT is of use only if it is whole. */
enum head_state head_read(const char *bytes, size_t n, struct head *out);

/* The target's path and query ("" if it has none), neither decoded; of an absolute target
 * ("http://host/path") likewise. False: it is none that a resource could have. */
bool head_target(const struct head *h, struct span *path, struct span *query);

/* Writes S without its percent-escapes to OUT, which has room for S.N bytes; in a query a plus is
 * a space. Gives the bytes written; SIZE_MAX: an escape is none. */
size_t head_decode(struct span s, bool in_query, char *out);

/* The next of a query's "name=value" in REST, which loses it; empty ones are passed over. False:
 * there is none left. */
bool head_param(struct span *rest, struct span *name, struct span *value);

/* What stands before the first END in REST, or all of it; REST loses both. */
struct span span_until(struct span *rest, char end);
/* Is it this word, in whatever case? */
bool span_is(struct span s, const char *word);

#endif

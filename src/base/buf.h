/* buf: growable bytes. Out of memory aborts: a daemon that can't grow a string can't go on. */
#ifndef TALLYD_BUF_H
#define TALLYD_BUF_H

#include <stdarg.h>
#include <stddef.h>

/* A zeroed struct is an empty buffer. After every call data is NUL-terminated behind len bytes
 * (or NULL while nothing was ever added). */
struct buf {
    char *data;
    size_t len, cap;
};

void buf_add(struct buf *b, const void *bytes, size_t n);
void buf_adds(struct buf *b, const char *text);
/* In decimal, for what is written for each event: a format would cost more than the number. */
void buf_add_int(struct buf *b, long long n);
void buf_addf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Adds TEXT as a JSON string with its quotes; TEXT is valid UTF-8. */
void buf_add_json(struct buf *b, const char *text);
/* Empties it, keeps the memory. */
void buf_reset(struct buf *b);
/* Gives the bytes away (caller frees) and leaves it empty; never NULL. */
char *buf_take(struct buf *b, size_t *len);
void buf_free(struct buf *b);

/* malloc family that aborts instead of returning NULL. */
void *mem_alloc(size_t n); /* zeroed */
void *mem_resize(void *p, size_t n);
char *mem_string(const char *s); /* copy; NULL stays NULL */

#endif

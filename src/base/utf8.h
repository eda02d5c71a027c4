/* utf8: one place that knows what valid UTF-8 is (RFC 3629: no overlong forms, no surrogates,
 * nothing above U+10FFFF), for all who read or shorten text from outside. */
#ifndef TALLYD_UTF8_H
#define TALLYD_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Decodes the character at the start of N bytes. Returns its length (1 to 4) and gives the code
 * point, or 0 if the bytes don't start with a whole, valid character (or N is 0). */
size_t utf8_next(const char *text, size_t n, uint32_t *c);

/* The longest length of at most MAX bytes that doesn't cut a character of TEXT in two. */
size_t utf8_cut(const char *text, size_t max);

#endif

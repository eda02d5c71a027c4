/* digest: SHA-256, HMAC-SHA-256, hex and random bytes, by libcrypto. */
#ifndef TALLYD_DIGEST_H
#define TALLYD_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

#define DIGEST_SIZE 32
#define DIGEST_HEX  65 /* with its NUL */

void digest_sha256(const void *bytes, size_t n, unsigned char out[DIGEST_SIZE]);
void digest_hmac(const void *key, size_t key_len, const void *bytes, size_t n,
                 unsigned char out[DIGEST_SIZE]);
/* N bytes as lower-case hex, NUL behind: OUT holds 2 * n + 1. Returns OUT. */
char *digest_hex(const unsigned char *bytes, size_t n, char *out);
/* Aborts if the system gives no randomness. */
void digest_random(void *out, size_t n);
/* Compares in time that doesn't depend on the content. */
bool digest_equal(const void *a, const void *b, size_t n);

#endif

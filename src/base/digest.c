#include "digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>

/* None of these can fail but for a broken library or kernel; going on would mean tokens and
 * hashes of nothing. */
static void must(bool ok)
{
    if (ok)
        return;
    fputs("event=crypto_failed\n", stderr);
    abort();
}

/* The library looks an algorithm up by its name, under a lock, at each digest, which takes longer
 * than the digest of a token: it is looked up once, and the room for its state is kept. One thread
 * makes digests. */
static const EVP_MD *sha256(void)
{
    static EVP_MD *found;
    if (!found)
        found = EVP_MD_fetch(NULL, "SHA256", NULL);
    must(found != NULL);
    return found;
}

void digest_sha256(const void *bytes, size_t n, unsigned char out[DIGEST_SIZE])
{
    static EVP_MD_CTX *kept;
    if (!kept)
        kept = EVP_MD_CTX_new();
    must(kept && EVP_DigestInit_ex(kept, sha256(), NULL) == 1 &&
         EVP_DigestUpdate(kept, bytes, n) == 1 && EVP_DigestFinal_ex(kept, out, NULL) == 1);
}

void digest_hmac(const void *key, size_t key_len, const void *bytes, size_t n,
                 unsigned char out[DIGEST_SIZE])
{
    must(HMAC(sha256(), key, (int)key_len, bytes, n, out, NULL) != NULL);
}

char *digest_hex(const unsigned char *bytes, size_t n, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * n] = '\0';
    return out;
}

void digest_random(void *out, size_t n)
{
    must(RAND_bytes(out, (int)n) == 1);
}

bool digest_equal(const void *a, const void *b, size_t n)
{
    return CRYPTO_memcmp(a, b, n) == 0;
}

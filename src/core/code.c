#include "code.h"

#include <string.h>

#define SIGNATURE 16
#define HEAD      5 /* kind and expiry */
#define BYTES_MAX (HEAD + EVENT_ID_MAX + SIGNATURE)

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void code_key(const unsigned char *secret, size_t n, const char *purpose,
              unsigned char key[DIGEST_SIZE])
{
    digest_hmac(secret, n, purpose, strlen(purpose), key);
}

/* --- base64url ---------------------------------------------------------------------------- */

static void encode(const unsigned char *bytes, size_t n, char *out)
{
    unsigned held = 0, bits = 0;
    for (size_t i = 0; i < n; i++) {
        held = held << 8 | bytes[i];
        for (bits += 8; bits >= 6; bits -= 6)
            *out++ = digits[held >> (bits - 6) & 63];
    }
    if (bits)
        *out++ = digits[held << (6 - bits) & 63];
    *out = '\0';
}

/* How many bytes; 0 if it isn't base64url, is too long or is spelt otherwise than encode does. */
static size_t decode(const char *text, unsigned char out[BYTES_MAX])
{
    unsigned held = 0, bits = 0;
    size_t n = 0;
    for (; *text; text++) {
        const char *digit = strchr(digits, *text);
        if (!digit)
            return 0;
        held = held << 6 | (unsigned)(digit - digits);
        bits += 6;
        if (bits < 8)
            continue;
        if (n == BYTES_MAX)
            return 0;
        bits -= 8;
        out[n++] = (unsigned char)(held >> bits);
    }
    return bits < 6 && (held & ((1u << bits) - 1)) == 0 ? n : 0;
}

/* --- codes -------------------------------------------------------------------------------- */

static void sign(const unsigned char key[DIGEST_SIZE], unsigned char *bytes, size_t n)
{
    unsigned char digest[DIGEST_SIZE];
    digest_hmac(key, DIGEST_SIZE, bytes, n, digest);
    memcpy(bytes + n, digest, SIGNATURE);
}

char *code_write(const struct code *c, const unsigned char key[DIGEST_SIZE], char out[CODE_TEXT])
{
    unsigned char bytes[BYTES_MAX];
    size_t n = strlen(c->id);
    bytes[0] = (unsigned char)c->kind;
    for (int i = 0; i < 4; i++)
        bytes[1 + i] = (unsigned char)(c->expires >> (24 - 8 * i));
    memcpy(bytes + HEAD, c->id, n);
    sign(key, bytes, HEAD + n);
    encode(bytes, HEAD + n + SIGNATURE, out);
    return out;
}

enum code_verdict code_read(const char *text, const unsigned char key[DIGEST_SIZE], int64_t now,
                            struct code *out)
{
    unsigned char bytes[BYTES_MAX], signed_again[BYTES_MAX];
    size_t n = decode(text, bytes);
    if (n <= HEAD + SIGNATURE)
        return CODE_FORGED;
    n -= SIGNATURE;
    memcpy(signed_again, bytes, n);
    sign(key, signed_again, n);
    if (!digest_equal(bytes + n, signed_again + n, SIGNATURE))
        return CODE_FORGED;
    *out = (struct code){.kind = (enum code_kind)bytes[0]};
    for (int i = 0; i < 4; i++)
        out->expires = out->expires << 8 | bytes[1 + i];
    memcpy(out->id, bytes + HEAD, n - HEAD);
    return now < out->expires ? CODE_GOOD : CODE_EXPIRED;
}

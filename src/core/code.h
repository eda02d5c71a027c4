/* code: what the QR code of an activity or a plan says: which one it is, until when it is good,
 * and a signature by which nobody but this alliance's daemons can have made it. It is read aloud by
 * phones, so it is short, and it stands on walls, so it holds no secret. As bytes:
 *
 *     kind ('a', 'p') | expiry, 4 bytes, s since 1970, big-endian | id | 16 bytes of HMAC-SHA-256
 *
 * written as base64url without padding, by the one spelling that these bytes have. */
#ifndef TALLYD_CODE_H
#define TALLYD_CODE_H

#include "digest.h"
#include "event.h"

#define CODE_TEXT 120 /* bytes that hold the longest, with its NUL */

enum code_kind { CODE_ACTIVITY = 'a', CODE_PLAN = 'p' };

/* Plain value. */
struct code {
    enum code_kind kind;
    int64_t expires; /* s since 1970 */
    char id[EVENT_ID_MAX + 1];
};

enum code_verdict { CODE_GOOD, CODE_FORGED, CODE_EXPIRED };

/* The key for PURPOSE, so that what is signed for one can't be taken for another. */
void code_key(const unsigned char *secret, size_t n, const char *purpose,
              unsigned char key[DIGEST_SIZE]);
/* Returns OUT. */
char *code_write(const struct code *c, const unsigned char key[DIGEST_SIZE], char out[CODE_TEXT]);
/* NOW in s since 1970. OUT is filled unless the code is forged. */
enum code_verdict code_read(const char *text, const unsigned char key[DIGEST_SIZE], int64_t now,
                            struct code *out);

#endif

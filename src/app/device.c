#include "device.h"

#include "code.h"
#include "limit.h"
#include <string.h>

#define DEVICE_MIN 16 /* characters */

bool device_ok(struct call *c, const char *text)
{
    if (text && strlen(text) >= DEVICE_MIN && event_id_ok(text))
        return true;
    answer_bad_query(c, FAULT_OUT_OF_RANGE, "device", "16 – 64 A-Z a-z 0-9 . _ : -");
    return false;
}

char *device_hash(const struct alliance *alliance, const char *purpose, const char *what,
                  const char *device, char out[DIGEST_SIZE + 1])
{
    unsigned char key[DIGEST_SIZE], digest[DIGEST_SIZE];
    struct buf text = {0};
    code_key(alliance->secret, sizeof alliance->secret, purpose, key);
    buf_addf(&text, "%s\n%s", what, device); /* neither holds a line's end */
    digest_hmac(key, sizeof key, text.data, text.len, digest);
    buf_free(&text);
    return digest_hex(digest, DIGEST_SIZE / 2, out);
}

bool device_may(struct call *c, const char *device)
{
    char hash[DIGEST_SIZE + 1];
    device_hash(c->alliance, "limit", "", device, hash);
    int wait = limits_device(c->alliance->app, (const unsigned char *)hash, DIGEST_SIZE);
    if (wait)
        answer_too_many(c, wait);
    return !wait;
}

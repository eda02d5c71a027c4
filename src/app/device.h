/* device: a resident's phone, which has no account: it makes up a name for itself at random, and
 * sends it along. Here that name is only ever used as keyed hashes, each for one purpose, so that
 * what is kept for one can't be compared with what is kept for another. */
#ifndef TALLYD_DEVICE_H
#define TALLYD_DEVICE_H

#include "answer.h"
#include "digest.h"

/* Answers 422 and gives false unless TEXT is 16 to 64 of A-Z a-z 0-9 . _ : - */
bool device_ok(struct call *c, const char *text);
/* Answers 429 and gives false if the device has sent too much within the hour. */
bool device_may(struct call *c, const char *device);
/* 32 hex digits that stand for WHAT and DEVICE, for this PURPOSE. Returns OUT. */
char *device_hash(const struct alliance *alliance, const char *purpose, const char *what,
                  const char *device, char out[DIGEST_SIZE + 1]);

#endif

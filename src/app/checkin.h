/* checkin: a resident is at an activity and says so with a phone: once a device and activity,
 * however often it is sent, and without anything by which the resident could be told. */
#ifndef TALLYD_CHECKIN_H
#define TALLYD_CHECKIN_H

#include "answer.h"
#include "code.h"

/* The key by which this store's daemons sign codes. Its secret must be known. */
void checkin_key(const struct alliance *alliance, unsigned char key[DIGEST_SIZE]);

#endif

/* lockout: who was refused too often within a while is refused unheard for a while. */
#ifndef TALLYD_LOCKOUT_H
#define TALLYD_LOCKOUT_H

#include "seats.h"

#include <stdbool.h>

#define LOCKOUT_TRIES 20 /* most that a rule can have */

struct lockout_rule {
    unsigned tries; /* the refusal that locks; 0: none does */
    uint64_t ms;    /* within which they count, and for which the lock holds */
};

struct lockout;

struct lockout *lockout_new(size_t count, uint64_t seed);
void lockout_free(struct lockout *l);
void lockout_set(struct lockout *l, const struct lockout_rule *rule);
/* One more refusal, at NOW in ms. True if it is the one that locks. */
bool lockout_strike(struct lockout *l, const unsigned char key[SEAT_KEY], uint64_t now);
/* ms that the lock holds on; 0: there is none. */
uint64_t lockout_left(struct lockout *l, const unsigned char key[SEAT_KEY], uint64_t now);

#endif

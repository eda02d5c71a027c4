#include "lockout.h"

#include "buf.h"

#include <stdlib.h>

/* The times of the last refusals, in a ring. */
struct record {
    uint64_t times[LOCKOUT_TRIES], until;
    unsigned count, next;
};

struct lockout {
    struct lockout_rule rule;
    struct seats *seats;
};

struct lockout *lockout_new(size_t count, uint64_t seed)
{
    struct lockout *l = mem_alloc(sizeof *l);
    l->seats = seats_new(count, sizeof(struct record), seed);
    return l;
}

void lockout_free(struct lockout *l)
{
    if (!l)
        return;
    seats_free(l->seats);
    free(l);
}

void lockout_set(struct lockout *l, const struct lockout_rule *rule)
{
    l->rule = *rule;
    if (l->rule.tries > LOCKOUT_TRIES)
        l->rule.tries = LOCKOUT_TRIES;
}

static uint64_t newest(const struct record *r)
{
    return r->times[(r->next + LOCKOUT_TRIES - 1) % LOCKOUT_TRIES];
}

/* Locked ones stay, then those that were refused most lately. */
static uint64_t worth(const void *record, uint64_t now)
{
    const struct record *r = record;
    return r->until > now ? UINT64_MAX / 2 + r->until : newest(r);
}

bool lockout_strike(struct lockout *l, const unsigned char key[SEAT_KEY], uint64_t now)
{
    if (!l->rule.tries)
        return false;
    struct record *r = seats_take(l->seats, key, worth, now);
    if (r->until > now)
        return false;
    r->times[r->next] = now;
    r->next = (r->next + 1) % LOCKOUT_TRIES;
    r->count += r->count < LOCKOUT_TRIES;
    unsigned back = l->rule.tries - 1;
    uint64_t first = r->times[(r->next + LOCKOUT_TRIES - 1 - back) % LOCKOUT_TRIES];
    if (r->count <= back || now - first > l->rule.ms)
        return false;
    r->until = now + l->rule.ms;
    r->count = 0; /* it starts anew when the lock is over */
    return true;
}

uint64_t lockout_left(struct lockout *l, const unsigned char key[SEAT_KEY], uint64_t now)
{
    const struct record *r = l->rule.tries ? seats_find(l->seats, key) : NULL;
    return r && r->until > now ? r->until - now : 0;
}

#include "bucket.h"

#include "buf.h"

#include <stdlib.h>

/* All that needs to be known of a bucket is when it will be full again, in ms. */
struct bucket {
    double full_at;
};

struct buckets {
    struct bucket_rate rate;
    struct seats *seats;
};

struct buckets *buckets_new(size_t count, uint64_t seed)
{
    struct buckets *b = mem_alloc(sizeof *b);
    b->seats = seats_new(count, sizeof(struct bucket), seed);
    return b;
}

void buckets_free(struct buckets *b)
{
    if (!b)
        return;
    seats_free(b->seats);
    free(b);
}

void buckets_set(struct buckets *b, const struct bucket_rate *rate)
{
    b->rate = *rate;
}

/* Whoever has taken most is forgotten last. */
static uint64_t worth(const void *record, uint64_t now)
{
    (void)now;
    return (uint64_t)((const struct bucket *)record)->full_at;
}

uint64_t buckets_take(struct buckets *b, const unsigned char key[SEAT_KEY], double cost,
                      uint64_t now)
{
    const struct bucket_rate *rate = &b->rate;
    if (rate->per_second <= 0)
        return 0;
    struct bucket *bucket = seats_take(b->seats, key, worth, now);
    double present = (double)now, ms = 1000 / rate->per_second; /* a token's */
    double full_at = bucket->full_at > present ? bucket->full_at : present;
    double may = cost < rate->burst ? (rate->burst - cost) * ms : 0;
    if (full_at - present > may)
        return (uint64_t)(full_at - present - may) + 1;
    bucket->full_at = full_at + cost * ms;
    return 0;
}

/* bucket: token buckets, one a key. Each holds so many tokens at most and is refilled steadily; who
 * takes more than it holds waits. Ones that nobody uses are full, so they needn't be kept. */
#ifndef TALLYD_BUCKET_H
#define TALLYD_BUCKET_H

#include "seats.h"

struct bucket_rate {
    double per_second; /* 0: no limit */
    double burst;      /* what a full one holds */
};

struct buckets;

struct buckets *buckets_new(size_t count, uint64_t seed);
void buckets_free(struct buckets *b);
void buckets_set(struct buckets *b, const struct bucket_rate *rate);
/* Takes COST tokens of the key's and gives 0; or takes none and gives after how many ms there will
 * be enough. A cost over the burst waits for a full bucket and leaves a debt. NOW in ms of a clock
 * that doesn't go back. */
uint64_t buckets_take(struct buckets *b, const unsigned char key[SEAT_KEY], double cost,
                      uint64_t now);

#endif

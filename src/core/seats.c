#include "seats.h"

#include "buf.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define WAYS 8 /* places where one key can sit */

struct seats {
    size_t sets; /* a power of two */
    size_t size; /* of a record with its head */
    uint64_t seed;
    unsigned char *bytes;
};

/* Stands before each record. */
struct head {
    unsigned char key[SEAT_KEY];
    uint64_t taken;
};

struct seats *seats_new(size_t count, size_t size, uint64_t seed)
{
    struct seats *s = mem_alloc(sizeof *s);
    s->sets = 1;
    while (s->sets * WAYS < count)
        s->sets *= 2;
    s->size = sizeof(struct head) + (size + 7) / 8 * 8;
    s->seed = seed;
    s->bytes = mem_alloc(s->sets * WAYS * s->size);
    return s;
}

void seats_free(struct seats *s)
{
    if (!s)
        return;
    free(s->bytes);
    free(s);
}

/* The finalizer of MurmurHash3: every bit of X changes half of the bits. */
static uint64_t mix(uint64_t x)
{
    x = (x ^ x >> 33) * UINT64_C(0xff51afd7ed558ccd);
    x = (x ^ x >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
    return x ^ x >> 33;
}

static struct head *first_of(const struct seats *s, const unsigned char key[SEAT_KEY])
{
    uint64_t half[2];
    memcpy(half, key, sizeof half);
    uint64_t hash = mix(mix(half[0] ^ s->seed) + half[1]);
    return (struct head *)(void *)(s->bytes + (hash & (s->sets - 1)) * WAYS * s->size);
}

static struct head *place(const struct seats *s, struct head *first, size_t i)
{
    return (struct head *)(void *)((unsigned char *)first + i * s->size);
}

void *seats_find(struct seats *s, const unsigned char key[SEAT_KEY])
{
    struct head *first = first_of(s, key);
    for (size_t i = 0; i < WAYS; i++) {
        struct head *h = place(s, first, i);
        if (h->taken && memcmp(h->key, key, SEAT_KEY) == 0)
            return h + 1;
    }
    return NULL;
}

void *seats_take(struct seats *s, const unsigned char key[SEAT_KEY],
                 uint64_t (*worth)(const void *record, uint64_t now), uint64_t now)
{
    void *found = seats_find(s, key);
    if (found)
        return found;
    struct head *first = first_of(s, key), *least = first;
    for (size_t i = 0; i < WAYS && least->taken; i++) {
        struct head *h = place(s, first, i);
        if (!h->taken || worth(h + 1, now) < worth(least + 1, now))
            least = h;
    }
    memset(least, 0, s->size);
    memcpy(least->key, key, SEAT_KEY);
    least->taken = 1;
    return least + 1;
}

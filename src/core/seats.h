/* seats: a table of fixed size for what strangers can fill: records by 16-byte keys. Where a new
 * key finds its places taken, the record that is worth least gives way, so that nobody's number of
 * addresses costs memory, and forgetting costs no scan. */
#ifndef TALLYD_SEATS_H
#define TALLYD_SEATS_H

#include <stddef.h>
#include <stdint.h>

#define SEAT_KEY 16

struct seats;

/* Room for about COUNT records of SIZE bytes each. SEED: a random number, so that nobody can choose
 * keys that crowd one place. */
struct seats *seats_new(size_t count, size_t size, uint64_t seed);
void seats_free(struct seats *s);
/* The key's record, NULL if it has none. Good until the next seats_take. */
void *seats_find(struct seats *s, const unsigned char key[SEAT_KEY]);
/* The key's record; a zeroed one if it had none. WORTH says of a record, at NOW, how much would be
 * lost with it. */
void *seats_take(struct seats *s, const unsigned char key[SEAT_KEY],
                 uint64_t (*worth)(const void *record, uint64_t now), uint64_t now);

#endif

/* loss: what the feeder must not pass over in silence. Records are lost where a journal was damaged
 * in its middle, or where a store went back further than the journal still reaches. Feeding stops
 * then, with an alarm, until somebody has looked and, if nothing can bring them back, accepts it.
 */
#ifndef TALLYD_LOSS_H
#define TALLYD_LOSS_H

#include "journal.h"
#include "store.h"

struct loss {
    char alarm[200]; /* "": nothing is lost */
    char incarnation[JOURNAL_INCARNATION];
    uint64_t first, last; /* the lost numbers */
};

/* The store has the journal's incarnation up to DONE, and the next record that is left is NEXT. */
void loss_of_journal(struct loss *l, const char *incarnation, uint64_t done, uint64_t next);
/* The store once had the incarnation up to number PROVEN, now up to DONE, and no journal is left
 * that could bring it forward. */
void loss_of_store(struct loss *l, const char *incarnation, uint64_t done, uint64_t proven);

/* Writes into the store that the lost numbers are not to be waited for, and logs who is missed. 0,
 * or -1 (no callback) while the store is down. */
int loss_accept(const struct loss *l, struct store *store, store_on_reply on_reply, void *ctx);

#endif

/* bundle: one call's events: read from the journal, as many as may go together, and sent to the
 * store to be counted. */
#ifndef TALLYD_BUNDLE_H
#define TALLYD_BUNDLE_H

#include "buf.h"
#include "journal.h"
#include "store.h"

#define BUNDLE_EVENTS 1000

struct bundle {
    void *owner;                            /* whom the verdict is for */
    struct run *run;                        /* the owner's, of whose journal these are */
    uint64_t first;                         /* number of the first event */
    size_t count;                           /* 0: empty */
    bool rejecting;                         /* the script itself writes down conflicts */
    bool under_way;                         /* sent, and not answered yet */
    struct buf bytes;                       /* kept for the next: no larger than a call may be */
    struct store_item items[BUNDLE_EVENTS]; /* in BYTES */
};

/* Reads up to LIMIT events from number FROM on. A number that was lost ends it: the store must see
 * each in its place. False: there is none. */
bool bundle_read(struct bundle *b, struct journal *journal, const char *incarnation, uint64_t from,
                 size_t limit);
/* ON_APPLIED gets the bundle. 0, or -1 (no callback) while the store is down. */
int bundle_send(struct bundle *b, struct store *store, const char *incarnation,
                store_on_applied on_applied);
/* The number behind its last event. */
uint64_t bundle_end(const struct bundle *b);
void bundle_free(struct bundle *b);

#endif

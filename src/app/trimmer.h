/* trimmer: lets the journal forget what the store has on its own disk, by proof (core/proof.h)
 * and, where the store has replicas, when one of them has it too: where one may take its place, all
 * that are connected, and none is none too few. Then those who name the store's place must be sure
 * of it as well: behind a cut in the network one that isn't connected may have taken over. */
#ifndef TALLYD_TRIMMER_H
#define TALLYD_TRIMMER_H

#include "journal.h"
#include "mark.h"
#include "store.h"

struct trimmer;
struct proven;
struct route;

/* How far the store has come with an incarnation of the journal. */
struct trimmer_options {
    uv_loop_t *loop;
    struct store *store;     /* borrowed */
    struct journal *journal; /* borrowed */
    struct proven *proven;   /* borrowed */
    struct route *route;     /* borrowed */
    /* Fills in the marks that are known to be true now; returns how many. */
    size_t (*marks)(void *ctx, struct mark out[MARKS_MAX]);
    void *ctx;
};

struct trimmer *trimmer_open(const struct trimmer_options *options);
/* Lets go of the journal, which may end now. */
void trimmer_stop(struct trimmer *t);
/* After the store has been closed. */
void trimmer_close(struct trimmer *t);

#endif

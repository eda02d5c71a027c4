/* intake: where an accepted event waits for its turn. There is one way in and one way on: every
 * request's events go to the journal; the feeder reads the journal, from where the store says it
 * stands, and has the store count. Replaying after a fault is the same walk, begun further back.
 *
 * A request is answered when its events are counted; when the store is away, or takes too long,
 * it is answered "queued": its events are on disk and will be counted. */
#ifndef TALLYD_INTAKE_H
#define TALLYD_INTAKE_H

#include "event_wire.h"
#include "journal.h"
#include "loss.h"
#include "proven.h"
#include "store.h"
#include "trimmer.h"

struct intake;

struct intake_options {
    uv_loop_t *loop;
    struct journal *journal; /* borrowed */
    struct store *store;     /* borrowed */
    struct proven *proven;   /* borrowed */
    unsigned wait_ms;        /* how long an answer may wait for the store, all in all */
    /* The store's revision that the figures shown have reached: an answer waits until what it
     * says can be seen. */
    uint64_t (*shown)(void *ctx);
    void *ctx;
};

struct intake *intake_open(const struct intake_options *options);
void intake_close(struct intake *in);

enum intake_outcome {
    INTAKE_COUNTED, /* letters tell of each event */
    INTAKE_QUEUED,  /* on disk, not counted yet */
    INTAKE_REFUSED  /* the journal couldn't take it: nothing is kept */
};

/* LETTERS as in apply.lua, one an event (INTAKE_COUNTED only); REV the revision then. */
typedef void (*intake_on_done)(void *ctx, enum intake_outcome outcome, const char *letters,
                               uint64_t rev);

/* An event on its way: what the store needs of it. Strings are borrowed for the call. */
struct intake_event {
    const char *id;
    unsigned char hash[STORE_HASH];
    const char *effect, *json;
};

/* BEGAN (uv_now) is since when the client waits. ON_DONE is called once, never inside the call.
 * Returns 0, or -1 (and no callback) when nothing can be taken now. */
int intake_submit(struct intake *in, const struct intake_event *events, size_t count,
                  uint64_t began, intake_on_done on_done, void *ctx);

/* To be called when the store has come up or gone down, and when more can be seen. */
void intake_store_changed(struct intake *in, bool up);
void intake_shown(struct intake *in);

/* The store was restored on purpose: what the journal still holds is offered to it again, and what
 * it doesn't hold any more is not missed. */
void intake_begin_anew(struct intake *in);

/* Events accepted and not yet known to be counted. */
long long intake_queued(const struct intake *in);
/* How far the store has come with each incarnation of the journal, as it said itself on the
 * connection in use; none while that isn't known. Returns how many. */
size_t intake_marks(const struct intake *in, struct mark out[MARKS_MAX]);
/* "" or, in words, what stops it for good until somebody acts. */
const char *intake_alarm(const struct intake *in);
/* What is lost, while there is an alarm; and to be called once that was accepted. */
const struct loss *intake_loss(const struct intake *in);
void intake_look_again(struct intake *in);

#endif

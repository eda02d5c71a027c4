/* flow: what the journal does next: which appends make a batch, when a new segment is due, what
 * follows from a failure. It runs on the loop's thread; writer does the work. Private to this
 * floor: journal.h is what others use. */
#ifndef TALLYD_FLOW_H
#define TALLYD_FLOW_H

#include "cursor.h"
#include "journal.h"
#include "shelf.h"
#include "writer.h"

struct journal {
    uv_loop_t *loop;
    int folder, lock;
    uint64_t max_bytes, segment_bytes;
    unsigned gather_ms;

    struct shelf shelf;
    struct shelf_run *run;         /* the present incarnation's */
    struct shelf_segment *current; /* the one being written; NULL: none can be */
    struct cursor cursor;
    uint32_t index;   /* of the last segment that was tried */
    uint64_t durable; /* last number on disk */
    uint64_t filled;  /* of the current segment, the write under way included */

    struct appends waiting; /* not yet being written */
    size_t waiting_bytes, waiting_records;
    size_t flying; /* records being written */
    size_t held;   /* bytes of all appends that aren't answered */
    /* Answered next, in order. Failed ones stay here until their records are void on disk or a
     * new segment, which would make them so, was tried in vain. */
    struct appends answers;

    int spare;            /* descriptor of the next segment, prepared; -1: none */
    uint64_t spare_bytes; /* what it takes, also while it is being put to use */

    uv_work_t write_work, keep_work;
    uint64_t write_began; /* uv_hrtime */
    bool writing, keeping;
    struct write_job write;
    struct keep_job keep;
    uv_timer_t gather, retry;
    bool resting;         /* after a failure, until the retry timer ends */
    unsigned fails;       /* in a row */
    int error;            /* the last one */
    bool is_ill, is_full; /* as the log was last told */

    bool closing, finished;
    int handles;
    void (*on_closed)(void *ctx);
    void *ctx;
};

/* Sets what isn't zero in a new one; flow_clear closes and frees all that it holds. */
void flow_init(struct journal *j);
void flow_clear(struct journal *j);
/* Makes the first segment, without the loop; where that can't be, what follows from it is set. */
void flow_begin(struct journal *j);
/* An append was added to what waits. */
void flow_added(struct journal *j);
/* Looks from the loop, soon, at what is to be done. */
void flow_nudge(struct journal *j);
/* Closes, calls on_closed and frees the journal once all appends are answered. */
void flow_end(struct journal *j);

/* Bytes that appends may still bring before the journal is full. */
uint64_t flow_room(const struct journal *j);
/* Bytes of all files. */
uint64_t flow_size(const struct journal *j);

#endif

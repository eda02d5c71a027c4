/* writer: what the journal does off the loop: writes a batch and syncs it, goes over to a new
 * segment, prepares the next one, deletes old ones. A job is the worker's alone from the moment
 * it is queued until its after-work call. Private to this floor. */
#ifndef TALLYD_WRITER_H
#define TALLYD_WRITER_H

#include "buf.h"
#include "journal.h"
#include "shelf.h"
#include <sys/queue.h>

/* Records that a caller wants on disk together, laid out but for their numbers and checksums. */
struct append {
    STAILQ_ENTRY(append) link;
    journal_on_durable on_durable;
    void *ctx;
    size_t count, len;
    int status;
    uint64_t first;
    unsigned char bytes[];
};
STAILQ_HEAD(appends, append);

struct write_job {
    /* kept from job to job: the segment being written, behind its last synced record */
    int folder, fd; /* fd -1: none */
    uint32_t seed;
    char name[SEGMENT_NAME];
    uint64_t offset;
    struct buf out;
    /* what is to be done */
    bool roll; /* first go over to the spare, open as SPARE, under HEADER */
    int spare;
    struct segment_header header;
    struct appends batch;
    uint64_t first; /* number of the batch's first record */
    /* what came of it */
    int status;
    bool rolled; /* the new segment is there */
    bool voided; /* what a failed write has left can't come back */
};
void write_job_run(struct write_job *job);

struct keep_job {
    int folder;
    struct shelf_doomed *doomed;
    size_t doomed_count;
    uint64_t size; /* of a spare to be prepared; 0: none */
    /* what came of it */
    int deleted; /* 0 or a negative errno */
    int spare;   /* a descriptor or a negative errno */
};
void keep_job_run(struct keep_job *job);

#endif

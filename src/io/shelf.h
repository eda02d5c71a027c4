/* shelf: what stands in the journal's folder: the incarnations, oldest first, their segments, and
 * which numbers each holds. It is built by a scan when the journal is opened and kept up by the
 * journal afterwards. One thread. Private to this floor: journal.h is what others use. */
#ifndef TALLYD_SHELF_H
#define TALLYD_SHELF_H

#include "segment.h"

/* Where a record begins: one mark each SHELF_STRIDE bytes or so, for finding without a search. */
#define SHELF_STRIDE (256 * 1024)
struct shelf_mark {
    uint64_t number, offset;
};

struct shelf_segment {
    uint32_t index;
    bool damaged, kept;   /* KEPT: a second name holds it for whoever looks into the damage */
    uint64_t first, last; /* numbers that it holds; last < first: none */
    uint64_t end, size;   /* behind its last record; bytes that it takes */
    struct shelf_mark *marks;
    size_t mark_count;
};

struct shelf_run {
    unsigned char id[SEGMENT_ID];
    char incarnation[2 * SEGMENT_ID + 1];
    uint32_t seed;
    uint64_t generation;
    struct shelf_segment **segments;
    size_t count, room;
    uint64_t told; /* lost numbers up to here have been reported */
};

/* A file to be deleted, or where it holds damage and no second name does, renamed. */
struct shelf_doomed {
    char name[SEGMENT_NAME];
    uint64_t size;
    bool keep, done;
};

struct shelf {
    int folder;
    struct shelf_run **runs; /* the present incarnation's is the last */
    size_t count;
    struct shelf_doomed *doomed;
    size_t doomed_count;
    uint64_t bytes; /* of all segments, the doomed ones included */
};

/* Scans the folder behind FOLDER (borrowed), dooms what holds nothing and logs damage: scan.c. 0,
 * or a negative errno with the file's name in WHICH. */
int shelf_open(struct shelf *s, int folder, char which[SEGMENT_NAME]);
void shelf_close(struct shelf *s);

/* Adds a run for incarnation ID as the present one. */
struct shelf_run *shelf_begin(struct shelf *s, const unsigned char id[SEGMENT_ID],
                              uint64_t generation);

struct shelf_run *shelf_find(const struct shelf *s, const char *incarnation);
/* The numbers of a run that can be read: last < first where there are none. */
void shelf_range(const struct shelf_run *run, uint64_t *first, uint64_t *last);

/* Adds a segment of SIZE bytes, still empty, behind the others of the run. */
struct shelf_segment *shelf_add(struct shelf *s, struct shelf_run *run, uint32_t index,
                                uint64_t first, uint64_t size);
/* A record NUMBER begins at OFFSET of the segment. */
void shelf_mark(struct shelf_segment *segment, uint64_t number, uint64_t offset);
/* Damage was found: gives the file a second name, NAME.damaged, and logs it; once a segment. */
void shelf_damaged(const struct shelf *s, const struct shelf_run *run,
                   struct shelf_segment *segment);
/* Takes segment I of a run off the shelf, to be deleted. */
void shelf_doom(struct shelf *s, struct shelf_run *run, size_t i);
/* Deletes what is doomed, in order, on disk when it returns 0; a negative errno where it had to
 * stop. Touches nothing but the list that it is given: may run off the loop. */
int shelf_delete(int folder, struct shelf_doomed *doomed, size_t count);
/* Forgets a run that has no segment left. */
void shelf_forget(struct shelf *s, struct shelf_run *run);

#endif

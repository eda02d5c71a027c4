/* walk: goes over the records of a segment, in order, and finds its way again behind spoilt
 * bytes. Scanning at open and reading later both walk, so they can't disagree. Reads the file in
 * bites; memory is one bite or the longest record. */
#ifndef TALLYD_WALK_H
#define TALLYD_WALK_H

#include "segment.h"

struct walk {
    int fd; /* -1: none; owned */
    uint32_t seed;
    uint64_t size;   /* bytes of the file that may be looked at */
    uint64_t offset; /* where it stands */
    uint64_t next;   /* the number expected there; lower ones aren't taken. 0: not known yet */
    uint64_t limit;  /* numbers beyond it are void: the walk ends before them */
    uint64_t spoilt; /* bytes passed over so far that were no record and not all zero */
    uint64_t filled; /* behind the last byte seen that isn't zero */
    bool tolerant;   /* bytes that can't be read count as spoilt, rather than as a failure */
    struct {
        unsigned char *bytes;
        uint64_t at;
        size_t len, cap;
    } window;
};

/* Takes FD over and stands at OFFSET, where record NEXT is expected. */
void walk_open(struct walk *w, int fd, uint32_t seed, uint64_t size, uint64_t offset,
               uint64_t next);
void walk_close(struct walk *w);

/* 1: RECORD is the next good one (borrowed until the next call; numbers that were left out before
 * it are lost); 0: there is none; or a negative errno, and the walk stands where it stood. */
int walk_next(struct walk *w, struct segment_record *record);

#endif

/* disk_model: a disk that keeps only what was synced. It stands between the journal and the real
 * system calls on one folder, which are made as well, knows what each fsync and fdatasync has made
 * durable, can let any one call fail, and can lay out what a power cut at any one call would have
 * left: of what wasn't synced each sector and each name as it was or as it is. After a sync that
 * failed, what it should have written counts as clean, as Linux has it: no later sync saves it. */
#ifndef TALLYD_DISK_MODEL_H
#define TALLYD_DISK_MODEL_H

#include <stdbool.h>

struct disk_plan {
    unsigned seed;
    unsigned fail_at;    /* which call fails, from 1; 0: none */
    unsigned fail_count; /* how many in a row do */
    int error;
    unsigned cut_at; /* before which call the power is cut; 0: not at all */
};

/* From now on, all that is in FOLDER being durable. IMAGE: an empty folder for what the power cut
 * leaves. */
void disk_start(const char *folder, const char *image, const struct disk_plan *plan);
/* Ends it; returns how many calls there were. A cut that hasn't come yet comes now. */
unsigned disk_stop(void);
/* Has the power been cut? */
bool disk_is_cut(void);

#endif

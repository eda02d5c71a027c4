/* proof: is what the store had counted at a moment on the store's own disk by now? Only then may
 * the journal forget it. Judged from what Redis says of itself (INFO), never from age alone. */
#ifndef TALLYD_PROOF_H
#define TALLYD_PROOF_H

#include <stdbool.h>
#include <stdint.h>

/* What INFO (all default sections) and CONFIG GET appendfsync tell. Plain value. */
struct durability {
    char run[41];        /* this run of this server; another one proves nothing of it */
    int64_t time;        /* the server's clock, µs */
    bool aof, aof_ok;    /* it writes an append-only file; its last write went well */
    bool always;         /* and fsyncs it before each answer, or */
    bool everysec;       /* once a second */
    long long unwritten; /* bytes of it not written yet */
    long long unsynced;  /* fsyncs of it that wait or run */
    int64_t saved; /* when the last finished snapshot was begun at the latest, µs; 0: never */
    long replicas; /* connected */
};

/* APPENDFSYNC may be NULL if it isn't known. False if INFO isn't one. */
bool durability_read(struct durability *d, const char *info, const char *appendfsync);

/* Everything that had been counted when THEN was read is on disk when NOW is read. */
bool proof_holds(const struct durability *then, const struct durability *now);

#endif

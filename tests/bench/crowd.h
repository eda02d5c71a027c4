/* crowd: thousands of screens in one thread. Each is a WebSocket that is read as soon as anything
 * comes; the revision that a message bears tells which changes the screen has seen by then, those
 * that were skipped included. Of each change it keeps when the first, the median and the last of
 * the screens saw it. Slow screens among them take a few hundred bytes a second, and don't count
 * for that. */
#ifndef TALLYD_BENCH_CROWD_H
#define TALLYD_BENCH_CROWD_H

#include "buf.h"
#include <stdbool.h>
#include <stdint.h>

/* How a screen of some server comes to be one. */
struct crowd_door {
    const char *path, *protocol;
    /* Writes the frames that screen NUMBER (from 0) sends after the handshake; NULL: none. */
    void (*greet)(struct buf *out, size_t number);
    /* Is the screen ready with this message? NULL: it is with the handshake. */
    bool (*admits)(const char *payload, size_t n);
};

struct crowd_change {
    int64_t posted, first, median, last; /* ns; 0: not yet */
    uint32_t seen;                       /* by how many fast screens */
};

struct crowd;

/* Connects FAST and SLOW screens and waits until all are ready. */
struct crowd *crowd_open(int port, const struct crowd_door *door, size_t fast, size_t slow);
void crowd_close(struct crowd *c);
/* From now on revision BASE + 1 is change 0, up to COUNT changes. */
void crowd_expect(struct crowd *c, uint64_t base, size_t count);
struct crowd_change *crowd_changes(struct crowd *c);

/* Has TAKE called whenever something can be read from FD. The source is the caller's. */
struct crowd_source {
    void (*take)(void *ctx);
    void *ctx;
};
void crowd_watch(struct crowd *c, int fd, struct crowd_source *source);
/* Reads what comes, until the time UNTIL. */
void crowd_run(struct crowd *c, int64_t until);
/* The same, until all fast screens have seen all changes up to the COUNTth, or UNTIL; true: they
 * have. */
bool crowd_await(struct crowd *c, size_t count, int64_t until);

struct crowd_traffic {
    uint64_t frames, bytes; /* payload, of messages with a revision */
};
struct crowd_traffic crowd_traffic(const struct crowd *c);

#endif

/* redis: Redis servers of the bench's own, set up as tallyd sets up its private one, and the raw
 * protocol as far as sending commands again and counting replies takes it. */
#ifndef TALLYD_BENCH_REDIS_H
#define TALLYD_BENCH_REDIS_H

#include "buf.h"
#include <stdbool.h>
#include <sys/types.h>

struct redis {
    pid_t pid;
    char folder[512], socket[600], log[600];
};

/* Starts one that keeps its files in FOLDER, where some may lie already. */
void redis_start(struct redis *r, const char *folder);
/* Waits until it has loaded what it keeps. */
void redis_await(const struct redis *r);
void redis_stop(struct redis *r);
/* A connection that blocks. */
int redis_connect(const char *path);

/* Bytes of the whole command or reply at TEXT, 0 while it isn't whole. */
size_t redis_item(const char *text, size_t n);

#endif

/* load: sends requests over some keep-alive connections, each with one under way at a time, as
 * fast as they are answered. */
#ifndef TALLYD_BENCH_LOAD_H
#define TALLYD_BENCH_LOAD_H

#include "events.h"
#include "samples.h"

/* Sends all and awaits every answer; dies at one that isn't 200 or 202. LATENCY gets the ms of
 * each; may be NULL. */
void load_run(int port, const struct requests *r, size_t connections, struct samples *latency);

#endif

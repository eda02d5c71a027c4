/* stats: the daemon's own counters and gauges, for /metrics in Prometheus' text format.
 * Names and help texts are a table in stats.c; the process has one set. */
#ifndef TALLYD_STATS_H
#define TALLYD_STATS_H

#include "buf.h"

#include <stdint.h>

enum counter {
    STAT_EVENTS_COUNTED,      /* counter: tallyd_events_counted_total */
    STAT_EVENTS_DUPLICATE,    /* counter */
    STAT_EVENTS_CONFLICT,     /* counter */
    STAT_EVENTS_REJECTED,     /* counter: taken, then put aside in …:rejected */
    STAT_REQUESTS,            /* counter: HTTP requests answered */
    STAT_REQUESTS_REFUSED,    /* counter: answered with 4xx or 5xx */
    STAT_REQUESTS_LIMITED,    /* counter: answered with 429 */
    STAT_CONNECTIONS_DROPPED, /* counter: too slow, or too many of an address */
    STAT_CONNECTIONS,         /* gauge: open TCP connections */
    STAT_SCREENS,             /* gauge: open WebSockets */
    STAT_FRAMES,              /* counter: WebSocket frames sent */
    STAT_STORE_RECONNECTS,    /* counter */
    STAT_STORE_CALLS,         /* counter: apply calls */
    STAT_COUNT
};

/* How long things take, as histograms in seconds. */
enum timed {
    TIMED_POST,  /* from a POST's last byte to its answer */
    TIMED_STORE, /* a batch's way to the store and back */
    TIMED_PUSH,  /* from a change to its way out to the screens */
    TIMED_SYNC,  /* until what was written to the journal is on the disk */
    TIMED_COUNT
};

void stats_add(enum counter s, long long n);
long long stats_get(enum counter s);
void stats_time(enum timed t, uint64_t nanoseconds);
/* Appends all, each with # HELP and # TYPE; also tallyd_build_info{version="…"} 1. */
void stats_render(struct buf *out);

#endif

#include "stats.h"

#include <tallyd/version.h>

static const struct {
    const char *name, *type, *help;
} rows[STAT_COUNT] = {
    [STAT_EVENTS_COUNTED] = {"tallyd_events_counted_total", "counter", "Events counted."},
    [STAT_EVENTS_DUPLICATE] = {"tallyd_events_duplicate_total", "counter",
                               "Events sent again with the same content."},
    [STAT_EVENTS_CONFLICT] = {"tallyd_events_conflict_total", "counter",
                              "Events that contradicted what is counted."},
    [STAT_EVENTS_QUEUED] = {"tallyd_events_queued", "gauge",
                            "Events accepted and not yet applied to the store."},
    [STAT_REQUESTS] = {"tallyd_requests_total", "counter", "HTTP requests answered."},
    [STAT_REQUESTS_REFUSED] = {"tallyd_requests_refused_total", "counter",
                               "HTTP requests answered with 4xx or 5xx."},
    [STAT_REQUESTS_LIMITED] = {"tallyd_requests_limited_total", "counter",
                               "HTTP requests answered with 429."},
    [STAT_CONNECTIONS_DROPPED] = {"tallyd_connections_dropped_total", "counter",
                                  "Connections ended for being too slow, or too many of one "
                                  "address."},
    [STAT_CONNECTIONS] = {"tallyd_connections", "gauge", "Open TCP connections."},
    [STAT_SCREENS] = {"tallyd_screens", "gauge", "Open WebSockets."},
    [STAT_FRAMES] = {"tallyd_frames_total", "counter", "WebSocket frames sent."},
    [STAT_STORE_UP] = {"tallyd_store_up", "gauge", "1 while the store answers, else 0."},
    [STAT_STORE_RECONNECTS] = {"tallyd_store_reconnects_total", "counter",
                               "Times the store was connected to again."},
    [STAT_STORE_CALLS] = {"tallyd_store_calls_total", "counter", "Batches sent to the store."},
    [STAT_REVISION] = {"tallyd_revision", "gauge", "Revision shown."},
};

static long long values[STAT_COUNT];

void stats_add(enum counter s, long long n)
{
    values[s] += n;
}

void stats_set(enum counter s, long long n)
{
    values[s] = n;
}

long long stats_get(enum counter s)
{
    return values[s];
}

void stats_render(struct buf *out)
{
    for (int s = 0; s < STAT_COUNT; s++)
        buf_addf(out, "# HELP %s %s\n# TYPE %s %s\n%s %lld\n", rows[s].name, rows[s].help,
                 rows[s].name, rows[s].type, rows[s].name, values[s]);
    buf_adds(out, "# HELP tallyd_build_info The running program's version.\n"
                  "# TYPE tallyd_build_info gauge\n"
                  "tallyd_build_info{version=\"" TALLYD_VERSION "\"} 1\n");
}

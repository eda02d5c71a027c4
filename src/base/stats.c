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
    [STAT_EVENTS_REJECTED] = {"tallyd_events_rejected_total", "counter",
                              "Events of the inbox or the queue that were put aside as rejected."},
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
    [STAT_STORE_RECONNECTS] = {"tallyd_store_reconnects_total", "counter",
                               "Times the store was connected to again."},
    [STAT_STORE_CALLS] = {"tallyd_store_calls_total", "counter", "Batches sent to the store."},
};

static long long values[STAT_COUNT];

static const struct {
    const char *name, *help;
} timed_rows[TIMED_COUNT] = {
    [TIMED_POST] = {"tallyd_post_duration_seconds",
                    "From the last byte of a POST of the API to its answer."},
    [TIMED_STORE] = {"tallyd_store_call_duration_seconds", "A batch's way to the store and back."},
    [TIMED_PUSH] = {"tallyd_push_lag_seconds", "From a change to its way out to the screens."},
    [TIMED_SYNC] = {"tallyd_journal_sync_duration_seconds",
                    "Until what was written to the journal is on the disk."},
};

/* Upper bounds in nanoseconds: a fast disk's sync to the longest wait for an answer. */
static const struct {
    uint64_t most;
    const char *label;
} bounds[] = {
    {500000, "0.0005"},  {1000000, "0.001"},  {2500000, "0.0025"}, {5000000, "0.005"},
    {10000000, "0.01"},  {25000000, "0.025"}, {50000000, "0.05"},  {100000000, "0.1"},
    {250000000, "0.25"}, {500000000, "0.5"},  {1000000000, "1"},   {2500000000, "2.5"},
    {5000000000, "5"},
};
#define BOUNDS (sizeof bounds / sizeof *bounds)

static struct {
    unsigned long long count[BOUNDS + 1]; /* the last: beyond every bound */
    uint64_t sum;
} times[TIMED_COUNT];

void stats_add(enum counter s, long long n)
{
    values[s] += n;
}

long long stats_get(enum counter s)
{
    return values[s];
}

void stats_time(enum timed t, uint64_t nanoseconds)
{
    size_t i = 0;
    while (i < BOUNDS && nanoseconds > bounds[i].most)
        i++;
    times[t].count[i]++;
    times[t].sum += nanoseconds;
}

static void render_times(struct buf *out, enum timed t)
{
    const char *name = timed_rows[t].name;
    unsigned long long sum = 0;
    buf_addf(out, "# HELP %s %s\n# TYPE %s histogram\n", name, timed_rows[t].help, name);
    for (size_t i = 0; i <= BOUNDS; i++) {
        sum += times[t].count[i];
        buf_addf(out, "%s_bucket{le=\"%s\"} %llu\n", name, i < BOUNDS ? bounds[i].label : "+Inf",
                 sum);
    }
    buf_addf(out, "%s_sum %llu.%09llu\n%s_count %llu\n", name,
             (unsigned long long)times[t].sum / 1000000000ULL,
             (unsigned long long)times[t].sum % 1000000000ULL, name, sum);
}

void stats_render(struct buf *out)
{
    for (int t = 0; t < TIMED_COUNT; t++)
        render_times(out, (enum timed)t);
    for (int s = 0; s < STAT_COUNT; s++)
        buf_addf(out, "# HELP %s %s\n# TYPE %s %s\n%s %lld\n", rows[s].name, rows[s].help,
                 rows[s].name, rows[s].type, rows[s].name, values[s]);
    buf_adds(out, "# HELP tallyd_build_info The running program's version.\n"
                  "# TYPE tallyd_build_info gauge\n"
                  "tallyd_build_info{version=\"" TALLYD_VERSION "\"} 1\n");
}

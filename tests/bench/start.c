/* start: from the program's start to ready, by the length of the history; beside it, Redis alone
 * with the same files, since no daemon can be ready before its store has read them. */
#include "bench.h"

#include "http.h"
#include "load.h"
#include "proc.h"
#include "redis.h"
#include "sys.h"

#include <stdio.h>

#define LANES    4
#define BATCH    1000
#define PORTION  100000 /* events that are made at a time */
#define PATIENCE (600 * S)

static void fill(const struct server *s, size_t events)
{
    for (size_t done = 0; done < events; done += PORTION) {
        struct requests r;
        size_t left = events - done;
        requests_write(&r, s->token, done + 1, left < PORTION ? left : PORTION, BATCH);
        load_run(s->port, &r, LANES, NULL);
        requests_free(&r);
    }
}

/* Seconds until Redis has loaded what the daemon's private one had kept. */
static double time_redis(const struct server *s)
{
    struct redis redis;
    char folder[600];
    snprintf(folder, sizeof folder, "%s/redis", s->folder);
    int64_t began = sys_now();
    redis_start(&redis, folder);
    redis_await(&redis);
    double seconds = (double)(sys_now() - began) / S;
    redis_stop(&redis);
    return seconds;
}

static double time_tallyd(struct server *s)
{
    int64_t began = sys_now();
    server_launch(s);
    while (http_get(s->port, "/readyz", NULL) != 200) {
        proc_check(s->pid, s->log);
        if (sys_now() - began > PATIENCE)
            sys_die("tallyd was still not ready");
        sys_pause(MS);
    }
    return (double)(sys_now() - began) / S;
}

static void check(const struct server *s, size_t events)
{
    uint64_t rev;
    uint64_t activities;
    server_totals(s, &rev, &activities);
    if (activities < events)
        sys_die("only %llu activities are counted after a start", (unsigned long long)activities);
}

void row_start(struct bench *b, size_t events)
{
    struct server s;
    struct line *ready = table_line(b->table, "s", "ready, history of %zu", events);
    struct line *beyond = table_line(b->table, "s", "ready after Redis, history of %zu", events);
    server_init(&s, TALLYD, &b->place);
    bench_say(b, "making a history of %zu events", events);
    server_start(&s);
    fill(&s, events);
    s.keep = true;
    server_stop(&s);
    for (size_t i = 0; i < b->repeats; i++) {
        bench_say(b, "repeat %zu of %zu: start with %zu events", i + 1, b->repeats, events);
        double redis = time_redis(&s), tallyd = time_tallyd(&s);
        check(&s, events);
        server_stop(&s);
        line_add(ready, TALLYD, tallyd);
        line_add(ready, COLUMN_REDIS, redis);
        line_add(beyond, TALLYD, tallyd > redis ? tallyd - redis : 0);
    }
    proc_remove(s.folder);
}

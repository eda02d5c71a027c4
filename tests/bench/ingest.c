/* ingest: from a POST to the totals, everything on: the journal's fdatasync, the store's script
 * with appendfsync always, all dimensions. The clock stops when the totals show every event.
 * Beside it stand the floor, which writes the same bodies down with one fdatasync for those that
 * came together, and Redis alone, told again what tallyd had told it. */
#include "bench.h"

#include "events.h"
#include "load.h"
#include "proc.h"
#include "redis.h"
#include "samples.h"
#include "sys.h"
#include "tape.h"

#include <stdio.h>

#define BATCH_LANES 4 /* connections that batches come on */
#define PATIENCE    (60 * S)

struct plan {
    size_t connections, events, batch;
    char name[40];
};

struct lines {
    struct line *rate, *cpu, *redis_cpu, *answer, *answer99, *growth, *calls;
};

static void make_lines(struct bench *b, const struct plan *p, struct lines *l)
{
    struct table *t = b->table;
    l->rate = table_line(t, "events/s", "%s", p->name);
    l->cpu = table_line(t, "us", "CPU an event, %s", p->name);
    l->redis_cpu = table_line(t, "us", "Redis' CPU an event, %s", p->name);
    l->answer = table_line(t, "ms", "answer, %s", p->name);
    l->answer99 = table_line(t, "ms", "answer p99, %s", p->name);
    l->growth = table_line(t, "MB", "daemon's memory gained, %s", p->name);
    l->calls = table_line(t, "events", "a store call, %s", p->name);
}

static void await_totals(const struct server *s, uint64_t activities)
{
    int64_t end = sys_now() + PATIENCE;
    uint64_t rev, shown;
    for (;;) {
        server_totals(s, &rev, &shown);
        if (shown == activities)
            return;
        if (shown > activities || sys_now() > end)
            sys_die("the totals say %llu activities, not %llu", (unsigned long long)shown,
                    (unsigned long long)activities);
        sys_pause(MS / 2);
    }
}

/* Seconds until all events show in tallyd's totals, or the floor has answered them all. */
static double send_all(const struct server *s, const struct plan *p, struct samples *latency)
{
    struct requests r;
    uint64_t rev, activities = 0;
    if (s->name == TALLYD)
        server_totals(s, &rev, &activities);
    requests_write(&r, s->name == TALLYD ? s->token : NULL, 1, p->events, p->batch);
    int64_t began = sys_now();
    load_run(s->port, &r, p->connections, latency);
    if (s->name == TALLYD)
        await_totals(s, activities + p->events);
    double seconds = (double)(sys_now() - began) / S;
    requests_free(&r);
    return seconds;
}

static void measure(struct bench *b, enum server_name name, const struct plan *p,
                    const struct lines *l)
{
    struct server s;
    struct samples latency = {0};
    server_init(&s, name, &b->place);
    s.journal = true;
    server_start(&s);
    pid_t redis = server_redis(&s);
    int64_t cpu = sys_cpu(s.pid), redis_cpu = redis ? sys_cpu(redis) : 0;
    int64_t memory = sys_memory(s.pid);
    double n = (double)p->events;
    line_add(l->rate, (int)name, n / send_all(&s, p, &latency));
    line_add(l->cpu, (int)name, (double)(sys_cpu(s.pid) - cpu) / 1e3 / n);
    line_add(l->answer, (int)name, samples_median(&latency));
    line_add(l->answer99, (int)name, samples_at(&latency, 0.99));
    if (name == TALLYD) {
        line_add(l->redis_cpu, (int)name, (double)(sys_cpu(redis) - redis_cpu) / 1e3 / n);
        line_add(l->growth, (int)name, (double)(sys_memory(s.pid) - memory) / 1e6);
    }
    samples_free(&latency);
    server_stop(&s);
}

/* A run that isn't timed, through the recorder. */
static void record(struct bench *b, const struct plan *p, const struct lines *l, struct tape *tape)
{
    struct redis redis;
    struct server s;
    char folder[600], path[600], url[640];
    snprintf(folder, sizeof folder, "%s/redis", b->place.folder);
    snprintf(path, sizeof path, "%s/tape.sock", b->place.folder);
    snprintf(url, sizeof url, "unix://%s", path);
    proc_remove(folder);
    redis_start(&redis, folder);
    redis_await(&redis);
    struct tape_recorder *r = tape_record(path, redis.socket);
    server_init(&s, TALLYD, &b->place);
    s.redis_url = url;
    server_start(&s);
    send_all(&s, p, NULL);
    server_stop(&s);
    tape_stop(r, tape);
    redis_stop(&redis);
    line_add(l->calls, TALLYD, (double)p->events / (double)tape->calls);
}

static void play(struct bench *b, const struct plan *p, const struct lines *l,
                 const struct tape *tape)
{
    struct redis redis;
    char folder[600];
    snprintf(folder, sizeof folder, "%s/redis", b->place.folder);
    proc_remove(folder);
    redis_start(&redis, folder);
    redis_await(&redis);
    int64_t cpu = sys_cpu(redis.pid);
    double seconds = tape_play(tape, redis.socket, p->connections < BATCH_LANES ? 1 : BATCH_LANES);
    line_add(l->rate, COLUMN_REDIS, (double)p->events / seconds);
    line_add(l->redis_cpu, COLUMN_REDIS,
             (double)(sys_cpu(redis.pid) - cpu) / 1e3 / (double)p->events);
    redis_stop(&redis);
    proc_remove(folder);
}

static void run(struct bench *b, const struct plan *p)
{
    struct lines l;
    struct tape tape;
    make_lines(b, p, &l);
    bench_say(b, "recording: %s", p->name);
    record(b, p, &l, &tape);
    for (size_t i = 0; i < b->repeats; i++) {
        bench_say(b, "repeat %zu of %zu: %s", i + 1, b->repeats, p->name);
        measure(b, TALLYD, p, &l);
        measure(b, FLOOR, p, &l);
        play(b, p, &l, &tape);
    }
    tape_free(&tape);
}

void row_single(struct bench *b, size_t connections)
{
    size_t events = connections > 1 ? bench_few(b, 20000, 1000) : bench_few(b, 1500, 100);
    struct plan p = {connections, events, 1, ""};
    snprintf(p.name, sizeof p.name, "single POSTs on %zu", connections);
    run(b, &p);
}

void row_batch(struct bench *b, size_t batch)
{
    size_t events = batch < 1000 ? bench_few(b, 50000, 4000) : bench_few(b, 100000, 10000);
    struct plan p = {BATCH_LANES, events, batch, ""};
    snprintf(p.name, sizeof p.name, "NDJSON of %zu", batch);
    run(b, &p);
}

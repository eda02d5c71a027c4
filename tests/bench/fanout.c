#include "fanout.h"

#include "http.h"
#include "samples.h"
#include "sys.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#define WARM_UP       5        /* changes that aren't counted */
#define FILL          200      /* those that first fill a slow screen's buffers, */
#define FILL_STEP     (S / 50) /* at this pace, which push.max_hz has to allow */
#define PATIENCE      (20 * S)
#define PEER_PATIENCE (5 * S) /* for those that may not manage */
#define PEER_REPEATS  2
#define LANES         64  /* connections to post on, at most */
#define FRAME_SIZE    420 /* until tallyd's own is known */

/* A connection that changes are posted on. */
struct lane {
    struct sender *sender;
    struct crowd_source source;
    struct http http;
    bool open;
    bool busy; /* its last request isn't answered; the next would be in its way */
};

struct sender {
    struct server *server;
    struct crowd *crowd;
    struct lane lanes[LANES];
    size_t screens, frame_size, sent;
};

/* mosquitto answers nothing that matters. */
static void drain(const struct lane *l)
{
    char drop[4096];
    if (recv(l->http.fd, drop, sizeof drop, 0) == 0)
        sys_die("mosquitto closed the publisher's connection");
}

/* A server may end a connection that has long been idle, no other. */
static void close_lane(struct lane *l)
{
    if (l->busy)
        sys_die("%s closed a connection instead of answering",
                server_title(l->sender->server->name));
    http_close(&l->http);
    l->open = false;
}

static void on_answer(void *ctx)
{
    struct lane *l = ctx;
    enum server_name name = l->sender->server->name;
    if (name == MOSQUITTO) {
        drain(l);
        return;
    }
    int got = http_take(&l->http);
    if (got < 0)
        close_lane(l);
    else if (got > 0 && (l->http.status < 200 || l->http.status > 202))
        sys_die("%s answered %d: %s", server_title(name), l->http.status, l->http.body);
    l->busy = l->busy && got == 0;
}

static void open_lane(struct sender *s, struct lane *l)
{
    struct buf greeting = {0};
    *l = (struct lane){.sender = s, .source = {on_answer, l}, .open = true};
    if (http_open(&l->http, s->server->publish_port) != 0)
        sys_die("%s doesn't listen", server_title(s->server->name));
    server_greet_write(s->server, &greeting);
    if (greeting.len)
        http_send(&l->http, greeting.data, greeting.len);
    buf_free(&greeting);
    crowd_watch(s->crowd, l->http.fd, &l->source);
}

static void close_lanes(struct sender *s)
{
    for (size_t i = 0; i < LANES; i++)
        if (s->lanes[i].open)
            http_close(&s->lanes[i].http);
}

static void post(struct sender *s, const struct buf *request)
{
    for (size_t i = 0; i < LANES; i++) {
        struct lane *l = &s->lanes[i];
        if (l->busy)
            continue;
        if (!l->open)
            open_lane(s, l);
        http_send(&l->http, request->data, request->len);
        l->busy = s->server->name != MOSQUITTO;
        return;
    }
    sys_die("%s answers so slowly that %d posts wait", server_title(s->server->name), LANES);
}

/* Posts N changes, STEP apart, while the crowd reads, and waits until all fast screens have seen
 * them. What is sent is made before the clock runs. False: a server of others didn't manage. */
static bool send_changes(struct sender *s, size_t n, int64_t step)
{
    struct crowd_change *changes;
    struct buf request = {0};
    int64_t due = sys_now() + step;
    crowd_expect(s->crowd, s->server->base + s->sent, n);
    changes = crowd_changes(s->crowd);
    for (size_t i = 0; i < n; i++, due += step) {
        buf_reset(&request);
        server_change_write(s->server, &request, ++s->sent, s->frame_size);
        crowd_run(s->crowd, due);
        changes[i].posted = sys_now();
        post(s, &request);
    }
    buf_free(&request);
    int64_t patience = s->server->name <= FLOOR ? PATIENCE : PEER_PATIENCE;
    if (crowd_await(s->crowd, n, sys_now() + patience))
        return true;
    fprintf(stderr, "bench: %s: %u screens of %zu saw the last change within %lld s\n",
            server_title(s->server->name), changes[n - 1].seen, s->screens,
            (long long)(patience / S));
    if (s->server->name <= FLOOR)
        exit(1);
    return false;
}

static void add(struct line *l, const struct server *s, double x)
{
    if (l)
        line_add(l, (int)s->name, x);
}

static void tell_latency(const struct fanout *p, const struct server *s,
                         const struct crowd_change *changes)
{
    struct samples first = {0}, median = {0}, last = {0};
    for (size_t i = 0; i < p->changes; i++) {
        const struct crowd_change *c = &changes[i];
        samples_add(&first, (double)(c->first - c->posted) / MS);
        samples_add(&median, (double)(c->median - c->posted) / MS);
        samples_add(&last, (double)(c->last - c->posted) / MS);
    }
    add(p->first, s, samples_median(&first));
    add(p->median, s, samples_median(&median));
    add(p->last, s, samples_median(&last));
    add(p->last99, s, samples_at(&last, 0.99));
    samples_free(&first);
    samples_free(&median);
    samples_free(&last);
}

static void tell(struct bench *b, const struct fanout *p, const struct sender *sender, int64_t cpu)
{
    const struct server *s = sender->server;
    struct crowd_traffic t = crowd_traffic(sender->crowd);
    add(p->cpu, s, (double)cpu / 1e3 / (double)(p->changes * (p->fast + p->slow)));
    add(p->frames, s, (double)t.frames / (double)(p->changes * (p->fast + p->slow)));
    tell_latency(p, s, crowd_changes(sender->crowd));
    if (s->name == TALLYD && t.frames)
        b->frame_size = t.bytes / t.frames;
}

void fanout_measure(struct bench *b, struct server *s, const struct fanout *p)
{
    struct sender sender = {.server = s, .frame_size = b->frame_size, .screens = p->fast};
    s->push_hz = p->push_hz;
    server_start(s);
    int64_t cpu = 0, memory = sys_memory(s->pid);
    sender.crowd = crowd_open(s->port, p->door ? p->door : server_door(s), p->fast, p->slow);
    crowd_run(sender.crowd, sys_now() + 200 * MS);
    add(p->memory, s, (double)(sys_memory(s->pid) - memory) / (double)(p->fast + p->slow));
    bool good = (!p->fill || send_changes(&sender, p->fill, FILL_STEP)) &&
                send_changes(&sender, WARM_UP, p->step);
    if (good) {
        cpu = sys_cpu(s->pid);
        good = send_changes(&sender, p->changes, p->step);
        cpu = sys_cpu(s->pid) - cpu;
    }
    if (good)
        tell(b, p, &sender, cpu);
    close_lanes(&sender);
    crowd_close(sender.crowd);
    server_stop(s);
}

/* By turns, so that what else the machine does falls on all alike. */
static void measure_all(struct bench *b, const struct fanout *p, bool with_peers)
{
    if (!b->frame_size)
        b->frame_size = FRAME_SIZE;
    for (size_t i = 0; i < b->repeats; i++)
        for (int name = 0; name < (with_peers && i < PEER_REPEATS ? SERVERS : FLOOR + 1); name++) {
            struct server s;
            if (!server_is_installed((enum server_name)name, &b->place))
                continue;
            bench_say(b, "repeat %zu of %zu: %zu screens on %s", i + 1, b->repeats,
                      p->fast + p->slow, server_title((enum server_name)name));
            server_init(&s, (enum server_name)name, &b->place);
            fanout_measure(b, &s, p);
        }
}

void row_fanout(struct bench *b, size_t n)
{
    struct table *t = b->table;
    struct fanout p = {.fast = n,
                       .changes = bench_few(b, 25, 8),
                       .step = FANOUT_STEP,
                       .push_hz = FANOUT_HZ,
                       .cpu = table_line(t, "us", "CPU a screen and change, %zu screens", n),
                       .frames =
                           table_line(t, "frames", "frames a screen and change, %zu screens", n),
                       .first = table_line(t, "ms", "POST to first of %zu", n),
                       .median = table_line(t, "ms", "POST to median of %zu", n),
                       .last = table_line(t, "ms", "POST to last of %zu", n),
                       .last99 = table_line(t, "ms", "POST to last of %zu, p99", n),
                       .memory = table_line(t, "bytes", "memory a connection, %zu screens", n)};
    measure_all(b, &p, true);
}

void row_slow(struct bench *b, size_t n)
{
    struct table *t = b->table;
    struct fanout p = {.fast = n - n / 10,
                       .slow = n / 10,
                       .fill = bench_few(b, FILL, 60),
                       .changes = bench_few(b, 25, 8),
                       .step = FANOUT_STEP,
                       .push_hz = FANOUT_HZ,
                       .cpu =
                           table_line(t, "us", "CPU a screen and change, a tenth of %zu slow", n),
                       .last = table_line(t, "ms", "POST to last, a tenth of %zu slow", n)};
    measure_all(b, &p, false);
}

/* With push.max_hz as it is by default: a change that had to wait for a tick would show it. */
void row_rest(struct bench *b, size_t n)
{
    struct table *t = b->table;
    struct fanout p = {.fast = n,
                       .changes = bench_few(b, 6, 2),
                       .step = S / 2,
                       .first = table_line(t, "ms", "POST to first of %zu, after a rest", n),
                       .last = table_line(t, "ms", "POST to last of %zu, after a rest", n)};
    measure_all(b, &p, false);
}

/* ---- instructions ------------------------------------------------------------------------ */

#define COUNTED_FEW  20
#define COUNTED_MANY 120

/* Those of a whole life with so many screens and changes. */
static double count_life(struct bench *b, enum server_name name, size_t screens, size_t changes)
{
    struct server s;
    server_init(&s, name, &b->place);
    s.counted = true;
    s.push_hz = FANOUT_HZ;
    server_start(&s);
    struct sender sender = {.server = &s, .frame_size = b->frame_size, .screens = screens};
    sender.crowd = crowd_open(s.port, server_door(&s), screens, 0);
    for (size_t i = 0; i < changes; i++)
        send_changes(&sender, 1, MS); /* each when all have seen the one before */
    close_lanes(&sender);
    crowd_close(sender.crowd);
    server_stop(&s);
    return server_instructions(&s);
}

/* What a hundred changes more take: the start and the end are the same in both lives. */
static double count_change(struct bench *b, enum server_name name, size_t screens)
{
    double few = count_life(b, name, screens, COUNTED_FEW);
    return (count_life(b, name, screens, COUNTED_MANY) - few) / (COUNTED_MANY - COUNTED_FEW);
}

void row_instructions(struct bench *b, size_t n)
{
    struct line *post = table_line(b->table, "instructions", "a POST, its push to one screen");
    struct line *frame = table_line(b->table, "instructions", "a frame more, of %zu", n);
    if (!b->frame_size)
        b->frame_size = FRAME_SIZE;
    for (int name = 0; name <= FLOOR; name++) {
        bench_say(b, "counting instructions of %s", server_title((enum server_name)name));
        double one = count_change(b, (enum server_name)name, 1);
        double all = count_change(b, (enum server_name)name, n);
        line_add(post, name, one);
        line_add(frame, name, (all - one) / (double)(n - 1));
    }
}

/* growth: how tallyd's costs grow with what they are not to depend on: the events of the history,
 * the views that screens ask for, the size of the catalogue. */
#include "fanout.h"
#include "load.h"
#include "ws.h"

#include <stdio.h>

#define LANES   4
#define BATCH   1000
#define SCREENS 1000

/* ---- views ------------------------------------------------------------------------------- */

static const char *const ranges[] = {"all", "today", "week", "month", "year"};
static const char *const dimensions[] = {"circle", "community", "unit", "project", "category"};

enum {
    RANGES = sizeof ranges / sizeof *ranges,
    DIMENSIONS = sizeof dimensions / sizeof *dimensions
};

static void ask(struct buf *out, size_t view)
{
    struct buf text = {0};
    buf_addf(&text, "{\"views\":[{\"range\":\"%s\",\"by\":\"%s\"}]}", ranges[view % RANGES],
             dimensions[view / RANGES % DIMENSIONS]);
    ws_frame_write(out, WS_TEXT, text.data, text.len);
    buf_free(&text);
}

static void ask_for_one(struct buf *out, size_t screen)
{
    (void)screen;
    ask(out, 0);
}

static void measure_views(struct bench *b, struct crowd_door *door, size_t views)
{
    struct server s;
    struct fanout p = {
        .fast = bench_few(b, SCREENS, 100),
        .changes = bench_few(b, 25, 5),
        .step = FANOUT_STEP,
        .push_hz = FANOUT_HZ,
        .door = door,
        .cpu = table_line(b->table, "us", "CPU a screen and change, views: %zu", views)};
    server_init(&s, TALLYD, &b->place);
    door->greet = views == 1 ? ask_for_one : ask;
    fanout_measure(b, &s, &p);
}

/* VIEWS is how many there are of RANGES by DIMENSIONS. */
void row_views(struct bench *b, size_t views)
{
    struct server s;
    server_init(&s, TALLYD, &b->place);
    struct crowd_door door = *server_door(&s);
    for (size_t i = 0; i < b->repeats; i++) {
        bench_say(b, "repeat %zu of %zu: one view, %zu views", i + 1, b->repeats, views);
        measure_views(b, &door, 1);
        measure_views(b, &door, views);
    }
}

/* ---- history ----------------------------------------------------------------------------- */

static void send(const struct server *s, size_t from, size_t events)
{
    struct requests r;
    requests_write(&r, s->token, from + 1, events, BATCH);
    load_run(s->port, &r, LANES, NULL);
    requests_free(&r);
}

/* What an event costs the daemon and Redis, with FROM events sent before. */
static void measure_events(struct bench *b, const struct server *s, size_t from, size_t events,
                           const char *what)
{
    pid_t redis = server_redis(s);
    int64_t cpu = sys_cpu(s->pid), redis_cpu = sys_cpu(redis);
    send(s, from, events);
    line_add(table_line(b->table, "us", "CPU an event, %s", what), TALLYD,
             (double)(sys_cpu(s->pid) - cpu) / 1e3 / (double)events);
    line_add(table_line(b->table, "us", "Redis' CPU an event, %s", what), TALLYD,
             (double)(sys_cpu(redis) - redis_cpu) / 1e3 / (double)events);
}

void row_history(struct bench *b, size_t events)
{
    struct server s;
    char what[60];
    size_t part = bench_few(b, 20000, 2000);
    bench_say(b, "a history of %zu events", events);
    server_init(&s, TALLYD, &b->place);
    server_start(&s);
    send(&s, 0, part); /* so that all is warm */
    measure_events(b, &s, part, part, "short history");
    for (size_t done = 2 * part; done < events; done += part)
        send(&s, done, part);
    snprintf(what, sizeof what, "history of %zu", events);
    measure_events(b, &s, events + part, part, what);
    server_stop(&s);
}

/* ---- catalogue --------------------------------------------------------------------------- */

/* Ids are a letter and a number of WIDTH digits, as in the example. */
static void add_list(struct buf *out, const char *name, char letter, int width, size_t from,
                     size_t count)
{
    buf_addf(out, ",\n\"%s\":[", name);
    for (size_t i = from; i < from + count; i++) {
        char id[24];
        snprintf(id, sizeof id, "%c%0*zu", letter, width, i);
        buf_addf(out, "%s{\"id\":\"%s\",\"name\":\"%s\"", i == from ? "" : ",\n", id, id);
        if (letter == 's')
            buf_addf(out, ",\"circle\":\"c%zu\"", i % 7 + 1);
        if (letter == 'p')
            buf_adds(out, ",\"category\":\"k1\",\"units\":[],\"round\":\"1\","
                          "\"status\":\"done\"");
        buf_adds(out, "}");
    }
    buf_adds(out, "]");
}

/* One that is TIMES as large as the example's, and has all that the events name. */
static void write_catalogue(const char *path, size_t times)
{
    struct buf out = {0};
    buf_adds(&out, "{\"alliance\":{\"id\":\"grown\",\"name\":\"grown\"}");
    add_list(&out, "circles", 'c', 1, 1, 7);
    add_list(&out, "communities", 's', 2, 1, 35 * times);
    add_list(&out, "units", 'u', 2, 1, 42 * times);
    add_list(&out, "categories", 'k', 1, 1, 8);
    add_list(&out, "projects", 'p', 3, 101, 20 * times);
    buf_adds(&out, "}\n");
    FILE *f = fopen(path, "we");
    if (!f || fwrite(out.data, 1, out.len, f) != out.len || fclose(f) != 0)
        sys_die("can't write %s", path);
    buf_free(&out);
}

static void measure_catalogue(struct bench *b, size_t times)
{
    struct place place = b->place;
    struct server s;
    char path[600], what[60];
    size_t part = bench_few(b, 20000, 2000);
    snprintf(path, sizeof path, "%s/grown.json", place.folder);
    snprintf(what, sizeof what, "catalogue x %zu", times);
    write_catalogue(path, times);
    place.catalogue = path;
    server_init(&s, TALLYD, &place);
    struct fanout p = {.fast = bench_few(b, SCREENS, 100),
                       .changes = bench_few(b, 25, 5),
                       .step = FANOUT_STEP,
                       .push_hz = FANOUT_HZ,
                       .cpu = table_line(b->table, "us", "CPU a screen and change, %s", what)};
    fanout_measure(b, &s, &p);
    server_init(&s, TALLYD, &place);
    server_start(&s);
    send(&s, 0, part);
    measure_events(b, &s, part, part, what);
    server_stop(&s);
}

void row_catalogue(struct bench *b, size_t times)
{
    for (size_t i = 0; i < b->repeats; i++) {
        bench_say(b, "repeat %zu of %zu: the catalogue as it is, and %zu times that", i + 1,
                  b->repeats, times);
        measure_catalogue(b, 1);
        measure_catalogue(b, times);
    }
}

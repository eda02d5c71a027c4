/* journal_driver: a journal for test_journal_faults.sh to break.
 *   journal_driver append FOLDER [LIMIT]   appends records in groups and says what came of each:
 *       "+ID NUMBER" acknowledged, "-ID" refused, "trim NUMBER". It ends as by kill -9, without
 *       closing. LIMIT: no file may grow beyond so many bytes until something was refused.
 *   journal_driver check FOLDER < LINES    reads the folder and holds it against these lines. */
#include "journal.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define RECORDS  90
#define PATIENCE 250 /* ms for the journal to recover */

struct driver {
    uv_loop_t loop;
    struct journal *journal;
    unsigned pending, refused;
};

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void say(const char *format, ...)
{
    char line[64];
    va_list rest;
    va_start(rest, format);
    int n = vsnprintf(line, sizeof line, format, rest);
    va_end(rest);
    if (write(STDOUT_FILENO, line, (size_t)n) != n)
        exit(3);
}

/* Texts of many lengths; the id stands in front. */
static int make_text(char out[512], unsigned id)
{
    int n = snprintf(out, 512, "%u ", id);
    int len = 20 + (int)(id * 61 % 400);
    memset(out + n, 'a' + (int)(id % 26), (size_t)(len - n));
    return len;
}

struct attempt {
    struct driver *driver;
    unsigned id;
};

static void on_durable(void *ctx, int status, uint64_t first)
{
    struct attempt *a = ctx;
    a->driver->pending--;
    a->driver->refused += status != 0;
    if (status == 0)
        say("+%u %llu\n", a->id, (unsigned long long)first);
    else
        say("-%u\n", a->id);
    free(a);
}

static void append(struct driver *d, unsigned id)
{
    char text[512];
    struct journal_record record = {text, (size_t)make_text(text, id)};
    struct attempt *a = malloc(sizeof *a);
    *a = (struct attempt){d, id};
    if (journal_append(d->journal, &record, 1, on_durable, a) == 0) {
        d->pending++;
        return;
    }
    d->refused++;
    say("-%u\n", id);
    free(a);
}

static void on_impatient(uv_timer_t *timer)
{
    *(bool *)timer->data = true;
}

/* False: the disk doesn't come back. */
static bool wait_for_disk(struct driver *d)
{
    uv_timer_t timer;
    bool is_over = false;
    uv_timer_init(&d->loop, &timer);
    timer.data = &is_over;
    uv_timer_start(&timer, on_impatient, PATIENCE, 0);
    while (!is_over && !journal_accepts(d->journal))
        uv_run(&d->loop, UV_RUN_ONCE);
    uv_close((uv_handle_t *)&timer, NULL);
    uv_run(&d->loop, UV_RUN_NOWAIT);
    return journal_accepts(d->journal);
}

static void limit_files(rlim_t bytes)
{
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &limit);
}

static void run(struct driver *d)
{
    for (unsigned id = 1; id <= RECORDS;) {
        for (unsigned group = 1 + id % 9; group > 0 && id <= RECORDS; group--)
            append(d, id++);
        while (d->pending > 0)
            uv_run(&d->loop, UV_RUN_ONCE);
        if (d->refused > 0)
            limit_files(RLIM_INFINITY);
        if (!journal_accepts(d->journal) && !wait_for_disk(d))
            return;
        uint64_t covered = journal_durable(d->journal) / 3;
        say("trim %llu\n", (unsigned long long)covered);
        journal_trim(d->journal, journal_incarnation(d->journal), covered);
    }
}

static struct journal *open_journal(struct driver *d, const char *folder)
{
    char error[300];
    struct journal_options options = {
        .folder = folder, .max_bytes = 1 << 20, .segment_bytes = 4096};
    uv_loop_init(&d->loop);
    d->journal = journal_open(&d->loop, &options, error, sizeof error);
    if (!d->journal)
        fprintf(stderr, "%s\n", error);
    return d->journal;
}

static int append_all(const char *folder, const char *limit)
{
    struct driver d = {0};
    signal(SIGXFSZ, SIG_IGN);
    if (!open_journal(&d, folder))
        return 0; /* nothing was promised */
    if (limit)
        limit_files(strtoul(limit, NULL, 10));
    if (journal_accepts(d.journal) || wait_for_disk(&d))
        run(&d);
    _exit(0);
}

/* --- checking ---- */

struct check {
    uint64_t number[RECORDS + 1]; /* acknowledged under it; 0: not */
    bool refused[RECORDS + 1], found[RECORDS + 1];
    uint64_t trimmed, next;
    unsigned acknowledged, faults;
};

static void read_lines(struct check *c)
{
    char line[64];
    unsigned id;
    unsigned long long number;
    while (fgets(line, sizeof line, stdin)) {
        if (sscanf(line, "+%u %llu", &id, &number) == 2 && id <= RECORDS) {
            c->number[id] = number;
            c->acknowledged++;
        } else if (sscanf(line, "-%u", &id) == 1 && id <= RECORDS) {
            c->refused[id] = true;
        } else {
            sscanf(line, "trim %llu", &number);
            c->trimmed = number;
        }
    }
}

static void fault(struct check *c, const char *what, unsigned id)
{
    fprintf(stderr, "%s: %u\n", what, id);
    c->faults++;
}

static void on_record(void *ctx, uint64_t number, const void *bytes, size_t len)
{
    struct check *c = ctx;
    char text[512];
    unsigned id = 0;
    if (number != c->next)
        fault(c, "a number is missing", (unsigned)c->next);
    c->next = number + 1;
    snprintf(text, sizeof text, "%.*s", (int)len, (const char *)bytes);
    sscanf(text, "%u", &id);
    if (id == 0 || id > RECORDS || make_text(text, id) != (int)len ||
        memcmp(text, bytes, len) != 0) {
        fault(c, "not what was written", (unsigned)number);
        return;
    }
    if (c->refused[id])
        fault(c, "refused and yet there", id);
    if (c->number[id] && c->number[id] != number)
        fault(c, "another number than was said", id);
    if (c->found[id])
        fault(c, "there twice", id);
    c->found[id] = true;
}

static int check_all(const char *folder)
{
    struct driver d = {0};
    struct check c = {0};
    struct journal_run runs[2] = {0};
    read_lines(&c);
    if (!open_journal(&d, folder))
        return 1;
    if (journal_runs(d.journal, runs, 2) == 2) {
        c.next = runs[0].first;
        while (journal_read(d.journal, runs[0].incarnation, c.next, 10, 4000, on_record, &c) > 0)
            ;
        if (c.next != runs[0].last + 1 || runs[0].first > c.trimmed + 1)
            fault(&c, "the end or the beginning is missing", (unsigned)c.next);
    }
    for (unsigned id = 1; id <= RECORDS; id++)
        if (c.number[id] > c.trimmed && !c.found[id])
            fault(&c, "acknowledged and lost", id);
    printf("%u\n", c.acknowledged);
    fflush(stdout);
    _exit(c.faults > 0);
}

int main(int argc, char **argv)
{
    if (argc >= 3 && strcmp(argv[1], "append") == 0)
        return append_all(argv[2], argv[3]);
    if (argc == 3 && strcmp(argv[1], "check") == 0)
        return check_all(argv[2]);
    fprintf(stderr, "usage: journal_driver append FOLDER [LIMIT] | check FOLDER\n");
    return 2;
}

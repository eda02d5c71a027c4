/* /metrics: the counters of stats, and what is looked up when it is asked for. */
#include "api.h"

#include "date.h"
#include "stats.h"
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

static void add_gauge(struct buf *out, const char *name, const char *help, double value)
{
    buf_addf(out, "# HELP %s %s\n# TYPE %s gauge\n%s %.15g\n", name, help, name, name, value);
}

/* Why the store is down, as a label: the error's first word, such as LOADING or MISCONF. */
static void add_trouble(const struct app *app, struct buf *out)
{
    const char *reason = store_is_up(app->store) ? "" : store_reason(app->store);
    size_t n = strcspn(reason, " ");
    buf_adds(out, "# HELP tallyd_store_trouble 1 while the store is down, by the reason it gave.\n"
                  "# TYPE tallyd_store_trouble gauge\n");
    if (n == strspn(reason, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
        buf_addf(out, "tallyd_store_trouble{reason=\"%.*s\"} %d\n", (int)n, reason, n > 0);
    else
        buf_adds(out, "tallyd_store_trouble{reason=\"UNREACHABLE\"} 1\n");
}

/* Resident memory of a process, 0 where it can't be told. */
static double memory_of(int pid)
{
    char path[40];
    long size = 0, resident = 0;
    snprintf(path, sizeof path, "/proc/%d/statm", pid);
    FILE *f = pid > 0 ? fopen(path, "re") : NULL;
    if (f && fscanf(f, "%ld %ld", &size, &resident) != 2)
        resident = 0;
    if (f)
        fclose(f);
    return (double)resident * (double)sysconf(_SC_PAGESIZE);
}

/* Where the store is stays unsaid: an address tells too much to everybody who may scrape. */
static void add_store(const struct app *app, struct buf *out)
{
    const char *kind = app->child ? "private" : app->address.path ? "unix" : "tcp";
    buf_addf(out,
             "# HELP tallyd_store_info What kind of store there is: private, unix or tcp.\n"
             "# TYPE tallyd_store_info gauge\ntallyd_store_info{kind=\"%s\"} 1\n",
             kind);
    if (app->child)
        add_gauge(out, "tallyd_redis_resident_memory_bytes", "Memory of the private Redis.",
                  memory_of(child_pid(app->child)));
}

static void add_disk(const struct app *app, struct buf *out)
{
    struct statvfs disk;
    add_gauge(out, "tallyd_journal_bytes", "Bytes that the journal takes on disk.",
              (double)journal_size(app->journal));
    add_gauge(out, "tallyd_journal_max_bytes", "Bytes at which the journal is full.",
              (double)app->config.journal_max_mib * 1048576);
    if (statvfs(app->config.state_dir, &disk) == 0)
        add_gauge(out, "tallyd_state_free_bytes", "Bytes left for the state folder.",
                  (double)disk.f_bavail * (double)disk.f_frsize);
}

static void add_times(const struct app *app, struct buf *out)
{
    add_gauge(out, "process_start_time_seconds", "When the daemon was started, in Unix time.",
              (double)app->started / DATE_SECOND);
    if (app->board.as_of)
        add_gauge(out, "tallyd_as_of_timestamp_seconds",
                  "When the figures were last known to be all that the store holds.",
                  (double)app->board.as_of / DATE_SECOND);
    if (app->backed_up)
        add_gauge(out, "tallyd_last_backup_timestamp_seconds",
                  "When a backup was last handed out whole.", (double)app->backed_up / DATE_SECOND);
}

void get_metrics(struct call *c)
{
    struct buf body = {0};
    stats_set(STAT_EVENTS_QUEUED, intake_queued(c->app->intake));
    stats_render(&body);
    add_times(c->app, &body);
    add_store(c->app, &body);
    add_trouble(c->app, &body);
    add_disk(c->app, &body);
    answer_text(c, 200, "text/plain; version=0.0.4; charset=utf-8", &body);
}

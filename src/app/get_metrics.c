/* /metrics: the counters of stats, and what is looked up when it is asked for. */
#include "api.h"

#include "alliance.h"
#include "date.h"
#include "stats.h"
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

static void add_head(struct buf *out, const char *name, const char *help)
{
    buf_addf(out, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
}

static void add_gauge(struct buf *out, const char *name, const char *help, double value)
{
    add_head(out, name, help);
    buf_addf(out, "%s %.15g\n", name, value);
}

/* --- what each alliance has --------------------------------------------------------------- */

/* False: there is nothing to tell. */
typedef bool figure_of(struct alliance *a, double *out);

static bool queued(struct alliance *a, double *out)
{
    *out = (double)intake_queued(a->intake);
    return true;
}

static bool is_up(struct alliance *a, double *out)
{
    *out = store_is_up(a->store);
    return true;
}

static bool revision(struct alliance *a, double *out)
{
    *out = (double)alliance_board(a)->rev;
    return true;
}

static bool as_of(struct alliance *a, double *out)
{
    *out = (double)alliance_board(a)->as_of / DATE_SECOND;
    return alliance_board(a)->as_of;
}

static bool backed_up(struct alliance *a, double *out)
{
    *out = (double)a->backed_up / DATE_SECOND;
    return a->backed_up;
}

static bool journal_bytes(struct alliance *a, double *out)
{
    *out = (double)journal_size(a->journal);
    return true;
}

static const struct {
    const char *name, *help;
    figure_of *figure;
} figures[] = {
    {"tallyd_events_queued", "Events accepted and not yet applied to the store.", queued},
    {"tallyd_store_up", "1 while the store answers, else 0.", is_up},
    {"tallyd_revision", "Revision shown.", revision},
    {"tallyd_as_of_timestamp_seconds",
     "When the figures were last known to be all that the store holds.", as_of},
    {"tallyd_last_backup_timestamp_seconds", "When a backup was last handed out whole.", backed_up},
    {"tallyd_journal_bytes", "Bytes that the journal takes on disk.", journal_bytes},
};

/* A label says whose it is where there are several. MORE: further labels, or "". */
static void add_labels(struct buf *out, const struct alliance *a, const char *more)
{
    bool several = a->app->count > 1;
    if (several)
        buf_addf(out, "{alliance=\"%s\"%s%s}", alliance_id(a), *more ? "," : "", more);
    else if (*more)
        buf_addf(out, "{%s}", more);
}

static void add_figures(const struct app *app, struct buf *out)
{
    for (size_t f = 0; f < sizeof figures / sizeof *figures; f++) {
        bool headed = false;
        for (size_t i = 0; i < app->count; i++) {
            double value;
            if (!figures[f].figure(app->alliances[i], &value))
                continue;
            if (!headed)
                add_head(out, figures[f].name, figures[f].help);
            headed = true;
            buf_adds(out, figures[f].name);
            add_labels(out, app->alliances[i], "");
            buf_addf(out, " %.15g\n", value);
        }
    }
}

/* Why the store is down, as a label: the error's first word, such as LOADING or MISCONF. */
static void add_trouble(const struct alliance *a, struct buf *out)
{
    char label[80];
    const char *reason = store_is_up(a->store) ? "" : store_reason(a->store);
    size_t n = strcspn(reason, " ");
    bool word = n == strspn(reason, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") && n < 40;
    snprintf(label, sizeof label, "reason=\"%.*s\"", word ? (int)n : 11,
             word ? reason : "UNREACHABLE");
    buf_adds(out, "tallyd_store_trouble");
    add_labels(out, a, label);
    buf_addf(out, " %d\n", n > 0);
}

/* Where the store is stays unsaid: an address tells too much to everybody who may scrape. */
static void add_kind(const struct alliance *a, struct buf *out)
{
    bool is_private = strcmp(a->listed->redis_url, "private") == 0;
    buf_adds(out, "tallyd_store_info");
    add_labels(out, a,
               is_private        ? "kind=\"private\""
               : a->address.path ? "kind=\"unix\""
                                 : "kind=\"tcp\"");
    buf_adds(out, " 1\n");
}

static void add_stores(const struct app *app, struct buf *out)
{
    add_head(out, "tallyd_store_info", "What kind of store there is: private, unix or tcp.");
    for (size_t i = 0; i < app->count; i++)
        add_kind(app->alliances[i], out);
    add_head(out, "tallyd_store_trouble", "1 while the store is down, by the reason it gave.");
    for (size_t i = 0; i < app->count; i++)
        add_trouble(app->alliances[i], out);
}

/* --- what there is once ------------------------------------------------------------------- */

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

static void add_machine(const struct app *app, struct buf *out)
{
    struct statvfs disk;
    add_gauge(out, "process_start_time_seconds", "When the daemon was started, in Unix time.",
              (double)app->started / DATE_SECOND);
    if (app->child)
        add_gauge(out, "tallyd_redis_resident_memory_bytes", "Memory of the private Redis.",
                  memory_of(child_pid(app->child)));
    add_gauge(out, "tallyd_journal_max_bytes", "Bytes at which a journal is full.",
              (double)app->config.journal_max_mib * 1048576);
    if (statvfs(app->config.state_dir, &disk) == 0)
        add_gauge(out, "tallyd_state_free_bytes", "Bytes left for the state folder.",
                  (double)disk.f_bavail * (double)disk.f_frsize);
}

void get_metrics(struct call *c)
{
    struct buf body = {0};
    const struct app *app = c->alliance->app;
    stats_render(&body);
    add_figures(app, &body);
    add_stores(app, &body);
    add_machine(app, &body);
    answer_text(c, 200, "text/plain; version=0.0.4; charset=utf-8", &body);
}

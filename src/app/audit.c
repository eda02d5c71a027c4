#include "audit.h"

#include "date.h"
#include "log.h"
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define REFUSED_MAX 60 /* lines a minute about refused sign-ins */

struct audit {
    struct alliance *alliance;
    char *folder;
    int32_t day;
    unsigned second, lines; /* of the minute */
    long more;              /* refused ones that had no line */
};

struct line {
    const char *actor, *peer, *act, *subject, *outcome, *reason;
    long count;
};

const char *audit_folder(const struct audit *a)
{
    return a->folder;
}

bool audit_is_month(const char *name)
{
    for (int i = 0; i < 7; i++)
        if (i == 4 ? name[i] != '-' : !isdigit((unsigned char)name[i]))
            return false;
    return !strcmp(name + 7, ".jsonl");
}

/* --- writing ------------------------------------------------------------------------------ */

static void add_text(struct buf *out, const char *name, const char *text)
{
    buf_addf(out, ",\"%s\":", name);
    if (text && *text)
        buf_add_json(out, text);
    else
        buf_adds(out, "null");
}

static void write_line(const struct line *l, int64_t now, struct buf *out)
{
    char at[40];
    buf_addf(out, "{\"at\":\"%s\"", date_format(now, at));
    add_text(out, "actor", l->actor);
    add_text(out, "peer", l->peer && !*l->peer ? "local" : l->peer);
    add_text(out, "act", l->act);
    add_text(out, "subject", l->subject);
    add_text(out, "outcome", l->outcome);
    if (l->reason)
        add_text(out, "reason", l->reason);
    if (l->count)
        buf_addf(out, ",\"count\":%ld", l->count);
    buf_adds(out, "}\n");
}

/* One line, one write: lines of one file never mix. */
static void append(struct audit *a, const struct line *l)
{
    struct buf path = {0}, text = {0};
    int64_t now = date_now();
    int32_t day = date_day(now);
    buf_addf(&path, "%s/%04d-%02d.jsonl", a->folder, day / 10000, day / 100 % 100);
    write_line(l, now, &text);
    int fd = open(path.data, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, text.data, text.len) != (ssize_t)text.len)
        log_write(LOG_ERROR, "audit_not_written", "act", l->act, "reason", strerror(errno), NULL);
    if (fd >= 0)
        close(fd);
    buf_free(&path);
    buf_free(&text);
}

void audit_act(struct call *c, const char *act, const char *subject, const char *outcome,
               const char *reason)
{
    struct line l = {c->who.name, request_peer(c->request), act, subject, outcome, reason, 0};
    append(c->alliance->audit, &l);
}

void audit_signed_in(struct call *c, const char *name)
{
    struct line l = {name, request_peer(c->request), "session_begun", name, "done", NULL, 0};
    append(c->alliance->audit, &l);
}

void audit_refused(struct alliance *alliance, const char *peer, const char *outcome)
{
    struct audit *a = alliance->audit;
    struct line l = {NULL, peer, "sign_in", NULL, outcome, NULL, 0};
    if (a->lines++ < REFUSED_MAX)
        append(a, &l);
    else
        a->more++;
}

static void begin_minute(struct audit *a)
{
    struct line l = {NULL, NULL, "sign_in", NULL, "refused", NULL, a->more};
    if (a->more)
        append(a, &l);
    a->second = a->lines = 0;
    a->more = 0;
}

/* --- keeping ------------------------------------------------------------------------------ */

/* A month stays until all of it is older than so many months. */
static bool is_old(const char *name, int32_t day, long months)
{
    long of_file = strtol(name, NULL, 10) * 12 + strtol(name + 5, NULL, 10);
    long now = (long)(day / 10000) * 12 + day / 100 % 100;
    return now - of_file > months;
}

static void delete_old(struct audit *a)
{
    DIR *folder = opendir(a->folder);
    const struct dirent *entry;
    while (folder && (entry = readdir(folder))) {
        if (!audit_is_month(entry->d_name) ||
            !is_old(entry->d_name, a->day, a->alliance->app->config.access_audit_months))
            continue;
        if (unlinkat(dirfd(folder), entry->d_name, 0) == 0)
            log_write(LOG_INFO, "audit_deleted", "month", entry->d_name, NULL);
        else
            log_write(LOG_WARN, "audit_not_deleted", "month", entry->d_name, "reason",
                      strerror(errno), NULL);
    }
    if (folder)
        closedir(folder);
}

void audit_tick(struct audit *a)
{
    int32_t today = date_day(date_now());
    if (++a->second >= 60)
        begin_minute(a);
    if (today == a->day)
        return;
    a->day = today;
    delete_old(a);
}

struct audit *audit_open(struct alliance *alliance)
{
    struct audit *a = mem_alloc(sizeof *a);
    struct buf folder = {0};
    buf_addf(&folder, "%s/audit", alliance->folder);
    a->alliance = alliance;
    a->folder = buf_take(&folder, NULL);
    a->day = date_day(date_now());
    if (mkdir(a->folder, 0700) && errno != EEXIST)
        log_write(LOG_ERROR, "audit_not_written", "reason", strerror(errno), NULL);
    delete_old(a);
    return a;
}

void audit_close(struct audit *a)
{
    if (!a)
        return;
    begin_minute(a);
    free(a->folder);
    free(a);
}

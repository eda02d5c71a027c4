/* GET /admin/audit: the audit log backwards, month by month, line by line. A place in it is a month
 * and a byte, "2026-07.1234": what stands before it is older. */
#include "api.h"

#include "audit.h"
#include "date.h"
#include <cjson/cJSON.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE_SIZE     4096
#define LIMIT_DEFAULT 100
#define LIMIT_MAX     1000

struct place {
    char month[8]; /* "2026-07" */
    off_t end;     /* -1: the file's */
};

struct reading {
    struct buf rows;
    long limit, found;
    struct place next; /* of the oldest entry found */
};

/* --- one file ----------------------------------------------------------------------------- */

/* The line that ends at *end, which moves to its start. NULL at the file's beginning. */
static cJSON *line_before(int fd, off_t *end, bool *more)
{
    char text[LINE_SIZE + 1];
    size_t n = *end < LINE_SIZE ? (size_t)*end : LINE_SIZE;
    *more = n > 0 && pread(fd, text, n, *end - (off_t)n) == (ssize_t)n;
    if (!*more)
        return NULL;
    text[n] = '\0';
    size_t stop = n - (text[n - 1] == '\n');
    text[stop] = '\0';
    const char *before = stop ? memrchr(text, '\n', stop) : NULL;
    size_t from = before ? (size_t)(before - text) + 1 : 0;
    *end -= (off_t)(n - from);
    return cJSON_Parse(text + from); /* what a full disk has torn isn't one */
}

static void take_entry(struct reading *r, const struct place *at, const cJSON *entry)
{
    char *text = cJSON_PrintUnformatted(entry);
    buf_addf(&r->rows, "%s%s", r->found++ ? "," : "", text);
    r->next = *at;
    free(text);
}

static void read_month(struct reading *r, const char *folder, struct place at)
{
    struct buf path = {0};
    struct stat st;
    bool more = true;
    buf_addf(&path, "%s/%s.jsonl", folder, at.month);
    int fd = open(path.data, O_RDONLY | O_CLOEXEC);
    buf_free(&path);
    if (fd < 0 || fstat(fd, &st) != 0)
        st.st_size = 0;
    if (at.end < 0 || at.end > st.st_size)
        at.end = st.st_size;
    while (more && r->found < r->limit) {
        cJSON *entry = line_before(fd, &at.end, &more);
        if (cJSON_IsObject(entry))
            take_entry(r, &at, entry);
        cJSON_Delete(entry);
    }
    if (fd >= 0)
        close(fd);
}

/* --- all of them -------------------------------------------------------------------------- */

/* The newest month that isn't after *at (before it, if that is read to its beginning). */
static bool month_before(const char *folder, struct place *at, bool strictly)
{
    struct place best = {"", -1};
    DIR *dir = opendir(folder);
    const struct dirent *entry;
    while (dir && (entry = readdir(dir))) {
        if (!audit_is_month(entry->d_name))
            continue;
        int order = at->month[0] ? strncmp(entry->d_name, at->month, 7) : -1;
        if ((order < 0 || (order == 0 && !strictly)) && strncmp(entry->d_name, best.month, 7) > 0) {
            best.end = order == 0 ? at->end : -1;
            memcpy(best.month, entry->d_name, 7);
        }
    }
    if (dir)
        closedir(dir);
    *at = best;
    return best.month[0] != '\0';
}

static void answer_entries(struct call *c, struct reading *r, bool more)
{
    struct buf body = {0};
    buf_addf(&body, "{\"entries\":[%s],\"next\":", r->rows.data ? r->rows.data : "");
    if (more)
        buf_addf(&body, "\"%s.%lld\"}", r->next.month, (long long)r->next.end);
    else
        buf_adds(&body, "null}");
    buf_free(&r->rows);
    answer_json(c, 200, &body);
}

static bool read_place(const char *text, struct place *at)
{
    char *end;
    char name[AUDIT_NAME];
    if (strlen(text) < 9 || text[7] != '.')
        return false;
    snprintf(name, sizeof name, "%.7s.jsonl", text);
    at->end = (off_t)strtoll(text + 8, &end, 10);
    memcpy(at->month, name, 7);
    return audit_is_month(name) && text[8] >= '0' && text[8] <= '9' && !*end && at->end >= 0;
}

static bool read_limit(const char *text, long *limit)
{
    char *end;
    *limit = strtol(text, &end, 10);
    return text[0] >= '0' && text[0] <= '9' && !*end && *limit >= 1 && *limit <= LIMIT_MAX;
}

void admin_audit(struct call *c)
{
    const char *limit = answer_query(c, "limit"), *before = answer_query(c, "before");
    struct reading r = {.limit = LIMIT_DEFAULT};
    struct place at = {"", -1};
    if (limit && !read_limit(limit, &r.limit)) {
        answer_bad_query(c, FAULT_OUT_OF_RANGE, "limit", "1 to 1000");
        return;
    }
    if (before && !read_place(before, &at)) {
        answer_bad_query(c, FAULT_UNKNOWN_VALUE, "before", "next");
        return;
    }
    const char *folder = audit_folder(c->alliance->audit);
    for (bool strictly = false; r.found < r.limit && month_before(folder, &at, strictly);
         strictly = true)
        read_month(&r, folder, at);
    answer_entries(c, &r, r.found == r.limit);
}

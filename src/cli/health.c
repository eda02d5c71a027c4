#include "health.h"

#include "cli.h"
#include "date.h"
#include "text.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define MIB           1048576.0
#define DAY           86400.0
#define STALE         60.0         /* s after which figures that stand still are a trouble */
#define DISK_LEAST    (1024 * MIB) /* left: the journal and Redis must be able to write */
#define JOURNAL_SHARE 0.75         /* of what it may take */
#define BACKUP_OLDEST (3 * DAY)    /* one was made before: so somebody wants them */

/* ---- asking ------------------------------------------------------------------------------ */

static const struct {
    const char *name;
    size_t offset;
} gauges[] = {
    {"process_start_time_seconds", offsetof(struct health, started)},
    {"tallyd_as_of_timestamp_seconds", offsetof(struct health, as_of)},
    {"tallyd_last_backup_timestamp_seconds", offsetof(struct health, backup)},
    {"tallyd_store_up", offsetof(struct health, store_up)},
    {"tallyd_redis_resident_memory_bytes", offsetof(struct health, redis_memory)},
    {"tallyd_revision", offsetof(struct health, revision)},
    {"tallyd_screens", offsetof(struct health, screens)},
    {"tallyd_events_queued", offsetof(struct health, queued)},
    {"tallyd_events_rejected_total", offsetof(struct health, rejected)},
    {"tallyd_journal_bytes", offsetof(struct health, journal)},
    {"tallyd_journal_max_bytes", offsetof(struct health, journal_max)},
    {"tallyd_state_free_bytes", offsetof(struct health, disk_free)},
};

/* Has the line of a metric, from its labels on, the label NAME with that VALUE? */
static bool has_label(const char *line, const char *name, const char *value)
{
    struct buf label = {0};
    buf_addf(&label, "%s=\"%s\"", name, value);
    size_t n = strcspn(line, "}\n");
    bool found = line[0] == '{' && memmem(line, n, label.data, label.len);
    buf_free(&label);
    return found;
}

/* What stands behind NAME on a line of its own; NULL: there is none. Where a daemon has several
 * alliances, it is that alliance's, or the first one's. */
static const char *metric_line(const char *text, const char *name, const char *alliance)
{
    size_t n = strlen(name);
    for (const char *line = text; line && *line; line = strchr(line, '\n'), line += line != NULL) {
        if (strncmp(line, name, n) != 0 || (line[n] != ' ' && line[n] != '{'))
            continue;
        bool one = strncmp(line + n, "{alliance=", 10) != 0;
        if (one || !alliance || has_label(line + n, "alliance", alliance))
            return line + n;
    }
    return NULL;
}

/* -1: there is no such line. */
static double value_of(const char *line)
{
    const char *end = line && *line == '{' ? strchr(line, '}') : NULL;
    return line ? strtod(end ? end + 1 : line, NULL) : -1;
}

/* The last label's value. */
static void take_label(const char *line, char *out, size_t size)
{
    size_t n = line ? strcspn(line, "}\n") : 0;
    const char *end = n ? memrchr(line, '"', n) : NULL;
    const char *from = end ? memrchr(line, '"', (size_t)(end - line)) : NULL;
    if (from)
        snprintf(out, size, "%.*s", (int)(end - from - 1), from + 1);
}

static int take_metrics(struct health *h, struct client *c)
{
    struct reply reply = {0};
    int code = EXIT_DONE;
    const char *alliance = client_place(c)->alliance;
    client_get(c, "/metrics", &reply);
    const char *text = reply.body.data;
    if (reply.status != 200 || !metric_line(text, "tallyd_build_info", NULL)) {
        code = client_complain(c, &reply, NULL, NULL);
        reply_free(&reply);
        return code;
    }
    take_label(metric_line(text, "tallyd_build_info", NULL), h->version, sizeof h->version);
    take_label(metric_line(text, "tallyd_store_info", alliance), h->store, sizeof h->store);
    for (size_t i = 0; i < sizeof gauges / sizeof *gauges; i++) {
        double *n = (double *)(void *)((char *)h + gauges[i].offset);
        *n = value_of(metric_line(text, gauges[i].name, alliance));
    }
    reply_free(&reply);
    return code;
}

static cJSON *ask(struct client *c, const char *path, int *status)
{
    struct reply reply = {0};
    client_get(c, path, &reply);
    *status = reply.status;
    cJSON *tree = reply.status == 200 || reply.status == 503
                      ? cJSON_ParseWithLength(reply.body.data, reply.body.len)
                      : NULL;
    reply_free(&reply);
    return tree;
}

static void take_ready(struct health *h, struct client *c)
{
    int status;
    cJSON *tree = ask(c, "/readyz", &status);
    h->ready = status == 200;
    snprintf(h->reason, sizeof h->reason, "%s", field_text(tree, "reason"));
    cJSON_Delete(tree);
}

static void take_newest(struct health *h, struct client *c)
{
    int status;
    cJSON *tree = ask(c, "/api/v1/events?limit=1", &status);
    const cJSON *event = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(tree, "events"), 0);
    h->private = status == 401;
    h->newest_known = status == 200;
    snprintf(h->last_kind, sizeof h->last_kind, "%s", field_text(event, "kind"));
    snprintf(h->last_at, sizeof h->last_at, "%s", field_text(event, "at"));
    cJSON_Delete(tree);
}

static void take_recount(struct health *h, struct client *c)
{
    int status;
    cJSON *tree = ask(c, "/api/v1/recount", &status);
    const cJSON *recount = cJSON_GetObjectItemCaseSensitive(tree, "recount");
    snprintf(h->recount_at, sizeof h->recount_at, "%s", field_text(recount, "at"));
    h->recount_events = (double)field_number(recount, "events");
    h->recount_differences = (double)field_number(recount, "differences");
    cJSON_Delete(tree);
}

/* ---- judging ----------------------------------------------------------------------------- */

static void add(struct health *h, const char *code, const char *en, const char *zh, ...)
    __attribute__((format(printf, 3, 5), format(printf, 4, 5)));
static void add(struct health *h, const char *code, const char *en, const char *zh, ...)
{
    va_list args;
    if (h->trouble_count == TROUBLES_MAX)
        return;
    struct trouble *t = &h->troubles[h->trouble_count++];
    t->code = code;
    va_start(args, zh);
    vsnprintf(t->text, sizeof t->text, text_chinese() ? zh : en, args);
    va_end(args);
}

static void judge_store(struct health *h)
{
    const char *look =
        strcmp(h->store, "private") != 0
            ? text_either("Redis and its log", " Redis 和它的日志")
            : text_either("the disk, the memory and tallyd's log", "磁盘、内存和 tallyd 的日志");
    if (h->store_up == 0)
        add(h, "store_down",
            "the store is away (%s): events are kept on the daemon's disk and counted when it is "
            "back; look at %s",
            "存储不在（%s）：上报照收，存在服务的磁盘上，存储回来后再计入；请看%s", h->reason,
            look);
    else if (!h->ready)
        add(h, "not_ready", "it isn't ready: %s; the log of tallyd tells more",
            "服务还没有就绪：%s；详见 tallyd 的日志", h->reason[0] ? h->reason : "?");
}

static void judge_age(struct health *h, double now)
{
    if (h->store_up == 1 && h->as_of > 0 && now - h->as_of > STALE)
        add(h, "stale",
            "the figures have stood still for %.0f s, though the store answers; if the clocks of "
            "the two machines agree, look at the log of tallyd",
            "数字已停 %.0f 秒，而存储有回应；若两台机器的时钟一致，请看 tallyd 的日志",
            now - h->as_of);
    if (h->backup > 0 && now - h->backup > BACKUP_OLDEST)
        add(h, "backup_old",
            "the last backup is %.0f days old; look at tallyd-backup.timer, or run tallyctl backup",
            "最近一次备份已是 %.0f 天前；请看 tallyd-backup.timer，或运行 tallyctl backup",
            (now - h->backup) / DAY);
}

static void judge_room(struct health *h)
{
    if (h->journal_max > 0 && h->journal > h->journal_max * JOURNAL_SHARE)
        add(h, "journal_full",
            "the journal takes %.0f of %.0f MiB, and beyond that events are refused; bring the "
            "store back, or raise journal.max_mib",
            "日志簿已占 %.0f MiB，上限 %.0f MiB，满了就不再收上报；请让存储回来，或调大 "
            "journal.max_mib",
            h->journal / MIB, h->journal_max / MIB);
    if (h->disk_free >= 0 && h->disk_free < DISK_LEAST)
        add(h, "disk_full", "only %.0f MiB are left for the state folder; make room there",
            "数据目录所在磁盘只剩 %.0f MiB；请腾出空间", h->disk_free / MIB);
}

static void judge(struct health *h, double now)
{
    judge_store(h);
    judge_age(h, now);
    judge_room(h);
    if (h->recount_differences > 0)
        add(h, "recount_differs",
            "the last recount found differences in %.0f of the counters; tallyctl verify lists "
            "them, tallyctl repair "
            "mends them",
            "最近一次复算有 %.0f 处差异；tallyctl verify 逐条列出，tallyctl repair 修复",
            h->recount_differences);
}

int health_ask(struct health *h, struct client *c, double now)
{
    int code = take_metrics(h, c);
    if (code != EXIT_DONE)
        return code;
    take_ready(h, c);
    take_newest(h, c);
    if (!h->private)
        take_recount(h, c);
    judge(h, now);
    return EXIT_DONE;
}

/* ---- for programs ------------------------------------------------------------------------ */

static void add_number(cJSON *o, const char *key, double n)
{
    if (n < 0)
        cJSON_AddNullToObject(o, key);
    else
        cJSON_AddNumberToObject(o, key, n);
}

static void add_time(cJSON *o, const char *key, double seconds)
{
    char text[40];
    if (seconds <= 0)
        cJSON_AddNullToObject(o, key);
    else
        cJSON_AddStringToObject(o, key, date_format((int64_t)(seconds * 1e6), text));
}

static void add_details(const struct health *h, cJSON *o)
{
    cJSON *last = h->last_at[0] ? cJSON_AddObjectToObject(o, "last_event")
                                : cJSON_AddNullToObject(o, "last_event");
    if (h->last_at[0]) {
        cJSON_AddStringToObject(last, "kind", h->last_kind);
        cJSON_AddStringToObject(last, "at", h->last_at);
    }
    cJSON *recount = h->recount_at[0] ? cJSON_AddObjectToObject(o, "recount")
                                      : cJSON_AddNullToObject(o, "recount");
    if (h->recount_at[0]) {
        cJSON_AddStringToObject(recount, "at", h->recount_at);
        cJSON_AddNumberToObject(recount, "events", h->recount_events);
        cJSON_AddNumberToObject(recount, "differences", h->recount_differences);
    }
    cJSON *troubles = cJSON_AddArrayToObject(o, "troubles");
    for (int i = 0; i < h->trouble_count; i++) {
        cJSON *t = cJSON_CreateObject();
        cJSON_AddStringToObject(t, "code", h->troubles[i].code);
        cJSON_AddStringToObject(t, "message", h->troubles[i].text);
        cJSON_AddItemToArray(troubles, t);
    }
}

void health_write_json(const struct health *h, struct buf *out)
{
    cJSON *o = cJSON_CreateObject();
    cJSON_AddBoolToObject(o, "well", h->trouble_count == 0);
    cJSON_AddStringToObject(o, "version", h->version);
    add_time(o, "started", h->started);
    cJSON *store = cJSON_AddObjectToObject(o, "store");
    cJSON_AddBoolToObject(store, "up", h->store_up == 1);
    cJSON_AddStringToObject(store, "kind", h->store);
    cJSON_AddStringToObject(store, "reason", h->reason);
    add_number(store, "memory_bytes", h->redis_memory);
    add_number(o, "rev", h->revision);
    add_time(o, "as_of", h->as_of);
    add_number(o, "screens", h->screens);
    add_number(o, "queued", h->queued);
    add_number(o, "rejected", h->rejected);
    add_number(o, "journal_bytes", h->journal);
    add_number(o, "journal_max_bytes", h->journal_max);
    add_number(o, "disk_free_bytes", h->disk_free);
    add_time(o, "backup", h->backup);
    add_details(h, o);
    char *text = cJSON_PrintUnformatted(o);
    buf_addf(out, "%s\n", text ? text : "");
    cJSON_free(text);
    cJSON_Delete(o);
}

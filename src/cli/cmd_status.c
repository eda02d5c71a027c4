#include "cli.h"
#include "date.h"
#include "event.h"
#include "health.h"
#include "text.h"
#include <math.h>
#include <string.h>
#include <time.h>

#define LABEL_WIDTH 11

static void add_label(struct buf *out, const char *en, const char *zh)
{
    buf_adds(out, "  ");
    text_pad(out, text_either(en, zh), LABEL_WIDTH, false);
}

/* "1.2 GiB"; nothing is said of what isn't known. */
static void add_bytes(struct buf *out, double bytes)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    int unit = 0;
    for (; bytes >= 1024 && unit < 4; unit++)
        bytes /= 1024;
    if (bytes < 0)
        buf_adds(out, "?");
    else
        buf_addf(out, bytes < 10 && unit ? "%.1f %s" : "%.0f %s", bytes, units[unit]);
}

/* "3 h": the largest unit that says something. */
static void add_span(struct buf *out, double seconds)
{
    static const struct {
        double seconds;
        const char *en, *zh;
    } units[] = {{86400, "d", "天"}, {3600, "h", "小时"}, {60, "min", "分钟"}, {1, "s", "秒"}};
    size_t i = 0;
    while (i < 3 && seconds < units[i].seconds)
        i++;
    buf_addf(out, "%.0f %s", fmax(0, floor(seconds / units[i].seconds)),
             text_either(units[i].en, units[i].zh));
}

static void add_when(struct buf *out, double seconds, double now)
{
    struct tm tm;
    char text[32] = "";
    time_t t = (time_t)seconds;
    if (localtime_r(&t, &tm))
        strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &tm);
    buf_addf(out, "%s (", text);
    add_span(out, now - seconds);
    buf_adds(out, text_either(" ago)", "前)"));
}

/* The same of an instant as answers have it. */
static void add_instant(struct buf *out, const char *at, double now)
{
    int64_t instant;
    if (date_parse(at, strlen(at), &instant))
        add_when(out, (double)instant / DATE_SECOND, now);
}

static void add_count(struct buf *out, double n)
{
    char text[TEXT_NUMBER];
    buf_adds(out, n < 0 ? "?" : text_number((int64_t)n, text));
}

static const char *kind_of(const char *name)
{
    static const char *const zh[EVENT_KINDS] = {"活动", "到场", "阵地", "问题",
                                                "计划", "期初", "撤销"};
    int kind = event_kind_find(name);
    return kind < 0 ? name : text_either(name, zh[kind]);
}

static void add_daemon(const struct health *h, double now, struct buf *out)
{
    add_label(out, "daemon", "服务");
    text_add(out, h->version, INT32_MAX);
    if (h->started > 0) {
        buf_adds(out, text_either(", since ", "，启动于 "));
        add_when(out, h->started, now);
    }
    buf_adds(out, "\n");
    add_label(out, "store", "存储");
    buf_adds(out, h->store_up == 1 ? text_either("up", "正常") : text_either("AWAY", "不在"));
    buf_adds(out, !strcmp(h->store, "private")
                      ? text_either(", a Redis of its own", "，自带的 Redis")
                  : !strcmp(h->store, "unix")
                      ? text_either(", a Redis on this machine", "，本机的 Redis")
                      : text_either(", a Redis over the network", "，网络上的 Redis"));
    if (h->redis_memory > 0) {
        buf_adds(out, text_either(", memory ", "，内存 "));
        add_bytes(out, h->redis_memory);
    }
    buf_adds(out, "\n");
}

static void add_data(const struct health *h, double now, struct buf *out)
{
    add_label(out, "figures", "数据");
    if (h->as_of > 0) {
        buf_adds(out, text_either("as of ", "截至 "));
        add_when(out, h->as_of, now);
    } else {
        buf_adds(out, text_either("none yet", "还没有"));
    }
    buf_adds(out, text_either(", revision ", "，版本 "));
    add_count(out, h->revision);
    buf_adds(out, "\n");
    add_label(out, "last event", "最近事件");
    if (h->last_at[0]) {
        text_add(out, kind_of(h->last_kind), INT32_MAX);
        buf_adds(out, " ");
        add_instant(out, h->last_at, now);
    } else {
        buf_adds(out, h->private ? text_either("seen with a token only: --token-file, or --state",
                                               "需要令牌才能看：--token-file 或 --state")
                      : h->newest_known ? text_either("none", "没有")
                                        : "?");
    }
    buf_adds(out, "\n");
}

static void add_work(const struct health *h, struct buf *out)
{
    add_label(out, "screens", "屏幕");
    add_count(out, h->screens);
    buf_adds(out, text_either(" connected\n", " 块在线\n"));
    add_label(out, "queue", "待计入");
    add_count(out, h->queued);
    buf_adds(out, text_either(" events; journal ", " 条；日志簿 "));
    add_bytes(out, h->journal);
    buf_adds(out, text_either(" of ", "，上限 "));
    add_bytes(out, h->journal_max);
    buf_adds(out, "\n");
    add_label(out, "rejected", "被拒");
    add_count(out, h->rejected);
    buf_adds(out, text_either(" since the start", " 条（启动以来）"));
    if (h->rejected > 0)
        buf_adds(out, text_either("; the stream tally:{ALLIANCE}:rejected tells which and why",
                                  "；哪些、为何，见流 tally:{联盟}:rejected"));
    buf_adds(out, "\n");
    add_label(out, "disk", "磁盘");
    add_bytes(out, h->disk_free);
    buf_adds(out, text_either(" left for the state folder\n", " 可用（数据目录）\n"));
}

static void add_care(const struct health *h, double now, struct buf *out)
{
    add_label(out, "recount", "复算");
    if (h->recount_at[0]) {
        add_instant(out, h->recount_at, now);
        buf_adds(out, text_either(", of ", "，"));
        add_count(out, h->recount_events);
        buf_adds(out, h->recount_differences > 0 ? text_either(" events: DIFFERS", " 条：有差异")
                                                 : text_either(" events: agrees", " 条：一致"));
    } else {
        buf_adds(out, h->private ? "?" : text_either("none yet", "还没有"));
    }
    buf_adds(out, "\n");
    add_label(out, "backup", "备份");
    if (h->backup > 0)
        add_when(out, h->backup, now);
    else
        buf_adds(out, text_either("none known", "没有记录"));
    buf_adds(out, "\n");
}

static void add_verdict(const struct health *h, const char *place, struct buf *out)
{
    buf_addf(out, "%s: ", place);
    if (h->trouble_count == 0)
        buf_adds(out, text_either("all is well\n\n", "一切正常\n\n"));
    else
        buf_addf(
            out, "%d %s\n\n", h->trouble_count,
            text_either(h->trouble_count == 1 ? "thing is wrong" : "things are wrong", "处不正常"));
    for (int i = 0; i < h->trouble_count; i++) {
        buf_adds(out, "! ");
        text_add(out, h->troubles[i].text, INT32_MAX);
        buf_adds(out, i + 1 < h->trouble_count ? "\n" : "\n\n");
    }
}

int cmd_status(struct cli *cli)
{
    struct health h = {0};
    struct buf out = {0};
    int code = cli_begin(cli, NULL);
    if (code != CLI_GO_ON)
        return code;
    double now = (double)date_now() / DATE_SECOND;
    code = health_ask(&h, cli->client, now);
    if (code != EXIT_DONE)
        return code;
    if (cli->json) {
        health_write_json(&h, &out);
    } else {
        add_verdict(&h, client_place(cli->client)->name, &out);
        add_daemon(&h, now, &out);
        add_data(&h, now, &out);
        add_work(&h, &out);
        add_care(&h, now, &out);
    }
    fwrite(out.data, 1, out.len, stdout);
    buf_free(&out);
    return h.trouble_count ? EXIT_WRONG : EXIT_DONE;
}

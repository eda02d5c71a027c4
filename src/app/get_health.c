#include "api.h"

#include "stats.h"
#include <string.h>

extern const char openapi_json[];

void get_openapi(struct call *c)
{
    struct buf body = {0};
    buf_adds(&body, openapi_json);
    answer_json(c, 200, &body);
}

void get_healthz(struct call *c)
{
    struct buf body = {0};
    buf_adds(&body, "{\"status\":\"ok\"}");
    answer_json(c, 200, &body);
}

void get_readyz(struct call *c)
{
    struct app *app = c->app;
    struct buf body = {0};
    bool ready = app_is_ready(app);
    const char *reason = !store_is_up(app->store)       ? store_reason(app->store)
                         : intake_alarm(app->intake)[0] ? intake_alarm(app->intake)
                         : ready                        ? ""
                                                        : "the opening balances aren't counted yet";
    buf_addf(&body, "{\"status\":\"%s\",\"rev\":%llu,\"queued\":%lld,\"reason\":",
             ready ? "ready" : "not_ready", (unsigned long long)app->board.rev,
             intake_queued(app->intake));
    buf_add_json(&body, reason);
    buf_adds(&body, "}");
    answer_json(c, ready ? 200 : 503, &body);
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

void get_metrics(struct call *c)
{
    struct buf body = {0};
    stats_set(STAT_EVENTS_QUEUED, intake_queued(c->app->intake));
    stats_render(&body);
    buf_addf(&body,
             "# HELP tallyd_journal_bytes Bytes that the journal takes on disk.\n"
             "# TYPE tallyd_journal_bytes gauge\ntallyd_journal_bytes %llu\n",
             (unsigned long long)journal_size(c->app->journal));
    add_trouble(c->app, &body);
    answer_text(c, 200, "text/plain; version=0.0.4; charset=utf-8", &body);
}

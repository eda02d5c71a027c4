#include "api.h"

#include "alliance.h"

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

/* Why it isn't ready; "": it is. */
static const char *reason_of(const struct alliance *a)
{
    return !store_is_up(a->store)       ? store_reason(a->store)
           : intake_alarm(a->intake)[0] ? intake_alarm(a->intake)
           : alliance_is_ready(a)       ? ""
                                        : "the opening balances aren't counted yet";
}

/* The first that isn't ready says why. */
static void add_reason(const struct app *app, struct buf *out)
{
    struct buf reason = {0};
    size_t i = 0;
    if (app->closing) {
        buf_add_json(out, "stopping");
        return;
    }
    while (i + 1 < app->count && alliance_is_ready(app->alliances[i]))
        i++;
    const char *why = reason_of(app->alliances[i]);
    buf_addf(&reason, "%s%s%s", app->count > 1 && *why ? alliance_id(app->alliances[i]) : "",
             app->count > 1 && *why ? ": " : "", why);
    buf_add_json(out, reason.data);
    buf_free(&reason);
}

/* Of the daemon: all its alliances are; the revision is the first one's. */
void get_readyz(struct call *c)
{
    const struct app *app = c->alliance->app;
    struct buf body = {0};
    bool ready = app_is_ready(app);
    long long queued = 0;
    for (size_t i = 0; i < app->count; i++)
        queued += intake_queued(app->alliances[i]->intake);
    buf_addf(&body, "{\"status\":\"%s\",\"rev\":%llu,\"queued\":%lld,\"reason\":",
             ready ? "ready" : "not_ready", (unsigned long long)alliance_board(c->alliance)->rev,
             queued);
    add_reason(app, &body);
    buf_adds(&body, "}");
    answer_json(c, ready ? 200 : 503, &body);
}

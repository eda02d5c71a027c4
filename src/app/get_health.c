#include "api.h"

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
    const char *reason = app->closing                   ? "stopping"
                         : !store_is_up(app->store)     ? store_reason(app->store)
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

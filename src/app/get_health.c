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
    struct alliance *a = c->alliance;
    struct buf body = {0};
    bool ready = app_is_ready(a->app);
    const char *reason = !store_is_up(a->store)       ? store_reason(a->store)
                         : intake_alarm(a->intake)[0] ? intake_alarm(a->intake)
                         : ready                      ? ""
                                                      : "the opening balances aren't counted yet";
    buf_addf(&body, "{\"status\":\"%s\",\"rev\":%llu,\"queued\":%lld,\"reason\":",
             ready ? "ready" : "not_ready", (unsigned long long)a->board.rev,
             intake_queued(a->intake));
    buf_add_json(&body, reason);
    buf_adds(&body, "}");
    answer_json(c, ready ? 200 : 503, &body);
}

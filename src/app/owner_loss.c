/* The owner's look at what the feeder waits for in vain, and the word that lets it go on. Who
 * accepts a loss names it, so that nothing is accepted that was not read. */
#include "api.h"

#include "audit.h"
#include "json.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void answer_loss(struct call *c)
{
    struct buf body = {0};
    const struct loss *l = intake_loss(c->alliance->intake);
    if (l->alarm[0])
        buf_addf(&body,
                 "{\"lost\":{\"incarnation\":\"%s\",\"first\":%" PRIu64 ",\"last\":%" PRIu64
                 ",\"reason\":\"%s\"}}",
                 l->incarnation, l->first, l->last, l->alarm);
    else
        buf_adds(&body, "{\"lost\":null}");
    answer_json(c, 200, &body);
}

static void on_accepted(void *ctx, const redisReply *reply)
{
    struct call *c = ctx;
    struct buf body = {0};
    if (!reply) {
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
        return;
    }
    audit_act(c, "loss_accepted", NULL, "done", NULL);
    intake_look_again(c->alliance->intake);
    buf_adds(&body, "{\"accepted\":true}");
    answer_json(c, 200, &body);
}

static bool is_named(const struct loss *l, const char *body)
{
    cJSON *o = cJSON_Parse(body);
    const cJSON *incarnation = cJSON_GetObjectItemCaseSensitive(o, "incarnation");
    const cJSON *last = cJSON_GetObjectItemCaseSensitive(o, "last");
    bool same = cJSON_IsString(incarnation) && cJSON_IsNumber(last) &&
                !strcmp(incarnation->valuestring, l->incarnation) &&
                last->valuedouble == (double)l->last;
    cJSON_Delete(o);
    return same;
}

void owner_loss(struct call *c)
{
    size_t len;
    const struct loss *l = intake_loss(c->alliance->intake);
    if (strcmp(request_method(c->request), "POST") != 0)
        answer_loss(c);
    else if (!l->alarm[0] || !is_named(l, request_body(c->request, &len)))
        answer_bad_query(c, FAULT_MISMATCH, "last", "the loss as GET tells it");
    else if (loss_accept(l, c->alliance->store, on_accepted, c))
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
}

/* GET /activities/ID/code and /plans/ID/code: the code by which residents check in. An activity's
 * is shown on its reporter's phone; a plan's hangs on the wall before the activity is there. */
#include "api.h"

#include "body.h"
#include "checkin.h"
#include "date.h"
#include "effect.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOUR INT64_C(3600)

struct asking {
    struct call *call;
    char id[EVENT_ID_MAX + 1];
};

static void answer_code(struct call *c, enum code_kind kind, const char *id, int64_t expires,
                        const char *title)
{
    unsigned char key[DIGEST_SIZE];
    char text[CODE_TEXT], at[40];
    struct buf body = {0};
    struct code code = {.kind = kind, .expires = expires};
    snprintf(code.id, sizeof code.id, "%s", id);
    checkin_key(c->alliance, key);
    code_write(&code, key, text);
    buf_addf(&body, "{\"code\":\"%s\",\"path\":\"%s/m/#c=%s\",\"expires\":\"%s\"", text,
             c->alliance->base, text, date_format(expires * DATE_SECOND, at));
    body_add(&body, "title", title);
    buf_adds(&body, "}");
    answer_json(c, 200, &body);
}

/* ID of ID/code in what follows the route's path; false once it is answered. */
static bool begin(struct call *c, char id[EVENT_ID_MAX + 1])
{
    size_t n = strcspn(c->rest, "/");
    if (n > EVENT_ID_MAX || strcmp(c->rest + n, "/code") != 0) {
        answer_trouble(c, TROUBLE_NOT_FOUND, NULL, -1);
        return false;
    }
    memcpy(id, c->rest, n);
    id[n] = '\0';
    if (event_id_ok(id) && c->alliance->secret_known)
        return true;
    answer_trouble(c, event_id_ok(id) ? TROUBLE_UNAVAILABLE : TROUBLE_NOT_FOUND, "id", -1);
    return false;
}

static void ask(struct call *c, store_on_reply on_reply, const char *what)
{
    struct asking *a = mem_alloc(sizeof *a);
    a->call = c;
    if (!begin(c, a->id)) {
        free(a);
    } else if (store_query(c->alliance->store, on_reply, a, what, a->id, NULL)) {
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
        free(a);
    }
}

/* --- an activity -------------------------------------------------------------------------- */

static void on_activity(void *ctx, const redisReply *reply)
{
    struct asking *a = ctx;
    struct call *c = a->call;
    struct effect x;
    bool good = reply && reply->elements >= 6 && reply->element[3]->str[0] == '-' &&
                effect_read(&x, reply->element[1]->str, reply->element[1]->len) && x.kind == 'a';
    const char *unit = c->who.role == ROLE_REPORT ? c->who.unit : "";
    if (!reply) {
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
    } else if (!good) {
        answer_trouble(c, TROUBLE_NOT_FOUND, "id", -1);
    } else if (*unit && !effect_has(&x, DIM_UNIT, unit)) {
        answer_trouble(c, TROUBLE_OTHER_UNIT, NULL, -1);
    } else {
        cJSON *event = cJSON_Parse(reply->element[2]->str);
        answer_code(c, CODE_ACTIVITY, a->id, date_now() / DATE_SECOND + 12 * HOUR,
                    body_text(event, "title"));
        cJSON_Delete(event);
    }
    free(a);
}

void get_activity_code(struct call *c)
{
    ask(c, on_activity, "event");
}

/* --- a plan ------------------------------------------------------------------------------- */

static void on_plan(void *ctx, const redisReply *reply)
{
    struct asking *a = ctx;
    struct call *c = a->call;
    bool good = reply && reply->elements >= 2;
    cJSON *plan = good ? cJSON_Parse(reply->element[0]->str) : NULL;
    const char *starts = body_text(plan, "starts");
    int64_t at = 0;
    if (starts)
        date_parse(starts, strlen(starts), &at);
    int64_t expires = at / DATE_SECOND + 24 * HOUR;
    bool over = !starts || cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(plan, "cancelled")) ||
                expires <= date_now() / DATE_SECOND || expires > UINT32_MAX;
    if (!good)
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
    else if (over)
        answer_trouble(c, TROUBLE_NOT_FOUND, "id", -1);
    else
        answer_code(c, CODE_PLAN, a->id, expires, body_text(plan, "title"));
    cJSON_Delete(plan);
    free(a);
}

void get_plan_code(struct call *c)
{
    ask(c, on_plan, "plan");
}

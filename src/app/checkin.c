/* POST /checkins: the code is read, the activity looked up (a plan's is the one that fulfils it),
 * and a reach goes the usual way. Its id and the resident are keyed hashes of the device's name. */
#include "checkin.h"

#include "api.h"
#include "body.h"
#include "date.h"
#include "device.h"
#include "event_wire.h"
#include "limit.h"
#include "log.h"
#include "submit.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct checkin {
    struct call *call;
    struct code code;
    char device[EVENT_ID_MAX + 1];
    cJSON *activity; /* NULL: not known while the store is away */
    struct events events;
};

void checkin_key(const struct alliance *alliance, unsigned char key[DIGEST_SIZE])
{
    code_key(alliance->secret, sizeof alliance->secret, "checkin code", key);
}

static void checkin_free(struct checkin *k)
{
    cJSON_Delete(k->activity);
    events_clear(&k->events);
    free(k);
}

static void refuse(struct checkin *k, enum trouble t)
{
    answer_trouble(k->call, t, NULL, -1);
    checkin_free(k);
}

/* --- the answer --------------------------------------------------------------------------- */

/* With the server's time: a phone that may see nothing else has its zone from here. */
static void answer_status(struct checkin *k, int http, const char *status)
{
    static const char *const told[] = {"title", "community", "unit", "at"};
    struct buf body = {0};
    char now[40];
    buf_addf(&body, "{\"status\":\"%s\",\"now\":\"%s\",\"activity\":{\"id\":\"%s\"", status,
             date_format(date_now(), now), k->code.id);
    for (size_t i = 0; i < sizeof told / sizeof *told; i++)
        body_add(&body, told[i], body_text(k->activity, told[i]));
    buf_adds(&body, "}}");
    answer_json(k->call, http, &body);
    checkin_free(k);
}

static void on_done(void *ctx, enum intake_outcome outcome, const char *letters, uint64_t rev)
{
    struct checkin *k = ctx;
    (void)rev;
    if (outcome == INTAKE_REFUSED)
        refuse(k, TROUBLE_DISK);
    else if (outcome == INTAKE_QUEUED)
        answer_status(k, 202, "queued");
    else if (letters[0] == 'c' || letters[0] == 'd')
        answer_status(k, 200, letters[0] == 'c' ? "counted" : "duplicate");
    else
        refuse(k, TROUBLE_BAD_CODE); /* the activity was taken back a moment ago */
}

/* --- the event ---------------------------------------------------------------------------- */

static void count(struct checkin *k)
{
    struct alliance *alliance = k->call->alliance;
    char id[DIGEST_SIZE + 1], resident[DIGEST_SIZE + 1], at[40];
    struct buf text = {0};
    struct faults faults = {0};
    buf_addf(&text,
             "{\"id\":\"ci-%s\",\"kind\":\"reach\",\"at\":\"%s\",\"activity\":\"%s\","
             "\"resident\":\"%s\"}",
             device_hash(alliance, "checkin", k->code.id, k->device, id),
             date_format(date_now(), at), k->code.id,
             device_hash(alliance, "resident", "", k->device, resident));
    events_read(text.data, text.len, false, &k->events, &faults);
    buf_free(&text);
    bool good = faults.count == 0;
    faults_free(&faults);
    if (!good)
        refuse(k, TROUBLE_BAD_CODE);
    else if (submit_timeless(alliance, &k->events, k->call->began, on_done, k) != 0)
        refuse(k, TROUBLE_DISK);
}

/* --- which activity ----------------------------------------------------------------------- */

static void on_activity(void *ctx, const redisReply *reply)
{
    struct checkin *k = ctx;
    if (!reply) { /* the store has gone meanwhile: the journal takes it */
        count(k);
        return;
    }
    bool good = reply->elements >= 6 && reply->element[1]->str[0] == 'a' &&
                reply->element[3]->str[0] == '-';
    if (!good) {
        refuse(k, TROUBLE_BAD_CODE);
        return;
    }
    k->activity = cJSON_Parse(reply->element[2]->str);
    count(k);
}

/* What a resident is told who has come too early. */
static void tell_plan(struct checkin *k, const cJSON *plan)
{
    static const char *const told[] = {"title", "starts", "community", "unit"};
    struct buf more = {0};
    char now[40];
    buf_addf(&more, "\"now\":\"%s\",\"plan\":{\"id\":\"%s\"", date_format(date_now(), now),
             k->code.id);
    for (size_t i = 0; i < sizeof told / sizeof *told; i++)
        body_add(&more, told[i], body_text(plan, told[i]));
    bool cancelled = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(plan, "cancelled"));
    buf_addf(&more, ",\"cancelled\":%s}", cancelled ? "true" : "false");
    answer_trouble_with(k->call, TROUBLE_NOT_STARTED, more.data);
    buf_free(&more);
    checkin_free(k);
}

static void on_plan(void *ctx, const redisReply *reply)
{
    struct checkin *k = ctx;
    if (!reply || reply->elements < 2) {
        refuse(k, TROUBLE_UNAVAILABLE);
        return;
    }
    cJSON *plan = cJSON_Parse(reply->element[0]->str);
    k->activity = cJSON_Parse(reply->element[1]->str);
    const char *id = body_text(k->activity, "id");
    if (id) {
        snprintf(k->code.id, sizeof k->code.id, "%s", id);
        count(k);
    } else if (cJSON_IsObject(plan)) {
        tell_plan(k, plan);
    } else {
        refuse(k, TROUBLE_BAD_CODE);
    }
    cJSON_Delete(plan);
}

static void look_up(struct checkin *k)
{
    struct store *store = k->call->alliance->store;
    bool plan = k->code.kind == CODE_PLAN;
    int away = plan ? store_query(store, on_plan, k, "plan", k->code.id, NULL)
                    : store_query(store, on_activity, k, "event", k->code.id, NULL);
    if (away && plan)
        refuse(k, TROUBLE_UNAVAILABLE);
    else if (away)
        count(k);
}

/* --- the request -------------------------------------------------------------------------- */

static bool read_code(struct call *c, const char *text, struct code *code)
{
    unsigned char key[DIGEST_SIZE];
    if (!c->alliance->secret_known) {
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
        return false;
    }
    checkin_key(c->alliance, key);
    if (text && code_read(text, key, date_now() / DATE_SECOND, code) == CODE_GOOD)
        return true;
    answer_trouble(c, TROUBLE_BAD_CODE, NULL, -1);
    return false;
}

void post_checkins(struct call *c)
{
    struct checkin *k;
    struct code code;
    int wait = limits_open(c->alliance->app, request_peer(c->request));
    if (wait) {
        answer_too_many(c, wait);
        return;
    }
    cJSON *o = body_object(c, "code, device");
    const char *device = body_text(o, "device");
    if (o && device_ok(c, device) && read_code(c, body_text(o, "code"), &code) &&
        device_may(c, device)) {
        k = mem_alloc(sizeof *k);
        k->call = c;
        k->code = code;
        snprintf(k->device, sizeof k->device, "%s", device);
        look_up(k);
    }
    cJSON_Delete(o);
}

/* POST /raise: a resident's problem is kept, counted nowhere and shown to nobody but admins, until
 * one of them has accepted it (pending.c). */
#include "api.h"

#include "body.h"
#include "date.h"
#include "device.h"
#include "limit.h"
#include "personal.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TITLE_MIN    2
#define TITLE_MAX    60
#define PENDING_MOST "1000"

/* --- raising ------------------------------------------------------------------------------ */

struct raising {
    struct call *call;
    char id[EVENT_ID_MAX + 1];
};

static void on_kept(void *ctx, const redisReply *reply)
{
    struct raising *r = ctx;
    struct buf body = {0};
    if (!reply) {
        answer_trouble(r->call, TROUBLE_UNAVAILABLE, NULL, -1);
    } else if (reply->integer != 1) {
        answer_trouble(r->call, TROUBLE_PENDING_FULL, NULL, -1);
    } else {
        buf_addf(&body, "{\"status\":\"pending\",\"id\":\"%s\"}", r->id);
        answer_json(r->call, 202, &body);
    }
    free(r);
}

/* The same problem from the same device has the same id: sent again, it waits once. */
static void keep(struct call *c, const char *title, const char *community, const char *device)
{
    char at[40], hash[DIGEST_SIZE + 1];
    struct buf json = {0}, what = {0};
    struct raising *r = mem_alloc(sizeof *r);
    r->call = c;
    buf_addf(&what, "%s\n%s", community, title);
    snprintf(r->id, sizeof r->id, "pr-%s",
             device_hash(c->alliance, "raise", what.data, device, hash));
    buf_addf(&json, "{\"at\":\"%s\"", date_format(date_now(), at));
    body_add(&json, "title", title);
    body_add(&json, "community", community);
    buf_adds(&json, "}");
    if (store_access(c->alliance->store, on_kept, r, "wait", r->id, json.data, PENDING_MOST,
                     NULL)) {
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
        free(r);
    }
    buf_free(&json);
    buf_free(&what);
}

static bool title_ok(struct call *c, const char *title)
{
    int n = title ? event_text_length(title) : -1;
    if (n < 0)
        answer_bad_query(c, FAULT_BAD_TEXT, "title", "");
    else if (n < TITLE_MIN || n > TITLE_MAX)
        answer_bad_query(c, FAULT_OUT_OF_RANGE, "title", "2 to 60");
    else if (personal_found(title))
        answer_bad_query(c, FAULT_PERSONAL, "title", "");
    else
        return true;
    return false;
}

static bool community_ok(struct call *c, const char *community)
{
    const struct entry *found = catalogue_find(c->alliance->catalogue, DIM_COMMUNITY, community);
    if (!community || !event_id_ok(community))
        answer_bad_query(c, FAULT_BAD_ID, "community", "");
    else if (!found)
        answer_bad_query(c, FAULT_NOT_IN_CATALOGUE, "community", community);
    else if (found->retired)
        answer_bad_query(c, FAULT_RETIRED, "community", community);
    else
        return true;
    return false;
}

void post_raise(struct call *c)
{
    int wait = limits_open(c->alliance->app, request_peer(c->request));
    if (wait) {
        answer_too_many(c, wait);
        return;
    }
    cJSON *o = body_object(c, "title, community, device");
    const char *title = body_text(o, "title"), *community = body_text(o, "community");
    const char *device = body_text(o, "device");
    if (o && !c->alliance->secret_known)
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
    else if (o && title_ok(c, title) && community_ok(c, community) && device_ok(c, device) &&
             device_may(c, device))
        keep(c, title, community, device);
    cJSON_Delete(o);
}

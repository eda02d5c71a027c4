/* The last recount's outcome: in by the owner's socket, kept in the store for every daemon on it,
 * out to whoever may look. */
#include "api.h"

#include "date.h"
#include "json.h"
#include "log.h"
#include "recount.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define FIELD "recount" /* of the hash meta */

struct outcome {
    int64_t rev, events, differences;
};

static const struct {
    const char *name;
    size_t offset;
} numbers[] = {
    {"rev", offsetof(struct outcome, rev)},
    {"events", offsetof(struct outcome, events)},
    {"differences", offsetof(struct outcome, differences)},
};
#define NUMBERS (sizeof numbers / sizeof *numbers)

/* The name of the first number that is missing or none; NULL: all are there. */
static const char *read_outcome(const cJSON *o, struct outcome *out)
{
    for (size_t i = 0; i < NUMBERS; i++) {
        const cJSON *item = cJSON_GetObjectItemCaseSensitive(o, numbers[i].name);
        int64_t *n = (int64_t *)(void *)((char *)out + numbers[i].offset);
        if (!item || !json_integer(item, n) || *n < 0)
            return numbers[i].name;
    }
    return NULL;
}

static void write_outcome(const char *at, const struct outcome *o, struct buf *out)
{
    buf_addf(out,
             "{\"at\":\"%s\",\"rev\":%" PRId64 ",\"events\":%" PRId64 ",\"differences\":%" PRId64
             "}",
             at, o->rev, o->events, o->differences);
}

/* --- out ---------------------------------------------------------------------------------- */

static void on_kept(void *ctx, const redisReply *reply)
{
    struct call *c = ctx;
    struct buf body = {0};
    struct outcome outcome;
    int64_t instant;
    if (!reply) {
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
        return;
    }
    cJSON *o = reply->type == REDIS_REPLY_STRING ? cJSON_Parse(reply->str) : NULL;
    const cJSON *at = cJSON_GetObjectItemCaseSensitive(o, "at");
    bool good = cJSON_IsString(at) &&
                date_parse(at->valuestring, strlen(at->valuestring), &instant) &&
                !read_outcome(o, &outcome);
    buf_adds(&body, "{\"recount\":");
    if (good)
        write_outcome(at->valuestring, &outcome, &body);
    else
        buf_adds(&body, "null");
    buf_adds(&body, "}");
    cJSON_Delete(o);
    answer_json(c, 200, &body);
}

void get_recount(struct call *c)
{
    if (store_command(c->alliance->store, on_kept, c, "HGET", "meta", FIELD, NULL))
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
}

/* --- in ----------------------------------------------------------------------------------- */

static void on_taken(void *ctx, const redisReply *reply)
{
    struct call *c = ctx;
    struct buf body = {0};
    if (!reply) {
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
        return;
    }
    buf_adds(&body, "{\"kept\":true}");
    answer_json(c, 200, &body);
}

void owner_recount(struct call *c)
{
    struct outcome outcome;
    struct buf json = {0};
    char at[40];
    size_t len;
    const char *body = request_body(c->request, &len);
    cJSON *o = cJSON_Parse(body);
    const char *missing = read_outcome(o, &outcome);
    cJSON_Delete(o);
    if (missing) {
        answer_bad_query(c, FAULT_MISSING_FIELD, missing, "a number");
        return;
    }
    recount_came(c->alliance->recount);
    log_write(outcome.differences ? LOG_WARN : LOG_INFO, "recount_done", "rev",
              log_num(outcome.rev), "events", log_num(outcome.events), "differences",
              log_num(outcome.differences), alliance_label(c->alliance), alliance_id(c->alliance),
              NULL);
    write_outcome(date_format(date_now(), at), &outcome, &json);
    if (store_command(c->alliance->store, on_taken, c, "HSET", "meta", FIELD, json.data, NULL))
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
    buf_free(&json);
}

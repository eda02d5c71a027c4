/* GET /problems and /plans: what is open and what comes. */
#include "api.h"

#include "date.h"
#include "effect.h"
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS "1000"
#define YEAR 365 /* days for which the median of solving is told */

/* A day's first instant as seconds since year 1, by which the store orders. */
static void first_second(int32_t day, char out[24])
{
    char at[EFFECT_AT_DIGITS + 1];
    effect_at(date_start(day), at);
    snprintf(out, 24, "%.11s", at);
}

/* Adds FROM's field as ,"AS":"…" or null. */
static void copy_field(struct buf *out, const cJSON *from, const char *field, const char *as)
{
    const cJSON *v = cJSON_GetObjectItemCaseSensitive(from, field);
    buf_addf(out, ",\"%s\":", as);
    if (cJSON_IsString(v))
        buf_add_json(out, v->valuestring);
    else
        buf_adds(out, "null");
}

static bool rows_of(struct call *c, const redisReply *reply, const char *name, struct buf *body)
{
    if (!reply || reply->type != REDIS_REPLY_ARRAY) {
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
        return false;
    }
    buf_addf(body, "{\"rev\":%" PRIu64 ",\"%s\":[", c->alliance->board.rev, name);
    return true;
}

/* --- problems ----------------------------------------------------------------------------- */

static void write_problem(redisReply **row, struct buf *out)
{
    cJSON *raised = cJSON_Parse(row[2]->str), *claimed = cJSON_Parse(row[3]->str);
    cJSON *solved = cJSON_Parse(row[4]->str);
    buf_addf(out, "{\"problem\":\"%s\",\"status\":\"%s\"", row[0]->str, row[1]->str);
    copy_field(out, raised, "title", "title");
    copy_field(out, raised, "community", "community");
    copy_field(out, raised, "at", "raised");
    copy_field(out, claimed, "at", "claimed");
    copy_field(out, claimed, "unit", "claimed_by");
    copy_field(out, solved, "at", "solved");
    copy_field(out, solved, "unit", "solved_by");
    buf_adds(out, "}");
    cJSON_Delete(raised);
    cJSON_Delete(claimed);
    cJSON_Delete(solved);
}

/* Of all problems, whatever rows were asked for: where they stand, and how long the solved ones
 * took. */
static void write_counts(redisReply **e, struct buf *out)
{
    buf_addf(out, "],\"counts\":{\"raised\":%s,\"claimed\":%s,\"solved\":%s,\"median_hours\":",
             e[0]->str, e[1]->str, e[2]->str);
    if (strcmp(e[3]->str, "-") != 0)
        buf_addf(out, "%.1f", strtod(e[3]->str, NULL) / 3600);
    else
        buf_adds(out, "null");
    buf_adds(out, "}}");
}

static void on_problems(void *ctx, const redisReply *reply)
{
    struct buf body = {0};
    if (!rows_of(ctx, reply, "problems", &body))
        return;
    for (size_t i = 4; i + 5 <= reply->elements; i += 5) {
        buf_adds(&body, i > 4 ? "," : "");
        write_problem(reply->element + i, &body);
    }
    write_counts(reply->element, &body);
    answer_json(ctx, 200, &body);
}

void get_problems(struct call *c)
{
    const char *status = answer_query(c, "status");
    char since[24];
    first_second(date_add_days(alliance_board(c->alliance)->today, -YEAR), since);
    if (status && strcmp(status, "raised") != 0 && strcmp(status, "claimed") != 0 &&
        strcmp(status, "solved") != 0)
        answer_bad_query(c, FAULT_UNKNOWN_VALUE, "status", "raised, claimed, solved");
    else if (store_query(c->alliance->store, on_problems, c, "problems", status ? status : "", ROWS,
                         since, NULL))
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
}

/* --- plans -------------------------------------------------------------------------------- */

static void write_plan(redisReply **row, struct buf *out)
{
    cJSON *plan = cJSON_Parse(row[0]->str), *activity = cJSON_Parse(row[1]->str);
    const cJSON *id = cJSON_GetObjectItemCaseSensitive(plan, "plan");
    bool cancelled = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(plan, "cancelled"));
    buf_addf(out, "{\"plan\":\"%s\",\"cancelled\":%s", cJSON_IsString(id) ? id->valuestring : "",
             cancelled ? "true" : "false");
    copy_field(out, plan, "title", "title");
    copy_field(out, plan, "starts", "starts");
    copy_field(out, plan, "community", "community");
    copy_field(out, plan, "unit", "unit");
    copy_field(out, plan, "venue", "venue");
    copy_field(out, activity, "id", "activity");
    buf_adds(out, "}");
    cJSON_Delete(plan);
    cJSON_Delete(activity);
}

static void on_plans(void *ctx, const redisReply *reply)
{
    struct buf body = {0};
    if (!rows_of(ctx, reply, "plans", &body))
        return;
    for (size_t i = 0; i + 2 <= reply->elements; i += 2) {
        buf_adds(&body, i ? "," : "");
        write_plan(reply->element + i, &body);
    }
    buf_adds(&body, "]}");
    answer_json(ctx, 200, &body);
}

/* A day's first instant as the seconds by which the store orders plans. */
static bool read_start(struct call *c, const char *name, int32_t day, bool after, char out[24])
{
    struct range range;
    const char *text = answer_query(c, name);
    if (text && (text[0] < '0' || text[0] > '9' || !range_of(text, 0, &range))) {
        answer_bad_query(c, FAULT_BAD_TIME, name, "YYYY-MM-DD, YYYY-MM, YYYY");
        return false;
    }
    if (text)
        day = after ? range.to : range.from;
    first_second(after ? date_add_days(day, 1) : day, out);
    return true;
}

void get_plans(struct call *c)
{
    char from[24], to[24];
    int32_t today = alliance_board(c->alliance)->today;
    if (!read_start(c, "from", today, false, from) ||
        !read_start(c, "to", date_add_days(today, 365), true, to))
        return;
    if (store_query(c->alliance->store, on_plans, c, "plans", from, to, ROWS, NULL))
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
}

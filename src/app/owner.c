/* What only the owner of the state folder may ask, by the unix socket there: tokens, and the
 * counters and effects as the store has them, for `tallyctl verify`. */
#include "api.h"

#include "date.h"
#include "digest.h"
#include "json.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- tokens ------------------------------------------------------------------------------- */

static const char *text_of(const cJSON *o, const char *name)
{
    const cJSON *v = cJSON_GetObjectItemCaseSensitive(o, name);
    return cJSON_IsString(v) ? v->valuestring : NULL;
}

static void on_token_list(void *ctx, const redisReply *reply)
{
    struct call *c = ctx;
    struct buf body = {0};
    if (!reply || reply->type != REDIS_REPLY_ARRAY) {
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
        return;
    }
    buf_adds(&body, "{\"tokens\":[");
    for (size_t i = 0; i + 1 < reply->elements; i += 2) {
        cJSON *t = cJSON_Parse(reply->element[i + 1]->str);
        const char *role = text_of(t, "role"), *unit = text_of(t, "unit");
        const char *created = text_of(t, "created");
        buf_addf(&body, "%s{\"name\":", i ? "," : "");
        buf_add_json(&body, reply->element[i]->str);
        buf_addf(&body, ",\"role\":\"%s\",\"unit\":", role ? role : "none");
        if (unit)
            buf_add_json(&body, unit);
        else
            buf_adds(&body, "null");
        buf_addf(&body, ",\"created\":\"%s\"}", created ? created : "");
        cJSON_Delete(t);
    }
    buf_adds(&body, "]}");
    answer_json(c, 200, &body);
}

struct addition {
    struct call *call;
    char name[EVENT_ID_MAX + 1], token[44];
    enum role role;
};

static void on_token_added(void *ctx, const redisReply *reply)
{
    struct addition *a = ctx;
    struct call *c = a->call;
    struct buf body = {0};
    if (!reply) {
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
    } else if (reply->integer != 1) {
        answer_bad_query(c, FAULT_MISMATCH, "name", "a name that no token has yet");
    } else {
        store_read_tokens(c->app->store);
        buf_addf(&body, "{\"name\":\"%s\",\"role\":\"%s\",\"token\":\"%s\"}", a->name,
                 role_names[a->role], a->token);
        answer_json(c, 201, &body);
    }
    free(a);
}

static void make_token(char out[44])
{
    unsigned char random[20];
    digest_random(random, sizeof random);
    snprintf(out, 44, "tt_");
    digest_hex(random, sizeof random, out + 3);
}

static void add_token(struct call *c, const char *name, enum role role, const char *unit)
{
    unsigned char digest[DIGEST_SIZE];
    char hash[DIGEST_HEX], created[40];
    struct buf json = {0};
    struct addition *a = mem_alloc(sizeof *a);
    a->call = c;
    a->role = role;
    snprintf(a->name, sizeof a->name, "%s", name);
    make_token(a->token);
    digest_sha256(a->token, strlen(a->token), digest);
    buf_addf(&json, "{\"hash\":\"%s\",\"role\":\"%s\",\"created\":\"%s\"",
             digest_hex(digest, sizeof digest, hash), role_names[role],
             date_format(date_now(), created));
    if (unit)
        buf_addf(&json, ",\"unit\":\"%s\"", unit);
    buf_adds(&json, "}");
    if (store_command(c->app->store, on_token_added, a, "HSETNX", "tokens", name, json.data,
                      NULL)) {
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
        free(a);
    }
    buf_free(&json);
}

static bool has_only(const cJSON *o, const char *allowed, struct faults *faults)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, o)
    {
        const char *found = strstr(allowed, item->string);
        if (!found || !item->string[0] || strcspn(found, ", ") != strlen(item->string))
            faults_add(faults, FAULT_UNKNOWN_FIELD, -1, item->string, "%s", allowed);
    }
    return faults->count == 0;
}

/* The request's body as an object of those fields, or NULL once it is refused. */
static cJSON *read_object(struct call *c, const char *allowed)
{
    struct faults faults = {0};
    size_t len;
    const char *body = request_body(c->request, &len);
    cJSON *o = json_parse(body, len, -1, &faults);
    if (o && !cJSON_IsObject(o))
        faults_add(&faults, FAULT_NOT_AN_OBJECT, -1, "", "%s", "");
    if (faults.count || !has_only(o, allowed, &faults)) {
        cJSON_Delete(o);
        o = NULL;
    }
    if (!o)
        answer_faults(c, &faults);
    faults_free(&faults);
    return o;
}

static void post_token(struct call *c)
{
    cJSON *o = read_object(c, "name, role, unit");
    if (!o)
        return;
    const char *name = text_of(o, "name"), *unit = text_of(o, "unit");
    const char *role_name = text_of(o, "role");
    enum role role = role_name ? role_find(role_name) : ROLE_NONE;
    if (!name || !event_id_ok(name))
        answer_bad_query(c, FAULT_BAD_ID, "name", "");
    else if (role == ROLE_NONE)
        answer_bad_query(c, FAULT_UNKNOWN_VALUE, "role", "report, admin, view");
    else if (unit && role != ROLE_REPORT)
        answer_bad_query(c, FAULT_MISMATCH, "unit", "role report");
    else if (unit && !catalogue_find(c->app->catalogue, DIM_UNIT, unit))
        answer_bad_query(c, FAULT_NOT_IN_CATALOGUE, "unit", unit);
    else
        add_token(c, name, role, unit);
    cJSON_Delete(o);
}

void owner_tokens(struct call *c)
{
    if (!strcmp(request_method(c->request), "POST"))
        post_token(c);
    else if (store_command(c->app->store, on_token_list, c, "HGETALL", "tokens", NULL))
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
}

static void on_revoked(void *ctx, const redisReply *reply)
{
    struct call *c = ctx;
    struct buf body = {0};
    if (!reply) {
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
    } else if (reply->integer != 1) {
        answer_trouble(c, TROUBLE_NOT_FOUND, "name", -1);
    } else {
        store_read_tokens(c->app->store);
        buf_adds(&body, "{\"revoked\":true}");
        answer_json(c, 200, &body);
    }
}

void owner_revoke(struct call *c)
{
    cJSON *o = read_object(c, "name");
    if (!o)
        return;
    const char *name = text_of(o, "name");
    if (!name || !event_id_ok(name))
        answer_bad_query(c, FAULT_BAD_ID, "name", "");
    else if (store_command(c->app->store, on_revoked, c, "HDEL", "tokens", name, NULL))
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
    cJSON_Delete(o);
}

/* --- the store as it is ------------------------------------------------------------------- */

static void on_cells(void *ctx, const redisReply *reply)
{
    struct call *c = ctx;
    struct buf body = {0};
    if (!reply || reply->elements < 4) {
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
        return;
    }
    redisReply **e = reply->element;
    size_t from = 4 + strtoul(e[3]->str, NULL, 10);
    buf_addf(&body, "%s %s\n", e[1]->str, e[0]->str);
    for (size_t i = from; i + 1 < reply->elements; i += 2)
        buf_addf(&body, "%s %s\n", e[i]->str, e[i + 1]->str);
    answer_text(c, 200, "text/plain; charset=utf-8", &body);
}

void owner_cells(struct call *c)
{
    if (store_cells(c->app->store, on_cells, c))
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
}

static void on_walk(void *ctx, const redisReply *reply)
{
    struct call *c = ctx;
    struct buf body = {0};
    if (!reply) {
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
        return;
    }
    for (size_t i = 0; i < reply->elements; i++)
        buf_addf(&body, "%s\n", reply->element[i]->str);
    answer_text(c, 200, "text/plain; charset=utf-8", &body);
}

void owner_events(struct call *c)
{
    const char *after = answer_query(c, "after"), *limit = answer_query(c, "limit");
    long n = limit ? strtol(limit, NULL, 10) : 1000;
    char count[24];
    if (after && strspn(after, "0123456789") != strlen(after)) {
        answer_bad_query(c, FAULT_OUT_OF_RANGE, "after", "0 …");
        return;
    }
    snprintf(count, sizeof count, "%ld", n < 1 ? 1 : n > 5000 ? 5000 : n);
    if (store_query(c->app->store, on_walk, c, "walk", after ? after : "0", count, NULL))
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
}

/* Tokens: listed, added, revoked, by the owner of the state folder or by an admin. The owner is
 * given a new token itself, once; an admin a link by which its bearer signs in. */
#include "api.h"

#include "audit.h"
#include "body.h"
#include "codes.h"
#include "date.h"
#include "digest.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOKEN_TEXT 44 /* "tt_", 40 hex digits, NUL */

/* --- listing ------------------------------------------------------------------------------ */

static void write_token(struct call *c, const char *name, const char *json, struct buf *out)
{
    char at[40];
    int64_t now = date_now() / DATE_SECOND;
    struct guard_use use = guard_uses(c->alliance->guard, name, now);
    cJSON *t = cJSON_Parse(json);
    const char *role = body_text(t, "role");
    buf_adds(out, "{\"name\":");
    buf_add_json(out, name);
    body_add(out, "role", role ? role : "none");
    body_add(out, "unit", body_text(t, "unit"));
    body_add(out, "created", body_text(t, "created"));
    body_add(out, "seen", use.seen ? date_format(use.seen * DATE_SECOND, at) : NULL);
    buf_addf(out, ",\"sessions\":%zu}", use.sessions);
    cJSON_Delete(t);
}

static void on_list(void *ctx, const redisReply *reply)
{
    struct call *c = ctx;
    struct buf body = {0};
    if (!reply || reply->type != REDIS_REPLY_ARRAY) {
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
        return;
    }
    buf_adds(&body, "{\"tokens\":[");
    for (size_t i = 0; i + 1 < reply->elements; i += 2) {
        buf_adds(&body, i ? "," : "");
        write_token(c, reply->element[i]->str, reply->element[i + 1]->str, &body);
    }
    buf_adds(&body, "]}");
    answer_json(c, 200, &body);
}

static void list(struct call *c)
{
    if (store_command(c->alliance->store, on_list, c, "HGETALL", "tokens", NULL))
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
}

/* --- adding ------------------------------------------------------------------------------- */

struct addition {
    struct call *call;
    char name[EVENT_ID_MAX + 1], token[TOKEN_TEXT];
    enum role role;
    bool linked; /* a link is given, the token to nobody */
};

static void on_added(void *ctx, const redisReply *reply)
{
    struct addition *a = ctx;
    struct call *c = a->call;
    struct buf body = {0};
    if (!reply) {
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
    } else if (reply->integer != 1) {
        answer_bad_query(c, FAULT_MISMATCH, "name", "a name that no token has yet");
    } else {
        store_read_tokens(c->alliance->store);
        audit_act(c, "token_added", a->name, "done", NULL);
        if (a->linked) {
            codes_issue(c, a->name);
        } else {
            buf_addf(&body, "{\"name\":\"%s\",\"role\":\"%s\",\"token\":\"%s\"}", a->name,
                     role_names[a->role], a->token);
            answer_json(c, 201, &body);
        }
    }
    free(a);
}

static void make_token(char out[TOKEN_TEXT])
{
    unsigned char random[20];
    digest_random(random, sizeof random);
    strcpy(out, "tt_");
    digest_hex(random, sizeof random, out + 3);
}

static void add(struct call *c, const char *name, enum role role, const char *unit, bool linked)
{
    unsigned char digest[DIGEST_SIZE];
    char hash[DIGEST_HEX], created[40];
    struct buf json = {0};
    struct addition *a = mem_alloc(sizeof *a);
    a->call = c;
    a->role = role;
    a->linked = linked;
    snprintf(a->name, sizeof a->name, "%s", name);
    make_token(a->token);
    digest_sha256(a->token, strlen(a->token), digest);
    buf_addf(&json, "{\"hash\":\"%s\",\"role\":\"%s\",\"created\":\"%s\"",
             digest_hex(digest, sizeof digest, hash), role_names[role],
             date_format(date_now(), created));
    if (unit)
        buf_addf(&json, ",\"unit\":\"%s\"", unit);
    buf_adds(&json, "}");
    if (store_command(c->alliance->store, on_added, a, "HSETNX", "tokens", name, json.data, NULL)) {
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
        free(a);
    }
    buf_free(&json);
}

static void read_addition(struct call *c, bool linked)
{
    cJSON *o = body_object(c, "name, role, unit");
    if (!o)
        return;
    const char *name = body_text(o, "name"), *unit = body_text(o, "unit");
    const char *role_name = body_text(o, "role");
    const cJSON *unit_item = cJSON_GetObjectItemCaseSensitive(o, "unit");
    enum role role = role_name ? role_find(role_name) : ROLE_NONE;
    const struct entry *found = catalogue_find(c->alliance->catalogue, DIM_UNIT, unit);
    if (!name || !event_id_ok(name))
        answer_bad_query(c, FAULT_BAD_ID, "name", "");
    else if (role == ROLE_NONE)
        answer_bad_query(c, FAULT_UNKNOWN_VALUE, "role", "report, admin, view");
    else if (unit_item && !unit && !cJSON_IsNull(unit_item))
        answer_bad_query(c, FAULT_WRONG_TYPE, "unit", "string");
    else if (unit && role != ROLE_REPORT)
        answer_bad_query(c, FAULT_MISMATCH, "unit", "role report");
    else if (unit && !found)
        answer_bad_query(c, FAULT_NOT_IN_CATALOGUE, "unit", unit);
    else if (unit && found->retired)
        answer_bad_query(c, FAULT_RETIRED, "unit", unit);
    else
        add(c, name, role, unit, linked);
    cJSON_Delete(o);
}

static bool is_post(const struct call *c)
{
    return !strcmp(request_method(c->request), "POST");
}

void owner_tokens(struct call *c)
{
    if (is_post(c))
        read_addition(c, false);
    else
        list(c);
}

void admin_tokens(struct call *c)
{
    if (is_post(c))
        read_addition(c, true);
    else
        list(c);
}

/* --- revoking ----------------------------------------------------------------------------- */

struct revocation {
    struct call *call;
    char name[EVENT_ID_MAX + 1];
};

static void on_revoked(void *ctx, const redisReply *reply)
{
    struct revocation *r = ctx;
    struct call *c = r->call;
    struct buf body = {0};
    if (!reply) {
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
    } else if (reply->integer != 1) {
        answer_trouble(c, TROUBLE_NOT_FOUND, "name", -1);
    } else {
        store_read_tokens(c->alliance->store);
        audit_act(c, "token_revoked", r->name, "done", NULL);
        buf_adds(&body, "{\"revoked\":true}");
        answer_json(c, 200, &body);
    }
    free(r);
}

static void take_back(struct call *c, const char *name)
{
    struct revocation *r = mem_alloc(sizeof *r);
    r->call = c;
    snprintf(r->name, sizeof r->name, "%s", name);
    if (store_access(c->alliance->store, on_revoked, r, "revoke", r->name, NULL)) {
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
        free(r);
    }
}

void post_revoke(struct call *c)
{
    cJSON *o = body_object(c, "name");
    if (!o)
        return;
    const char *name = body_text(o, "name");
    if (!name || !event_id_ok(name))
        answer_bad_query(c, FAULT_BAD_ID, "name", "");
    else
        take_back(c, name);
    cJSON_Delete(o);
}

/* Sessions: a one-time code is exchanged for a cookie, which stands for the code's token until it
 * is ended, the token revoked, or 180 days have gone. The page never sees the cookie. */
#include "api.h"

#include "audit.h"
#include "body.h"
#include "codes.h"
#include "cookie.h"
#include "credentials.h"
#include "date.h"
#include "identify.h"
#include "limit.h"
#include "log.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* --- the cookie --------------------------------------------------------------------------- */

/* SECRET NULL: the browser is to forget it. */
static char *cookie_header(struct call *c, const char *secret)
{
    struct buf header = {0};
    buf_addf(&header,
             "Set-Cookie: %s=%s; Path=/; HttpOnly; SameSite=Strict; Max-Age=%" PRId64 "%s\r\n",
             c->alliance->cookie, secret ? secret : "", secret ? GUARD_SESSION : INT64_C(0),
             request_is_secure(c->request) ? "; Secure" : "");
    return buf_take(&header, NULL);
}

static void answer_with_cookie(struct call *c, int status, struct buf *body, const char *secret)
{
    char *header = cookie_header(c, secret);
    answer_json_with(c, status, body, header);
    free(header);
}

static void write_identity(const char *name, const char *role, const char *unit, struct buf *out)
{
    buf_adds(out, "{\"name\":");
    buf_add_json(out, name);
    body_add(out, "role", role);
    body_add(out, "unit", unit && *unit ? unit : NULL);
    buf_adds(out, "}");
}

/* --- begin -------------------------------------------------------------------------------- */

struct beginning {
    struct call *call;
    char secret[COOKIE_TEXT], hash[DIGEST_HEX];
};

/* Who is locked out is refused as such, but only here: a good code is let in, as a token is. */
static void refuse(struct call *c, const char *outcome)
{
    const char *peer = request_peer(c->request);
    int locked = limits_is_locked(c->alliance->app, peer);
    if (locked) {
        audit_refused(c->alliance, peer, "locked");
        answer_too_many(c, locked);
        return;
    }
    note_refused(c->alliance, peer, outcome);
    answer_trouble(c, TROUBLE_BAD_CODE, NULL, -1);
}

/* Of this browser: its cookie is overwritten. */
static void end_former(struct call *c)
{
    char hash[DIGEST_HEX];
    if (!cookie_hash(c, hash))
        return;
    guard_end_session(c->alliance->guard, hash);
    store_access(c->alliance->store, NULL, NULL, "finish", hash, NULL);
}

static void begin(struct beginning *b, const char *name, const char *json)
{
    struct call *c = b->call;
    int64_t now = date_now() / DATE_SECOND;
    struct buf body = {0};
    cJSON *token = cJSON_Parse(json);
    end_former(c);
    credentials_note(c->alliance, name, json);
    guard_add_session(c->alliance->guard, b->hash, name, now, now);
    audit_signed_in(c, name);
    write_identity(name, body_text(token, "role"), body_text(token, "unit"), &body);
    cJSON_Delete(token);
    answer_with_cookie(c, 200, &body, b->secret);
}

static void on_begun(void *ctx, const redisReply *reply)
{
    struct beginning *b = ctx;
    if (!reply || reply->type != REDIS_REPLY_ARRAY || reply->elements < 1)
        answer_trouble(b->call, TROUBLE_UNAVAILABLE, NULL, -1);
    else if (reply->elements == 3)
        begin(b, reply->element[1]->str, reply->element[2]->str);
    else
        refuse(b->call, !strcmp(reply->element[0]->str, "expired") ? "expired" : "bad_code");
    free(b);
}

static void exchange(struct call *c, const char *code)
{
    unsigned char random[COOKIE_RANDOM], digest[DIGEST_SIZE];
    char code_hash[DIGEST_HEX];
    int64_t now = date_now() / DATE_SECOND;
    struct beginning *b = mem_alloc(sizeof *b);
    b->call = c;
    digest_random(random, sizeof random);
    strcpy(b->secret, COOKIE_PREFIX);
    digest_hex(random, sizeof random, b->secret + strlen(COOKIE_PREFIX));
    digest_sha256(b->secret, strlen(b->secret), digest);
    digest_hex(digest, sizeof digest, b->hash);
    digest_sha256(code, strlen(code), digest);
    digest_hex(digest, sizeof digest, code_hash);
    if (store_access(c->alliance->store, on_begun, b, "begin", code_hash, b->hash, log_num(now),
                     log_num(now - GUARD_SESSION), NULL)) {
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
        free(b);
    }
}

void post_session(struct call *c)
{
    int wait = limits_open(c->alliance->app, request_peer(c->request));
    if (wait) {
        answer_too_many(c, wait);
        return;
    }
    cJSON *o = body_object(c, "code");
    if (!o)
        return;
    const char *code = body_text(o, "code");
    if (!code)
        answer_bad_query(c, FAULT_WRONG_TYPE, "code", "string");
    else if (!codes_fits(code))
        refuse(c, "bad_code");
    else
        exchange(c, code);
    cJSON_Delete(o);
}

/* --- look, end ---------------------------------------------------------------------------- */

void get_session(struct call *c)
{
    struct buf body = {0};
    if (c->who.role == ROLE_NONE) {
        answer_trouble(c, TROUBLE_NO_TOKEN, NULL, -1);
        return;
    }
    write_identity(c->who.name, role_names[c->who.role], c->who.unit, &body);
    answer_json(c, 200, &body);
}

static void on_ended(void *ctx, const redisReply *reply)
{
    struct call *c = ctx;
    struct buf body = {0};
    char hash[DIGEST_HEX];
    /* A reading of all sessions that was under way meanwhile has brought it back. */
    if (reply && cookie_hash(c, hash))
        guard_end_session(c->alliance->guard, hash);
    if (!reply) {
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
        return;
    }
    if (reply->integer == 1)
        audit_act(c, "session_ended", c->who.name, "done", NULL);
    buf_addf(&body, "{\"ended\":%s}", reply->integer == 1 ? "true" : "false");
    answer_with_cookie(c, 200, &body, NULL);
}

void post_session_end(struct call *c)
{
    char hash[DIGEST_HEX];
    struct buf body = {0};
    if (!cookie_hash(c, hash)) {
        buf_adds(&body, "{\"ended\":false}");
        answer_with_cookie(c, 200, &body, NULL);
        return;
    }
    c->who = identity_of_cookie(c->alliance, request_header(c->request, "cookie", NULL));
    guard_end_session(c->alliance->guard, hash);
    if (store_access(c->alliance->store, on_ended, c, "finish", hash, NULL))
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
}

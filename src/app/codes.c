/* POST /codes. */
#include "codes.h"

#include "api.h"
#include "audit.h"
#include "body.h"
#include "date.h"
#include "digest.h"
#include "log.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct issue {
    struct call *call;
    char name[EVENT_ID_MAX + 1], code[CODES_TEXT];
    int64_t expires; /* s since 1970 */
};

bool codes_fits(const char *text)
{
    return strlen(text) == CODES_TEXT - 1 && !strncmp(text, "tc_", 3) &&
           strspn(text + 3, "0123456789abcdef") == CODES_TEXT - 4;
}

/* Where the page is that takes the code. */
static const char *page_of(const char *role)
{
    return !role || !strcmp(role, "view") ? "/" : !strcmp(role, "admin") ? "/admin/" : "/m/";
}

static void write_issue(const struct issue *i, const char *json, struct buf *out)
{
    char at[40];
    cJSON *token = cJSON_Parse(json);
    const char *role = body_text(token, "role");
    buf_addf(out, "{\"name\":\"%s\"", i->name);
    body_add(out, "role", role);
    body_add(out, "unit", body_text(token, "unit"));
    buf_addf(out, ",\"code\":\"%s\",\"path\":\"%s%s#in=%s\",\"expires\":\"%s\"", i->code,
             i->call->alliance->base, page_of(role), i->code,
             date_format(i->expires * DATE_SECOND, at));
    const struct alliance *alliance = i->call->alliance;
    if (request_is_owner(i->call->request))
        buf_addf(out, ",\"base\":\"%s://%s\"",
                 alliance->app->config.http_tls_certificate[0] ? "https" : "http",
                 server_address(alliance->app->server));
    buf_adds(out, "}");
    cJSON_Delete(token);
}

static void on_issued(void *ctx, const redisReply *reply)
{
    struct issue *i = ctx;
    struct call *c = i->call;
    struct buf body = {0};
    if (!reply) {
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
    } else if (reply->type != REDIS_REPLY_STRING) {
        answer_trouble(c, TROUBLE_NOT_FOUND, "name", -1);
    } else {
        audit_act(c, "code_made", i->name, "done", NULL);
        write_issue(i, reply->str, &body);
        answer_json(c, 201, &body);
    }
    free(i);
}

void codes_issue(struct call *c, const char *name)
{
    unsigned char random[16], digest[DIGEST_SIZE];
    char hash[DIGEST_HEX];
    int64_t now = date_now() / DATE_SECOND;
    struct issue *i = mem_alloc(sizeof *i);
    i->call = c;
    i->expires = now + c->alliance->app->config.access_code_hours * 3600;
    snprintf(i->name, sizeof i->name, "%s", name);
    digest_random(random, sizeof random);
    strcpy(i->code, "tc_");
    digest_hex(random, sizeof random, i->code + 3);
    digest_sha256(i->code, strlen(i->code), digest);
    if (store_access(c->alliance->store, on_issued, i, "code",
                     digest_hex(digest, sizeof digest, hash), i->name, log_num(i->expires),
                     log_num(now), NULL)) {
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
        free(i);
    }
}

void post_codes(struct call *c)
{
    cJSON *o = body_object(c, "name");
    if (!o)
        return;
    const char *name = body_text(o, "name");
    if (!name || !event_id_ok(name))
        answer_bad_query(c, FAULT_BAD_ID, "name", "");
    else
        codes_issue(c, name);
    cJSON_Delete(o);
}

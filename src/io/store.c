#include "store_private.h"

#include "buf.h"
#include "digest.h"
#include "log.h"
#include "stats.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEARTBEAT_MS 400

static const char *const key_names[KEYS] = {
    "meta",        "ids",         "events",      "cells",        "voids",        "timeline",
    "problems",    "agenda",      "reached",     "changes",      "applied",      "rejected",
    "unique",      "tokens",      "codes",       "sessions",     "pending",      "secret",
    "new:meta",    "new:cells",   "new:voids",   "new:timeline", "new:problems", "new:agenda",
    "new:reached", "new:changes", "new:applied",
};

/* --- state -------------------------------------------------------------------------------- */

void store_tell(struct store *s, const char *reason)
{
    bool up = s->prepared && s->loaded && link_is_up(s->call) && link_is_up(s->follow);
    bool same_reason = !reason || !strcmp(reason, s->reason);
    if (reason && !up)
        snprintf(s->reason, sizeof s->reason, "%s", reason);
    if (up == s->up && (up || same_reason))
        return;
    s->up = up;
    if (up) {
        s->reason[0] = '\0';
        link_good(s->call);
        link_good(s->follow);
    }
    s->handler.state(s->handler.ctx, up, s->reason);
}

void store_fail(struct store *s, const char *reason)
{
    char text[240];
    snprintf(text, sizeof text, "%s", reason);
    s->prepared = false;
    store_tell(s, text);
    link_reset(s->call, text);
}

bool store_is_error(struct store *s, const redisReply *reply)
{
    if (!reply)
        return true;
    if (reply->type != REDIS_REPLY_ERROR)
        return false;
    store_fail(s, reply->str);
    return true;
}

/* --- preparing a connection --------------------------------------------------------------- */

static void on_tokens(void *ctx, const redisReply *reply)
{
    struct store *s = ctx;
    if (s->closed)
        return;
    if (store_is_noscript(reply))
        store_send_scripts(s, NULL); /* the next heartbeat asks again */
    else if (!store_is_error(s, reply) && reply->type == REDIS_REPLY_ARRAY && reply->elements == 2)
        s->handler.tokens(s->handler.ctx, reply->element[0], reply->element[1]);
}

static void on_secret(void *ctx, const redisReply *reply)
{
    struct store *s = ctx;
    if (store_is_error(s, reply))
        return;
    if (reply->type == REDIS_REPLY_STRING && reply->len == STORE_SECRET)
        s->handler.secret(s->handler.ctx, (const unsigned char *)reply->str);
    else
        store_fail(s, "the key secret isn't one of this program");
}

/* Whoever finds none makes one: the store may have been emptied under a connection that stays. */
void store_read_secret(struct store *s)
{
    unsigned char secret[STORE_SECRET];
    digest_random(secret, sizeof secret);
    link_sendf(s->call, NULL, NULL, "SET %s %b NX", s->keys[KEY_SECRET], secret, sizeof secret);
    link_sendf(s->call, on_secret, s, "GET %s", s->keys[KEY_SECRET]);
}

static void on_script(void *ctx, const redisReply *reply)
{
    struct store *s = ctx;
    size_t script = 0;
    if (store_is_error(s, reply))
        return;
    while (script < SCRIPTS && s->sha[script][0])
        script++;
    if (script < SCRIPTS)
        snprintf(s->sha[script], sizeof s->sha[script], "%s", reply->str);
    if (script + 1 != SCRIPTS)
        return;
    s->prepared = true;
    store_read_tokens(s); /* before the store is up, so that nobody is refused who is known */
    store_load(s);
}

static void on_info(void *ctx, const redisReply *reply)
{
    struct store *s = ctx;
    char policy[64] = "unknown", reason[160];
    if (store_is_error(s, reply))
        return;
    const char *found = strstr(reply->str, "maxmemory_policy:");
    if (found)
        sscanf(found, "maxmemory_policy:%63[a-z-]", policy);
    if (strcmp(policy, "noeviction") != 0) {
        snprintf(reason, sizeof reason,
                 "maxmemory-policy is %s: this Redis may forget what it counted; it must be "
                 "noeviction",
                 policy);
        store_fail(s, reason);
    }
}

static void on_call_up(void *ctx)
{
    struct store *s = ctx;
    memset(s->sha, 0, sizeof s->sha);
    s->prepared = false;
    link_sendf(s->call, on_info, s, "INFO memory");
    store_send_scripts(s, on_script);
    stats_add(STAT_STORE_RECONNECTS, 1);
}

static void on_call_down(void *ctx, const char *reason)
{
    struct store *s = ctx;
    s->prepared = false;
    s->loading = false;
    store_tell(s, reason);
}

static void on_follow_up(void *ctx)
{
    struct store *s = ctx;
    store_tell(s, NULL);
    store_follow_on(s);
}

static void on_follow_down(void *ctx, const char *reason)
{
    struct store *s = ctx;
    s->following = false;
    store_tell(s, reason);
}

/* --- heartbeat ---------------------------------------------------------------------------- */

static void on_position(void *ctx, const redisReply *reply)
{
    struct store *s = ctx;
    uint64_t rev = 0, shown_rev = 0;
    const char *newest = "-", *epoch = "-";
    s->asking = false;
    if (store_is_error(s, reply) || reply->type != REDIS_REPLY_ARRAY || !s->loaded || s->loading)
        return;
    if (reply->element[1]->str)
        rev = strtoull(reply->element[1]->str, NULL, 10);
    s->handler.shown(s->handler.ctx, &shown_rev, &newest, &epoch);
    if (!reply->element[0]->str || strcmp(reply->element[0]->str, epoch) != 0 || rev < s->asked) {
        store_load(s);
        return;
    }
    store_held(s, rev, s->asked_at);
    /* A follower that stays behind is dead, however lively its connection looks. */
    s->behind = rev > s->rev ? s->behind + 1 : 0;
    if (s->behind > 5) {
        s->behind = 0;
        link_reset(s->follow, "the stream of changes has stopped");
    }
}

static void on_heartbeat(uv_timer_t *timer)
{
    struct store *s = timer->data;
    store_give_up(s);
    if (!s->prepared || s->asking)
        return;
    s->asked = s->rev; /* the follower may be ahead of the answer */
    s->asked_at = store_moment();
    s->asking = link_sendf(s->call, on_position, s, "HMGET %s epoch rev", s->keys[KEY_META]) == 0;
    store_read_tokens(s);
}

void store_set_secret(struct store *s, const unsigned char secret[STORE_SECRET])
{
    link_sendf(s->call, NULL, NULL, "SET %s %b", s->keys[KEY_SECRET], secret, (size_t)STORE_SECRET);
}

void store_read_tokens(struct store *s)
{
    struct args a = {0};
    if (!s->prepared)
        return;
    args_script(s, &a, SCRIPT_ACCESS);
    args_adds(&a, "read");
    args_send(s, &a, on_tokens, s);
}

/* --- open, close -------------------------------------------------------------------------- */

struct store *store_open(uv_loop_t *loop, const struct store_options *o)
{
    struct store *s = mem_alloc(sizeof *s);
    s->loop = loop;
    s->handler = o->handler;
    TAILQ_INIT(&s->impatient);
    snprintf(s->prefix, sizeof s->prefix, "tally:{%s}:", o->alliance);
    for (int k = 0; k < KEYS; k++)
        snprintf(s->keys[k], sizeof s->keys[k], "tally:{%s}:%s", o->alliance, key_names[k]);
    snprintf(s->reason, sizeof s->reason, "not connected yet");
    uv_timer_init(loop, &s->heartbeat);
    s->heartbeat.data = s;
    uv_timer_start(&s->heartbeat, on_heartbeat, HEARTBEAT_MS, HEARTBEAT_MS);
    s->call = link_open_on(loop, o->route, "call", o->timeout_ms,
                           (struct link_handler){s, on_call_up, on_call_down});
    s->follow = link_open_on(loop, o->route, "follow", o->timeout_ms,
                             (struct link_handler){s, on_follow_up, on_follow_down});
    return s;
}

static void on_heartbeat_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void store_close(struct store *s)
{
    s->closed = true;
    s->prepared = false;
    s->up = false;
    link_close(s->call);
    link_close(s->follow);
    uv_timer_stop(&s->heartbeat);
    uv_close((uv_handle_t *)&s->heartbeat, on_heartbeat_closed);
}

bool store_is_up(const struct store *s)
{
    return s->up;
}

const char *store_reason(const struct store *s)
{
    return s->reason;
}

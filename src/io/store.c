#include "store.h"

#include "buf.h"
#include "digest.h"
#include "log.h"
#include "stats.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEARTBEAT_MS 400
#define FOLLOW_BLOCK "5000"
#define FOLLOW_MS    10000
#define CHANGES_KEPT "20000"
#define KEY_SIZE     160

extern const char lua_apply[], lua_load[], lua_page[], lua_query[];

enum script { SCRIPT_APPLY, SCRIPT_LOAD, SCRIPT_PAGE, SCRIPT_QUERY, SCRIPTS };
static const char *const script_texts[SCRIPTS] = {lua_apply, lua_load, lua_page, lua_query};

enum key {
    KEY_META,
    KEY_IDS,
    KEY_EVENTS,
    KEY_CELLS,
    KEY_VOIDS,
    KEY_TIMELINE,
    KEY_PROBLEMS,
    KEY_AGENDA,
    KEY_REACHED,
    KEY_CHANGES,
    KEY_APPLIED,
    KEY_REJECTED,
    KEY_UNIQUE,
    KEY_TOKENS,
    KEY_SECRET,
    KEYS
};
static const char *const key_names[KEYS] = {
    "meta",    "ids",     "events",  "cells",    "voids",  "timeline", "problems", "agenda",
    "reached", "changes", "applied", "rejected", "unique", "tokens",   "secret",
};
/* The keys of each script, in its order. */
static const enum key script_keys[SCRIPTS][14] = {
    {KEY_META, KEY_IDS, KEY_EVENTS, KEY_CELLS, KEY_VOIDS, KEY_TIMELINE, KEY_PROBLEMS, KEY_AGENDA,
     KEY_REACHED, KEY_CHANGES, KEY_APPLIED, KEY_REJECTED, KEY_UNIQUE, KEYS},
    {KEY_META, KEY_CELLS, KEY_EVENTS, KEYS},
    {KEY_EVENTS, KEY_VOIDS, KEY_TIMELINE, KEYS},
    {KEY_IDS, KEY_EVENTS, KEY_VOIDS, KEY_TIMELINE, KEY_PROBLEMS, KEY_AGENDA, KEY_REACHED, KEYS},
};

struct store {
    uv_loop_t *loop;
    struct store_handler handler;
    struct link *call, *follow;
    char keys[KEYS][KEY_SIZE], prefix[KEY_SIZE];
    char sha[SCRIPTS][41];
    uv_timer_t heartbeat;
    bool prepared; /* scripts are there, policy is right */
    bool loading, loaded, following, up, closed;
    uint64_t rev; /* last change given to the handler */
    int behind;   /* heartbeats that found the follower behind the store */
    char reason[200];
};

/* --- state -------------------------------------------------------------------------------- */

static void tell(struct store *s, const char *reason)
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
    stats_set(STAT_STORE_UP, up);
    s->handler.state(s->handler.ctx, up, s->reason);
}

/* The store answers, but not as it must: the connection begins anew, ever more slowly. */
static void fail(struct store *s, const char *reason)
{
    char text[200];
    snprintf(text, sizeof text, "%s", reason);
    s->prepared = false;
    tell(s, text);
    link_reset(s->call, text);
}

static bool is_error(struct store *s, const redisReply *reply)
{
    if (!reply)
        return true;
    if (reply->type != REDIS_REPLY_ERROR)
        return false;
    fail(s, reply->str);
    return true;
}

/* --- calling scripts ---------------------------------------------------------------------- */

/* A command being put together. */
struct args {
    const char **text;
    size_t *len;
    size_t count, cap;
};

static void args_add(struct args *a, const char *text, size_t len)
{
    if (a->count == a->cap) {
        a->cap = a->cap ? a->cap * 2 : 64;
        a->text = mem_resize(a->text, a->cap * sizeof *a->text);
        a->len = mem_resize(a->len, a->cap * sizeof *a->len);
    }
    a->text[a->count] = text;
    a->len[a->count++] = len;
}

static void args_adds(struct args *a, const char *text)
{
    args_add(a, text, strlen(text));
}

static void args_script(struct store *s, struct args *a, enum script script)
{
    static const char *const counts[] = {"0", "1", "2",  "3",  "4",  "5",  "6", "7",
                                         "8", "9", "10", "11", "12", "13", "14"};
    size_t keys = 0;
    while (script_keys[script][keys] != KEYS)
        keys++;
    args_adds(a, "EVALSHA");
    args_adds(a, s->sha[script]);
    args_adds(a, counts[keys]);
    for (size_t i = 0; i < keys; i++)
        args_adds(a, s->keys[script_keys[script][i]]);
}

static int args_send(struct store *s, struct args *a, link_reply on_reply, void *ctx)
{
    int status = link_send(s->call, on_reply, ctx, 0, (int)a->count, a->text, a->len);
    free(a->text);
    free(a->len);
    return status;
}

/* --- load --------------------------------------------------------------------------------- */

static void follow_on(struct store *s);

struct store_text store_feed_at(const struct store_loaded *l, size_t i)
{
    const redisReply *e = l->reply->element[4 + i];
    return (struct store_text){e->str, (size_t)e->len};
}

void store_cell_at(const struct store_loaded *l, size_t i, struct store_text *field,
                   struct store_text *value)
{
    redisReply **e = l->reply->element + 4 + l->feed_count + 2 * i;
    *field = (struct store_text){e[0]->str, (size_t)e[0]->len};
    *value = (struct store_text){e[1]->str, (size_t)e[1]->len};
}

static void on_loaded(void *ctx, const redisReply *reply)
{
    struct store *s = ctx;
    s->loading = false;
    if (is_error(s, reply))
        return;
    redisReply **e = reply->element;
    struct store_loaded l = {.epoch = e[0]->str,
                             .newest = e[2]->str,
                             .rev = strtoull(e[1]->str, NULL, 10),
                             .feed_count = strtoul(e[3]->str, NULL, 10),
                             .reply = reply};
    l.cell_count = (reply->elements - 4 - l.feed_count) / 2;
    s->rev = l.rev;
    s->loaded = true;
    s->behind = 0;
    s->handler.loaded(s->handler.ctx, &l);
    tell(s, NULL);
    follow_on(s);
}

static void load(struct store *s)
{
    struct args a = {0};
    unsigned char random[12];
    char fresh[25], shown[24];
    uint64_t rev = 0;
    const char *newest = "-", *epoch = "-";
    if (s->loading || !s->prepared)
        return;
    s->handler.shown(s->handler.ctx, &rev, &newest, &epoch);
    digest_random(random, sizeof random);
    digest_hex(random, sizeof random, fresh);
    snprintf(shown, sizeof shown, "%" PRIu64, rev);
    args_script(s, &a, SCRIPT_LOAD);
    args_adds(&a, fresh);
    args_adds(&a, shown);
    args_adds(&a, newest);
    args_adds(&a, epoch);
    s->loading = args_send(s, &a, on_loaded, s) == 0;
}

/* --- follow ------------------------------------------------------------------------------- */

static struct store_text field_of(const redisReply *pairs, const char *name)
{
    for (size_t i = 0; i + 1 < pairs->elements; i += 2)
        if (!strcmp(pairs->element[i]->str, name))
            return (struct store_text){pairs->element[i + 1]->str,
                                       (size_t)pairs->element[i + 1]->len};
    return (struct store_text){"", 0};
}

/* One entry: [id, [field, value, …]]. False if it doesn't follow. */
static bool take_change(struct store *s, const redisReply *entry)
{
    if (entry->elements != 2 || entry->element[1]->type != REDIS_REPLY_ARRAY)
        return true;
    const redisReply *pairs = entry->element[1];
    struct store_change change = {.rev = strtoull(entry->element[0]->str, NULL, 10),
                                  .prev = strtoull(field_of(pairs, "p").text, NULL, 10),
                                  .cells = field_of(pairs, "c"),
                                  .feed = field_of(pairs, "f")};
    if (change.rev <= s->rev)
        return true;
    if (change.prev != s->rev || !s->handler.changed(s->handler.ctx, &change))
        return false;
    s->rev = change.rev;
    s->behind = 0;
    return true;
}

static void on_changes(void *ctx, const redisReply *reply)
{
    struct store *s = ctx;
    s->following = false;
    if (!reply || s->closed || s->loading)
        return; /* a load under way goes on from its own revision */
    if (reply->type == REDIS_REPLY_ERROR) {
        link_reset(s->follow, reply->str);
        return;
    }
    /* Nothing in time: nil; else [[key, [entry, …]]]. */
    if (reply->type == REDIS_REPLY_ARRAY && reply->elements == 1) {
        const redisReply *entries = reply->element[0]->element[1];
        for (size_t i = 0; i < entries->elements; i++) {
            if (!take_change(s, entries->element[i])) {
                load(s);
                return; /* the load goes on following */
            }
        }
    }
    follow_on(s);
}

static void follow_on(struct store *s)
{
    char from[32];
    if (s->following || !s->loaded || s->loading || !link_is_up(s->follow))
        return;
    snprintf(from, sizeof from, "%" PRIu64 "-0", s->rev);
    const char *argv[] = {
        "XREAD", "COUNT", "100", "BLOCK", FOLLOW_BLOCK, "STREAMS", s->keys[KEY_CHANGES], from};
    s->following = link_send(s->follow, on_changes, s, FOLLOW_MS, 8, argv, NULL) == 0;
}

/* --- preparing a connection --------------------------------------------------------------- */

static void on_tokens(void *ctx, const redisReply *reply)
{
    struct store *s = ctx;
    if (!is_error(s, reply) && reply->type == REDIS_REPLY_ARRAY)
        s->handler.tokens(s->handler.ctx, reply);
}

static void on_secret(void *ctx, const redisReply *reply)
{
    struct store *s = ctx;
    if (is_error(s, reply))
        return;
    if (reply->type == REDIS_REPLY_STRING && reply->len == STORE_SECRET)
        s->handler.secret(s->handler.ctx, (const unsigned char *)reply->str);
    else
        fail(s, "the key secret isn't one of this program");
}

static void on_script(void *ctx, const redisReply *reply)
{
    struct store *s = ctx;
    size_t script = 0;
    if (is_error(s, reply))
        return;
    while (script < SCRIPTS && s->sha[script][0])
        script++;
    if (script < SCRIPTS)
        snprintf(s->sha[script], sizeof s->sha[script], "%s", reply->str);
    if (script + 1 != SCRIPTS)
        return;
    s->prepared = true;
    load(s);
}

static void on_info(void *ctx, const redisReply *reply)
{
    struct store *s = ctx;
    char policy[64] = "unknown", reason[160];
    if (is_error(s, reply))
        return;
    const char *found = strstr(reply->str, "maxmemory_policy:");
    if (found)
        sscanf(found, "maxmemory_policy:%63[a-z-]", policy);
    if (strcmp(policy, "noeviction") != 0) {
        snprintf(reason, sizeof reason,
                 "maxmemory-policy is %s: this Redis may forget what it counted; it must be "
                 "noeviction",
                 policy);
        fail(s, reason);
    }
}

/* A SCRIPT FLUSH, or a server that started anew, has forgotten them; then nothing was done. */
static bool is_noscript(const redisReply *reply)
{
    return reply && reply->type == REDIS_REPLY_ERROR && !strncmp(reply->str, "NOSCRIPT", 8);
}

static void send_scripts(struct store *s, link_reply on_reply)
{
    for (int i = 0; i < SCRIPTS; i++)
        link_sendf(s->call, on_reply, s, "SCRIPT LOAD %s", script_texts[i]);
}

static void on_call_up(void *ctx)
{
    struct store *s = ctx;
    unsigned char secret[STORE_SECRET];
    memset(s->sha, 0, sizeof s->sha);
    s->prepared = false;
    digest_random(secret, sizeof secret);
    link_sendf(s->call, on_info, s, "INFO memory");
    link_sendf(s->call, NULL, NULL, "SET %s %b NX", s->keys[KEY_SECRET], secret, sizeof secret);
    link_sendf(s->call, on_secret, s, "GET %s", s->keys[KEY_SECRET]);
    store_read_tokens(s);
    send_scripts(s, on_script);
    stats_add(STAT_STORE_RECONNECTS, 1);
}

static void on_call_down(void *ctx, const char *reason)
{
    struct store *s = ctx;
    s->prepared = false;
    s->loading = false;
    tell(s, reason);
}

static void on_follow_up(void *ctx)
{
    struct store *s = ctx;
    tell(s, NULL);
    follow_on(s);
}

static void on_follow_down(void *ctx, const char *reason)
{
    struct store *s = ctx;
    s->following = false;
    tell(s, reason);
}

/* --- heartbeat ---------------------------------------------------------------------------- */

static void on_position(void *ctx, const redisReply *reply)
{
    struct store *s = ctx;
    uint64_t rev = 0, shown_rev = 0;
    const char *newest = "-", *epoch = "-";
    if (is_error(s, reply) || reply->type != REDIS_REPLY_ARRAY || !s->loaded || s->loading)
        return;
    if (reply->element[1]->str)
        rev = strtoull(reply->element[1]->str, NULL, 10);
    s->handler.shown(s->handler.ctx, &shown_rev, &newest, &epoch);
    if (!reply->element[0]->str || strcmp(reply->element[0]->str, epoch) != 0 || rev < s->rev) {
        load(s);
        return;
    }
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
    if (!s->prepared)
        return;
    link_sendf(s->call, on_position, s, "HMGET %s epoch rev", s->keys[KEY_META]);
    store_read_tokens(s);
}

void store_read_tokens(struct store *s)
{
    link_sendf(s->call, on_tokens, s, "HGETALL %s", s->keys[KEY_TOKENS]);
}

/* --- open, close -------------------------------------------------------------------------- */

struct store *store_open(uv_loop_t *loop, const struct store_options *o)
{
    struct store *s = mem_alloc(sizeof *s);
    s->loop = loop;
    s->handler = o->handler;
    snprintf(s->prefix, sizeof s->prefix, "tally:{%s}:", o->alliance);
    for (int k = 0; k < KEYS; k++)
        snprintf(s->keys[k], sizeof s->keys[k], "tally:{%s}:%s", o->alliance, key_names[k]);
    snprintf(s->reason, sizeof s->reason, "not connected yet");
    uv_timer_init(loop, &s->heartbeat);
    s->heartbeat.data = s;
    uv_timer_start(&s->heartbeat, on_heartbeat, HEARTBEAT_MS, HEARTBEAT_MS);
    s->call = link_open(loop, o->address, "call", o->timeout_ms,
                        (struct link_handler){s, on_call_up, on_call_down});
    s->follow = link_open(loop, o->address, "follow", o->timeout_ms,
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

/* --- apply -------------------------------------------------------------------------------- */

struct apply {
    struct store *store;
    store_on_applied on_applied;
    void *ctx;
};

static void on_applied(void *ctx, const redisReply *reply)
{
    struct apply *call = ctx;
    struct store_applied a = {.verdict = STORE_FAILED};
    if (!call->store->closed && is_noscript(reply)) {
        send_scripts(call->store, NULL); /* before whatever is sent next */
        a.verdict = STORE_AGAIN;
    } else if (!call->store->closed && !is_error(call->store, reply) && reply->elements >= 2) {
        redisReply **e = reply->element;
        a.verdict = !strcmp(e[0]->str, "ok") ? STORE_OK : STORE_GAP;
        a.done = strtoull(e[a.verdict == STORE_OK ? 2 : 1]->str, NULL, 10);
        if (a.verdict == STORE_OK) {
            a.rev = strtoull(e[1]->str, NULL, 10);
            a.letters = e[4]->str;
        }
    }
    call->on_applied(call->ctx, &a);
    free(call);
}

int store_apply(struct store *s, const struct store_batch *batch, store_on_applied on_done,
                void *ctx)
{
    struct args a = {0};
    char first[24], epoch[25];
    unsigned char random[12];
    if (!s->up)
        return -1;
    struct apply *call = mem_alloc(sizeof *call);
    *call = (struct apply){s, on_done, ctx};
    snprintf(first, sizeof first, "%" PRIu64, batch->first);
    digest_random(random, sizeof random);
    args_script(s, &a, SCRIPT_APPLY);
    args_adds(&a, batch->incarnation);
    args_adds(&a, first);
    args_adds(&a, digest_hex(random, sizeof random, epoch));
    args_adds(&a, CHANGES_KEPT);
    args_adds(&a, batch->reject ? "1" : "0");
    for (size_t i = 0; i < batch->count; i++) {
        args_adds(&a, batch->items[i].id);
        args_add(&a, (const char *)batch->items[i].hash, STORE_HASH);
        args_adds(&a, batch->items[i].effect);
        args_adds(&a, batch->items[i].json);
    }
    stats_add(STAT_STORE_CALLS, 1);
    int status = args_send(s, &a, on_applied, call);
    if (status)
        free(call);
    return status;
}

/* --- asking ------------------------------------------------------------------------------- */

struct question {
    struct store *store;
    store_on_reply on_reply;
    void *ctx;
};

static void on_answered(void *ctx, const redisReply *reply)
{
    struct question *q = ctx;
    bool bad = !reply || reply->type == REDIS_REPLY_ERROR;
    if (bad && reply) {
        log_write(LOG_WARN, "store_refused", "reason", reply->str, NULL);
        if (is_noscript(reply))
            send_scripts(q->store, NULL);
    }
    q->on_reply(q->ctx, bad ? NULL : reply);
    free(q);
}

static int question_send(struct store *s, struct args *a, store_on_reply on_reply, void *ctx)
{
    struct question *q = mem_alloc(sizeof *q);
    *q = (struct question){s, on_reply, ctx};
    int status = args_send(s, a, on_answered, q);
    if (status)
        free(q);
    return status;
}

static int ask(struct store *s, enum script script, store_on_reply on_reply, void *ctx,
               va_list texts)
{
    struct args a = {0};
    if (!s->prepared)
        return -1;
    args_script(s, &a, script);
    for (const char *text = va_arg(texts, const char *); text; text = va_arg(texts, const char *))
        args_adds(&a, text);
    return question_send(s, &a, on_reply, ctx);
}

int store_page(struct store *s, store_on_reply on_reply, void *ctx, ...)
{
    va_list texts;
    va_start(texts, ctx);
    int status = ask(s, SCRIPT_PAGE, on_reply, ctx, texts);
    va_end(texts);
    return status;
}

int store_query(struct store *s, store_on_reply on_reply, void *ctx, ...)
{
    va_list texts;
    va_start(texts, ctx);
    int status = ask(s, SCRIPT_QUERY, on_reply, ctx, texts);
    va_end(texts);
    return status;
}

int store_cells(struct store *s, store_on_reply on_reply, void *ctx)
{
    struct args a = {0};
    if (!s->prepared)
        return -1;
    args_script(s, &a, SCRIPT_LOAD);
    for (int i = 0; i < 4; i++)
        args_adds(&a, i == 0 || i == 3 ? "-" : "0");
    return question_send(s, &a, on_reply, ctx);
}

int store_command(struct store *s, store_on_reply on_reply, void *ctx, const char *command,
                  const char *suffix, ...)
{
    struct args a = {0};
    struct buf key = {0};
    va_list texts;
    if (!link_is_up(s->call))
        return -1;
    buf_addf(&key, "%s%s", s->prefix, suffix);
    args_adds(&a, command);
    args_add(&a, key.data, key.len);
    va_start(texts, suffix);
    for (const char *text = va_arg(texts, const char *); text; text = va_arg(texts, const char *))
        args_adds(&a, text);
    va_end(texts);
    int status = question_send(s, &a, on_reply, ctx);
    buf_free(&key);
    return status;
}

int store_say(struct store *s, store_on_reply on_reply, void *ctx, ...)
{
    struct args a = {0};
    va_list words;
    if (!s->prepared)
        return -1;
    va_start(words, ctx);
    for (const char *word = va_arg(words, const char *); word; word = va_arg(words, const char *))
        args_adds(&a, word);
    va_end(words);
    return question_send(s, &a, on_reply, ctx);
}

int store_hash_get(struct store *s, store_on_reply on_reply, void *ctx, const char *suffix,
                   const char *const *fields, size_t count)
{
    struct args a = {0};
    struct buf key = {0};
    if (!link_is_up(s->call))
        return -1;
    buf_addf(&key, "%s%s", s->prefix, suffix);
    args_adds(&a, "HMGET");
    args_add(&a, key.data, key.len);
    for (size_t i = 0; i < count; i++)
        args_adds(&a, fields[i]);
    int status = question_send(s, &a, on_reply, ctx);
    buf_free(&key);
    return status;
}

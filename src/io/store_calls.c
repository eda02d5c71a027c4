/* Calls: the scripts and how they are called, counting, asking. */
#include "store_private.h"

#include "buf.h"
#include "digest.h"
#include "log.h"
#include "stats.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHANGES_KEPT "20000"

extern const char lua_apply[], lua_load[], lua_page[], lua_query[], lua_swap[], lua_access[];
static const char *const script_texts[SCRIPTS] = {lua_apply, lua_load, lua_page,
                                                  lua_query, lua_swap, lua_access};

/* Those of apply when it counts the stream again, into counters beside the live ones. */
static const enum key rebuild_keys[] = {KEY_NEW_META,     KEY_IDS,
                                        KEY_EVENTS,       KEY_NEW_CELLS,
                                        KEY_NEW_VOIDS,    KEY_NEW_TIMELINE,
                                        KEY_NEW_PROBLEMS, KEY_NEW_AGENDA,
                                        KEY_NEW_REACHED,  KEY_NEW_CHANGES,
                                        KEY_NEW_APPLIED,  KEY_REJECTED,
                                        KEY_UNIQUE,       KEYS};
/* The keys of each script, in its order. */
static const enum key script_keys[SCRIPTS][17] = {
    {KEY_META, KEY_IDS, KEY_EVENTS, KEY_CELLS, KEY_VOIDS, KEY_TIMELINE, KEY_PROBLEMS, KEY_AGENDA,
     KEY_REACHED, KEY_CHANGES, KEY_APPLIED, KEY_REJECTED, KEY_UNIQUE, KEYS},
    {KEY_META, KEY_CELLS, KEY_EVENTS, KEY_APPLIED, KEYS},
    {KEY_EVENTS, KEY_VOIDS, KEY_TIMELINE, KEYS},
    {KEY_IDS, KEY_EVENTS, KEY_VOIDS, KEY_TIMELINE, KEY_PROBLEMS, KEY_AGENDA, KEY_REACHED, KEYS},
    {KEY_META, KEY_CELLS, KEY_VOIDS, KEY_TIMELINE, KEY_PROBLEMS, KEY_AGENDA, KEY_REACHED,
     KEY_NEW_META, KEY_NEW_CELLS, KEY_NEW_VOIDS, KEY_NEW_TIMELINE, KEY_NEW_PROBLEMS, KEY_NEW_AGENDA,
     KEY_NEW_REACHED, KEY_NEW_CHANGES, KEY_NEW_APPLIED, KEYS},
    {KEY_TOKENS, KEY_CODES, KEY_SESSIONS, KEY_PENDING, KEYS},
};

bool store_is_noscript(const redisReply *reply)
{
    return reply && reply->type == REDIS_REPLY_ERROR && !strncmp(reply->str, "NOSCRIPT", 8);
}

void store_send_scripts(struct store *s, link_reply on_reply)
{
    for (int i = 0; i < SCRIPTS; i++)
        link_sendf(s->call, on_reply, s, "SCRIPT LOAD %s", script_texts[i]);
}

/* --- calling scripts ---------------------------------------------------------------------- */

void args_add(struct args *a, const char *text, size_t len)
{
    if (a->count == a->cap) {
        a->cap = a->cap ? a->cap * 2 : 64;
        a->text = mem_resize(a->text, a->cap * sizeof *a->text);
        a->len = mem_resize(a->len, a->cap * sizeof *a->len);
    }
    a->text[a->count] = text;
    a->len[a->count++] = len;
}

void args_adds(struct args *a, const char *text)
{
    args_add(a, text, strlen(text));
}

static void args_keys(struct store *s, struct args *a, enum script script, const enum key *list)
{
    static const char *const counts[] = {"0", "1",  "2",  "3",  "4",  "5",  "6",  "7", "8",
                                         "9", "10", "11", "12", "13", "14", "15", "16"};
    size_t keys = 0;
    while (list[keys] != KEYS)
        keys++;
    args_adds(a, "EVALSHA");
    args_adds(a, s->sha[script]);
    args_adds(a, counts[keys]);
    for (size_t i = 0; i < keys; i++)
        args_adds(a, s->keys[list[i]]);
}

void args_script(struct store *s, struct args *a, enum script script)
{
    args_keys(s, a, script, script_keys[script]);
}

int args_send(struct store *s, struct args *a, link_reply on_reply, void *ctx)
{
    int status = link_send(s->call, on_reply, ctx, 0, (int)a->count, a->text, a->len);
    free(a->text);
    free(a->len);
    return status;
}

/* --- apply -------------------------------------------------------------------------------- */

struct apply {
    struct store *store;
    store_on_applied on_applied;
    void *ctx;
    uint64_t began;
};

static void on_applied(void *ctx, const redisReply *reply)
{
    struct apply *call = ctx;
    struct store_applied a = {.verdict = STORE_FAILED};
    stats_time(TIMED_STORE, uv_hrtime() - call->began);
    if (!call->store->closed && store_is_noscript(reply)) {
        store_send_scripts(call->store, NULL); /* before whatever is sent next */
        a.verdict = STORE_AGAIN;
    } else if (!call->store->closed && !store_is_error(call->store, reply) &&
               reply->elements >= 2) {
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
    *call = (struct apply){s, on_done, ctx, uv_hrtime()};
    snprintf(first, sizeof first, "%" PRIu64, batch->first);
    digest_random(random, sizeof random);
    args_keys(s, &a, SCRIPT_APPLY, batch->rebuild ? rebuild_keys : script_keys[SCRIPT_APPLY]);
    args_adds(&a, batch->incarnation);
    args_adds(&a, first);
    args_adds(&a, digest_hex(random, sizeof random, epoch));
    args_adds(&a, CHANGES_KEPT);
    args_adds(&a, batch->rebuild ? "rebuild" : batch->reject ? "1" : "0");
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

#define PATIENCE 4000 /* ms: with a heartbeat and a disk's sync within an answer's 5 s */

struct question {
    struct store *store;
    store_on_reply on_reply; /* NULL: nobody waits for it, any more */
    void *ctx;
    uint64_t due; /* 0: whoever asks has time; else it stands in the line of the impatient */
    TAILQ_ENTRY(question) link;
};

static void on_answered(void *ctx, const redisReply *reply)
{
    struct question *q = ctx;
    bool bad = !reply || reply->type == REDIS_REPLY_ERROR;
    if (bad && reply) {
        log_write(LOG_WARN, "store_refused", "reason", reply->str, NULL);
        if (store_is_noscript(reply))
            store_send_scripts(q->store, NULL);
    }
    if (q->due)
        TAILQ_REMOVE(&q->store->impatient, q, link);
    if (q->on_reply)
        q->on_reply(q->ctx, bad ? NULL : reply);
    free(q);
}

void store_give_up(struct store *s)
{
    struct question *q;
    while ((q = TAILQ_FIRST(&s->impatient)) && q->due <= uv_now(s->loop)) {
        store_on_reply on_reply = q->on_reply;
        TAILQ_REMOVE(&s->impatient, q, link);
        q->due = 0;
        q->on_reply = NULL;
        on_reply(q->ctx, NULL);
    }
}

static int question_send(struct store *s, struct args *a, store_on_reply on_reply, void *ctx,
                         unsigned patience)
{
    struct question *q = mem_alloc(sizeof *q);
    *q = (struct question){.store = s, .on_reply = on_reply, .ctx = ctx};
    int status = args_send(s, a, on_answered, q);
    if (status) {
        free(q);
    } else if (patience && on_reply) {
        q->due = uv_now(s->loop) + patience;
        TAILQ_INSERT_TAIL(&s->impatient, q, link);
    }
    return status;
}

static int ask(struct store *s, enum script script, unsigned patience, store_on_reply on_reply,
               void *ctx, va_list texts)
{
    struct args a = {0};
    if (!s->prepared)
        return -1;
    args_script(s, &a, script);
    for (const char *text = va_arg(texts, const char *); text; text = va_arg(texts, const char *))
        args_adds(&a, text);
    return question_send(s, &a, on_reply, ctx, patience);
}

int store_page(struct store *s, store_on_reply on_reply, void *ctx, ...)
{
    va_list texts;
    va_start(texts, ctx);
    int status = ask(s, SCRIPT_PAGE, PATIENCE, on_reply, ctx, texts);
    va_end(texts);
    return status;
}

int store_query(struct store *s, store_on_reply on_reply, void *ctx, ...)
{
    va_list texts;
    va_start(texts, ctx);
    int status = ask(s, SCRIPT_QUERY, PATIENCE, on_reply, ctx, texts);
    va_end(texts);
    return status;
}

int store_walk(struct store *s, store_on_reply on_reply, void *ctx, ...)
{
    va_list texts;
    va_start(texts, ctx);
    int status = ask(s, SCRIPT_QUERY, 0, on_reply, ctx, texts);
    va_end(texts);
    return status;
}

int store_access(struct store *s, store_on_reply on_reply, void *ctx, ...)
{
    va_list texts;
    va_start(texts, ctx);
    int status = ask(s, SCRIPT_ACCESS, PATIENCE, on_reply, ctx, texts);
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
    return question_send(s, &a, on_reply, ctx, 0);
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
    int status = question_send(s, &a, on_reply, ctx, PATIENCE);
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
    return question_send(s, &a, on_reply, ctx, 0);
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
    int status = question_send(s, &a, on_reply, ctx, 0);
    buf_free(&key);
    return status;
}

int store_swap(struct store *s, store_on_reply on_reply, void *ctx)
{
    struct args a = {0};
    unsigned char random[12];
    char epoch[25];
    if (!s->prepared)
        return -1;
    digest_random(random, sizeof random);
    args_script(s, &a, SCRIPT_SWAP);
    args_adds(&a, digest_hex(random, sizeof random, epoch));
    return question_send(s, &a, on_reply, ctx, 0);
}

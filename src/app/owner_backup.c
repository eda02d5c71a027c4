/* The owner's backup and restore. A backup is the history itself: each event with its content's
 * hash and its effect, besides the secret and the tokens' hashes, so that an empty store which is
 * fed with it comes to the same totals and gives the same verdicts for old ids. */
#include "api.h"

#include "audit.h"
#include "catalogue_wire.h"
#include "credentials.h"
#include "date.h"
#include "digest.h"
#include "effect.h"
#include "event_wire.h"
#include "keep.h"
#include "log.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PARTS     5 /* of an event in query.lua's dump */
#define PAGE      1000
#define PAGE_TEXT "1000"
#define NOTE      "backup-made" /* in the state folder */

/* --- out ---------------------------------------------------------------------------------- */

static void on_head(void *ctx, const redisReply *tokens)
{
    struct call *c = ctx;
    struct alliance *alliance = c->alliance;
    struct buf body = {0};
    char secret[2 * STORE_SECRET + 1];
    if (!tokens || tokens->type != REDIS_REPLY_ARRAY || !alliance->secret_known) {
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
        return;
    }
    audit_act(c, "backup", NULL, "done", NULL);
    buf_addf(&body,
             "{\"tallyd\":\"backup\",\"format\":1,\"alliance\":\"%s\",\"rev\":%" PRIu64
             ",\"secret\":\"%s\",\"tokens\":{",
             catalogue_id(alliance->catalogue), alliance->board.rev,
             digest_hex(alliance->secret, STORE_SECRET, secret));
    for (size_t i = 0; i + 1 < tokens->elements; i += 2)
        buf_addf(&body, "%s\"%s\":%s", i ? "," : "", tokens->element[i]->str,
                 tokens->element[i + 1]->str);
    buf_adds(&body, "},\"catalogue\":");
    catalogue_write(alliance->catalogue, &body);
    buf_adds(&body, "}\n");
    answer_text(c, 200, "application/x-ndjson", &body);
}

void owner_backup_remember(struct alliance *alliance)
{
    size_t len;
    char *at = keep_read(alliance->folder, NOTE, &len);
    if (!at || !date_parse(at, len, &alliance->backed_up))
        alliance->backed_up = 0;
    free(at);
}

/* Across restarts: a nightly backup is news for longer than a process may live. */
static void note_backup(struct alliance *alliance)
{
    char at[40];
    struct buf text = {0};
    alliance->backed_up = date_now();
    buf_adds(&text, date_format(alliance->backed_up, at));
    if (keep_write(alliance->folder, NOTE, &text) != 0)
        log_write(LOG_WARN, "backup_not_noted", "reason", strerror(errno), NULL);
    buf_free(&text);
}

static void on_events(void *ctx, const redisReply *reply)
{
    struct call *c = ctx;
    struct buf body = {0};
    char hash[2 * STORE_HASH + 1];
    if (!reply || reply->type != REDIS_REPLY_ARRAY) {
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
        return;
    }
    for (size_t i = 0; i + PARTS <= reply->elements; i += PARTS) {
        redisReply **e = reply->element + i;
        digest_hex((const unsigned char *)e[2]->str, STORE_HASH, hash);
        buf_addf(&body,
                 "{\"rev\":%s,\"id\":\"%s\",\"hash\":\"%s\",\"effect\":\"%s\",\"event\":%s}\n",
                 e[0]->str, e[1]->str, hash, e[3]->str, e[4]->str);
    }
    if (reply->elements < (size_t)PAGE * PARTS)
        note_backup(c->alliance);
    answer_text(c, 200, "application/x-ndjson", &body);
}

/* Without `after` the head, else up to 1,000 events behind that revision. */
void owner_backup(struct call *c)
{
    const char *after = answer_query(c, "after");
    struct store *store = c->alliance->store;
    int status = after ? store_walk(store, on_events, c, "dump", after, PAGE_TEXT, NULL)
                       : store_command(store, on_head, c, "HGETALL", "tokens", NULL);
    if (status)
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
}

/* --- in ----------------------------------------------------------------------------------- */

/* A store is empty if it holds nothing but opening balances, which are in the backup too; or if
 * it is half restored: the same events again change nothing. */
static void on_emptiness(void *ctx, const redisReply *reply)
{
    struct call *c = ctx;
    struct alliance *alliance = c->alliance;
    struct buf body = {0};
    cJSON *head = NULL;
    size_t len;
    bool half = reply && reply->elements == 2 && reply->element[0]->str;
    const char *rev = reply && reply->elements == 2 ? reply->element[1]->str : NULL;
    uint64_t held = rev ? strtoull(rev, NULL, 10) : 0;
    if (!reply || !store_is_up(alliance->store)) {
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
        return;
    }
    if (!half && held > 0 && !(alliance->opening && held <= 1)) {
        answer_bad_query(c, FAULT_MISMATCH, "store", "an empty store");
        return;
    }
    const char *text = request_body(c->request, &len);
    head = cJSON_Parse(text);
    const cJSON *secret = cJSON_GetObjectItemCaseSensitive(head, "secret");
    const cJSON *whose = cJSON_GetObjectItemCaseSensitive(head, "alliance");
    const cJSON *tokens = cJSON_GetObjectItemCaseSensitive(head, "tokens"), *token;
    if (!cJSON_IsString(secret) || strlen(secret->valuestring) != 2 * STORE_SECRET ||
        !cJSON_IsString(whose)) {
        answer_bad_query(c, FAULT_MISSING_FIELD, "secret", "a backup's first line");
    } else if (strcmp(whose->valuestring, catalogue_id(alliance->catalogue)) != 0) {
        answer_bad_query(c, FAULT_MISMATCH, "alliance", catalogue_id(alliance->catalogue));
    } else {
        credentials_restore(alliance, secret->valuestring);
        cJSON_ArrayForEach(token, tokens)
        {
            char *json = cJSON_PrintUnformatted(token);
            store_command(alliance->store, NULL, NULL, "HSET", "tokens", token->string, json, NULL);
            free(json);
        }
        store_command(alliance->store, NULL, NULL, "HSET", "meta", "restoring", "1", NULL);
        store_read_tokens(alliance->store);
        audit_act(c, "restore", NULL, "begun", NULL);
        buf_adds(&body, "{\"restoring\":true}");
        answer_json(c, 200, &body);
    }
    cJSON_Delete(head);
}

static void on_restored(void *ctx, const struct store_applied *a)
{
    struct call *c = ctx;
    struct buf body = {0};
    const char *refused = a->verdict == STORE_OK ? strpbrk(a->letters, "huvkason") : NULL;
    if (a->verdict != STORE_OK) {
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
    } else if (refused) {
        answer_bad_query(c, FAULT_MISMATCH, "events", "events of the backup's own history");
    } else {
        buf_addf(&body, "{\"rev\":%" PRIu64 "}", a->rev);
        answer_json(c, 200, &body);
    }
}

/* Takes a line apart in place: the event is kept to the byte. */
static bool read_line(char *line, struct store_item *item, unsigned char hash[STORE_HASH])
{
    char *id = strstr(line, "\"id\":\""), *hex = strstr(line, "\"hash\":\"");
    char *effect = strstr(line, "\"effect\":\""), *event = strstr(line, "\",\"event\":{");
    size_t len = strlen(line);
    struct effect x;
    if (!id || !hex || !effect || !event || line[len - 1] != '}')
        return false;
    line[len - 1] = '\0';
    id += 6;
    hex += 8;
    effect += 10;
    *event = '\0';
    item->json = event + 10;
    id[strcspn(id, "\"")] = '\0';
    for (int i = 0; i < STORE_HASH; i++) {
        unsigned byte;
        if (sscanf(hex + 2 * i, "%2x", &byte) != 1)
            return false;
        hash[i] = (unsigned char)byte;
    }
    item->id = id;
    item->hash = hash;
    item->effect = effect;
    return event_id_ok(id) && effect_read(&x, effect, strlen(effect));
}

/* A body of such lines, at most 1,000. */
static void restore_lines(struct call *c)
{
    size_t len;
    char *text = mem_string(request_body(c->request, &len)), *save = NULL;
    struct store_item *items = mem_alloc(EVENTS_MAX * sizeof *items);
    unsigned char(*hashes)[STORE_HASH] = mem_alloc(EVENTS_MAX * sizeof *hashes);
    struct store_batch batch = {.incarnation = "-", .items = items};
    bool good = true;
    for (char *line = strtok_r(text, "\n", &save); line && good; line = strtok_r(NULL, "\n", &save))
        good = batch.count < EVENTS_MAX &&
               read_line(line, &items[batch.count], hashes[batch.count]) && ++batch.count;
    if (!good || batch.count == 0)
        answer_bad_query(c, FAULT_MISMATCH, "line", "1 – 1,000 lines of a backup");
    else if (store_apply(c->alliance->store, &batch, on_restored, c))
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
    free(items);
    free(hashes);
    free(text);
}

static void on_ended(void *ctx, const redisReply *reply)
{
    struct call *c = ctx;
    struct buf body = {0};
    if (!reply) {
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
        return;
    }
    audit_act(c, "restore", NULL, "done", NULL);
    buf_adds(&body, "{\"restored\":true}");
    answer_json(c, 200, &body);
}

/* Another history than any screen has seen: a new epoch, which every daemon notices. */
static void end(struct call *c)
{
    unsigned char random[12];
    char epoch[25];
    digest_random(random, sizeof random);
    store_command(c->alliance->store, NULL, NULL, "HDEL", "meta", "restoring", NULL);
    intake_begin_anew(c->alliance->intake);
    if (store_command(c->alliance->store, on_ended, c, "HSET", "meta", "epoch",
                      digest_hex(random, sizeof random, epoch), NULL))
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
}

/* ?step=begin with a backup's head, then lines without a step, then ?step=end. */
void owner_restore(struct call *c)
{
    static const char *const fields[] = {"restoring", "rev"};
    const char *step = answer_query(c, "step");
    if (!step)
        restore_lines(c);
    else if (!strcmp(step, "end"))
        end(c);
    else if (store_hash_get(c->alliance->store, on_emptiness, c, "meta", fields, 2))
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
}

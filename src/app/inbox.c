#include "inbox.h"

#include "buf.h"
#include "date.h"
#include "log.h"
#include "stats.h"
#include "verdict.h"
#include "submit.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GROUP       "tallyd"
#define TAKE        "200" /* entries at a time */
#define BLOCK_MS    2000
#define IDLE_MS     "15000" /* a consumer silent for so long is taken for dead */
#define CLAIM_EVERY 5000

/* One entry of the stream on its way. */
struct letter {
    char id[48];
    char *text; /* the event as it came, NUL behind */
    size_t len;
    bool eventless; /* then the text is all that came instead */
};

struct inbox {
    struct alliance *alliance;
    struct link *link;
    uv_timer_t timer; /* the next claim, or another try */
    char key[160], rejected[160], consumer[40];
    bool pending_first; /* what was delivered before and not acknowledged comes first */
    bool busy, closed, claim_due;
    struct letter *letters;
    size_t count;
    size_t *places; /* of the events handed on, their letters */
    struct events events;
};

static void take(struct inbox *b);

/* --- ending a batch ----------------------------------------------------------------------- */

static void forget(struct inbox *b)
{
    for (size_t i = 0; i < b->count; i++)
        free(b->letters[i].text);
    free(b->letters);
    free(b->places);
    b->letters = NULL;
    b->places = NULL;
    b->count = 0;
    events_clear(&b->events);
}

static void on_retry(uv_timer_t *timer)
{
    struct inbox *b = timer->data;
    b->claim_due = true;
    if (!b->busy)
        take(b);
}

static void pause_and_retry(struct inbox *b)
{
    forget(b);
    b->busy = false;
    b->pending_first = true;
    uv_timer_start(&b->timer, on_retry, 1000, CLAIM_EVERY);
}

/* What is settled leaves the stream. */
static void acknowledge(struct inbox *b)
{
    const char **words = mem_alloc((b->count + 3) * sizeof *words);
    words[0] = "XACK";
    words[1] = b->key;
    words[2] = GROUP;
    for (size_t i = 0; i < b->count; i++)
        words[3 + i] = b->letters[i].id;
    link_send(b->link, NULL, NULL, 0, (int)b->count + 3, words, NULL);
    words[1] = "XDEL";
    words[2] = b->key;
    link_send(b->link, NULL, NULL, 0, (int)b->count + 2, words + 1, NULL);
    free(words);
    forget(b);
    b->busy = false;
    take(b);
}

static void reject(struct inbox *b, const struct letter *l, const char *reason)
{
    struct buf kept = {0};
    submit_hide_residents(b->alliance, l->text, l->len, &kept);
    link_sendf(b->link, NULL, NULL, "XADD %s MAXLEN ~ 100000 * event %b reason %s inbox %s",
               b->rejected, kept.data ? kept.data : "", kept.len, reason, l->id);
    buf_free(&kept);
    stats_add(STAT_EVENTS_REJECTED, 1);
    log_write(LOG_WARN, "inbox_rejected", "entry", l->id, "reason", reason,
              alliance_label(b->alliance), alliance_id(b->alliance), NULL);
}

static void on_done(void *ctx, enum intake_outcome outcome, const char *letters, uint64_t rev)
{
    struct inbox *b = ctx;
    (void)rev;
    if (b->closed) {
        forget(b);
        return;
    }
    if (outcome == INTAKE_REFUSED) {
        pause_and_retry(b);
        return;
    }
    for (size_t i = 0; outcome == INTAKE_COUNTED && i < b->events.count; i++)
        if (verdict_reason(letters[i]))
            reject(b, &b->letters[b->places[i]], verdict_reason(letters[i]));
    acknowledge(b);
}

/* --- a batch ------------------------------------------------------------------------------ */

/* Reads one entry; a good event is added to the batch, another goes to the rejected. */
static void read_letter(struct inbox *b, size_t i)
{
    struct faults faults = {0};
    struct events one = {0};
    struct letter *l = &b->letters[i];
    char reason[128];
    if (l->eventless)
        faults_add(&faults, FAULT_MISSING_FIELD, -1, "event", "%s", "inbox");
    else
        events_read(l->text, l->len, false, &one, &faults);
    if (one.count == 1 && one.list[0].kind < EVENT_KINDS)
        event_check(&one.list[0], b->alliance->catalogue, date_now(), -1, &faults);
    if (one.count != 1 && !faults.count)
        faults_add(&faults, FAULT_NOT_AN_OBJECT, -1, "", "%s", "");
    if (faults.count) {
        snprintf(reason, sizeof reason, "%s%s%s", fault_name(faults.list[0].code),
                 faults.list[0].field[0] ? " " : "", faults.list[0].field);
        reject(b, l, reason);
        events_clear(&one);
    } else {
        b->places[b->events.count] = i;
        b->events.list[b->events.count++] = one.list[0];
        free(one.list);
    }
    faults_free(&faults);
}

static const redisReply *field_of(const redisReply *fields, const char *name)
{
    for (size_t f = 0; f + 1 < fields->elements; f += 2)
        if (!strcmp(fields->element[f]->str, name))
            return fields->element[f + 1];
    return NULL;
}

/* An entry without an event, so that who wrote it can be shown what it was. */
static void write_fields(const redisReply *fields, struct buf *out)
{
    buf_adds(out, "{");
    for (size_t f = 0; f + 1 < fields->elements; f += 2) {
        buf_adds(out, f ? "," : "");
        buf_add_json(out, fields->element[f]->str);
        buf_adds(out, ":");
        buf_add_json(out, fields->element[f + 1]->str);
    }
    buf_adds(out, "}");
}

/* Entries: [[id, [field, value, …]], …]; a deleted one has nil for its fields. */
static void keep_letters(struct inbox *b, const redisReply *entries)
{
    b->letters = mem_alloc((entries->elements + 1) * sizeof *b->letters);
    b->places = mem_alloc((entries->elements + 1) * sizeof *b->places);
    b->events.list = mem_alloc((entries->elements + 1) * sizeof *b->events.list);
    for (size_t i = 0; i < entries->elements; i++) {
        const redisReply *entry = entries->element[i];
        if (entry->type != REDIS_REPLY_ARRAY || entry->elements != 2)
            continue;
        struct letter *l = &b->letters[b->count++];
        const redisReply *fields = entry->element[1], *value = field_of(fields, "event");
        struct buf text = {0};
        snprintf(l->id, sizeof l->id, "%s", entry->element[0]->str);
        if (value)
            buf_add(&text, value->str, (size_t)value->len);
        else
            write_fields(fields, &text);
        l->eventless = !value;
        l->text = buf_take(&text, &l->len);
    }
}

static void take_entries(struct inbox *b, const redisReply *entries)
{
    keep_letters(b, entries);
    for (size_t i = 0; i < b->count; i++)
        read_letter(b, i);
    b->busy = true;
    if (b->events.count == 0)
        acknowledge(b);
    else if (submit_events(b->alliance, &b->events, NULL, uv_now(b->alliance->app->loop), on_done,
                           b))
        pause_and_retry(b);
}

static void on_entries(void *ctx, const redisReply *reply)
{
    struct inbox *b = ctx;
    b->busy = false;
    if (!reply || b->closed)
        return;
    if (reply->type == REDIS_REPLY_ERROR) {
        link_reset(b->link, reply->str); /* NOGROUP: made again at the next connection */
        return;
    }
    const redisReply *entries =
        reply->type == REDIS_REPLY_ARRAY && reply->elements ? reply->element[0]->element[1] : NULL;
    if (entries && entries->elements) {
        take_entries(b, entries);
        return;
    }
    b->pending_first = false;
    take(b);
}

static void on_claimed(void *ctx, const redisReply *reply)
{
    struct inbox *b = ctx;
    b->busy = false;
    if (!reply || b->closed)
        return;
    if (reply->type == REDIS_REPLY_ARRAY && reply->elements >= 2 && reply->element[1]->elements)
        take_entries(b, reply->element[1]);
    else
        take(b);
}

static void take(struct inbox *b)
{
    char block[16];
    if (b->busy || b->closed || !link_is_up(b->link))
        return;
    if (b->claim_due) {
        b->claim_due = false;
        b->busy = link_sendf(b->link, on_claimed, b,
                             "XAUTOCLAIM %s " GROUP " %s " IDLE_MS " 0-0 COUNT " TAKE, b->key,
                             b->consumer) == 0;
        return;
    }
    snprintf(block, sizeof block, "%d", BLOCK_MS);
    const char *words[] = {"XREADGROUP",
                           "GROUP",
                           GROUP,
                           b->consumer,
                           "COUNT",
                           TAKE,
                           "BLOCK",
                           block,
                           "STREAMS",
                           b->key,
                           b->pending_first ? "0" : ">"};
    b->busy = link_send(b->link, on_entries, b, BLOCK_MS + 5000, 11, words, NULL) == 0;
}

/* --- life --------------------------------------------------------------------------------- */

static void on_group(void *ctx, const redisReply *reply)
{
    struct inbox *b = ctx;
    if (!reply || b->closed)
        return;
    if (reply->type == REDIS_REPLY_ERROR && strncmp(reply->str, "BUSYGROUP", 9) != 0) {
        link_reset(b->link, reply->str);
        return;
    }
    link_good(b->link);
    b->pending_first = true;
    b->claim_due = true;
    take(b);
}

static void on_up(void *ctx)
{
    struct inbox *b = ctx;
    link_sendf(b->link, on_group, b, "XGROUP CREATE %s " GROUP " 0 MKSTREAM", b->key);
}

static void on_down(void *ctx, const char *reason)
{
    (void)ctx;
    (void)reason; /* the store says the same of its own connections */
}

struct inbox *inbox_open(struct alliance *alliance)
{
    struct inbox *b = mem_alloc(sizeof *b);
    const char *id = catalogue_id(alliance->catalogue);
    b->alliance = alliance;
    snprintf(b->key, sizeof b->key, "tally:{%s}:inbox", id);
    snprintf(b->rejected, sizeof b->rejected, "tally:{%s}:rejected", id);
    snprintf(b->consumer, sizeof b->consumer, "%s", journal_incarnation(alliance->journal));
    uv_timer_init(alliance->app->loop, &b->timer);
    b->timer.data = b;
    uv_timer_start(&b->timer, on_retry, CLAIM_EVERY, CLAIM_EVERY);
    b->link = link_open_on(alliance->app->loop, alliance->route, "inbox",
                           (unsigned)alliance->app->config.redis_timeout,
                           (struct link_handler){b, on_up, on_down});
    return b;
}

static void on_timer_closed(uv_handle_t *handle)
{
    struct inbox *b = handle->data;
    forget(b);
    free(b);
}

void inbox_close(struct inbox *b)
{
    b->closed = true;
    link_close(b->link);
    uv_timer_stop(&b->timer);
    uv_close((uv_handle_t *)&b->timer, on_timer_closed);
}

/* The owner's repair: the counters are counted again from the stream beside the live ones, a bite
 * at each request, and swapped in when they have caught up. What has been rebuilt stands in the
 * store, so that a repair that was cut off goes on or begins anew, and changes nothing till then.
 */
#include "api.h"

#include "audit.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BITE     2000
#define BITE_ARG "2000"
#define PARTS    5 /* of an event in query.lua's dump */

struct bite {
    struct call *call;
    uint64_t rev; /* rebuilt so far */
};

static void give_up(struct bite *b)
{
    answer_trouble(b->call, TROUBLE_UNAVAILABLE, NULL, -1);
    free(b);
}

static void answer_progress(struct bite *b, uint64_t rev, bool done)
{
    struct buf body = {0};
    buf_addf(&body, "{\"rev\":%" PRIu64 ",\"of\":%" PRIu64 ",\"done\":%s}", rev,
             b->call->alliance->board.rev, done ? "true" : "false");
    answer_json(b->call, 200, &body);
    free(b);
}

static void on_swapped(void *ctx, const redisReply *reply)
{
    struct bite *b = ctx;
    if (!reply || reply->elements < 2)
        give_up(b);
    else
        answer_progress(b, strtoull(reply->element[1]->str, NULL, 10),
                        !strcmp(reply->element[0]->str, "ok"));
}

static void on_rebuilt(void *ctx, const struct store_applied *a)
{
    struct bite *b = ctx;
    const char *refused = a->verdict == STORE_OK ? strpbrk(a->letters, "dhuvkason") : NULL;
    if (a->verdict != STORE_OK) {
        give_up(b);
    } else if (refused) {
        char detail[64];
        struct call *c = b->call;
        snprintf(detail, sizeof detail, "revision %" PRIu64,
                 b->rev + 1 + (uint64_t)(refused - a->letters));
        free(b);
        answer_bad_query(c, FAULT_MISMATCH, "events", detail);
    } else if (strlen(a->letters) == BITE) {
        answer_progress(b, a->rev, false);
    } else if (store_swap(b->call->alliance->store, on_swapped, b)) {
        give_up(b);
    }
}

static int rebuild(struct bite *b, const redisReply *reply)
{
    struct store_item *items = mem_alloc((reply->elements / PARTS + 1) * sizeof *items);
    struct store_batch batch = {.incarnation = "-", .items = items, .rebuild = true};
    for (size_t i = 0; i + PARTS <= reply->elements; i += PARTS) {
        redisReply **e = reply->element + i;
        items[batch.count++] =
            (struct store_item){e[1]->str, (const unsigned char *)e[2]->str, e[3]->str, "-"};
    }
    int status = store_apply(b->call->alliance->store, &batch, on_rebuilt, b);
    free(items);
    return status;
}

static void on_dump(void *ctx, const redisReply *reply)
{
    struct bite *b = ctx;
    struct store *store = b->call->alliance->store;
    bool more = reply && reply->type == REDIS_REPLY_ARRAY && reply->elements >= PARTS;
    if (!reply || (more ? rebuild(b, reply) : store_swap(store, on_swapped, b)))
        give_up(b);
}

static void on_rebuilt_rev(void *ctx, const redisReply *reply)
{
    struct bite *b = ctx;
    char after[24];
    if (!reply) {
        give_up(b);
        return;
    }
    b->rev = reply->str ? strtoull(reply->str, NULL, 10) : 0;
    snprintf(after, sizeof after, "%" PRIu64, b->rev);
    if (store_walk(b->call->alliance->store, on_dump, b, "dump", after, BITE_ARG, NULL))
        give_up(b);
}

static void next_bite(struct call *c)
{
    struct bite *b = mem_alloc(sizeof *b);
    b->call = c;
    if (store_command(c->alliance->store, on_rebuilt_rev, b, "HGET", "new:meta", "rev", NULL))
        give_up(b);
}

static void on_cleared(void *ctx, const redisReply *reply)
{
    struct call *c = ctx;
    struct buf body = {0};
    if (!reply) {
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
        return;
    }
    audit_act(c, "repair", NULL, "begun", NULL);
    buf_addf(&body, "{\"rev\":0,\"of\":%" PRIu64 ",\"done\":false}", c->alliance->board.rev);
    answer_json(c, 200, &body);
}

/* What an earlier repair has left would be taken for the beginning of this one. */
static void clear(struct call *c)
{
    static const char *const left[] = {"new:meta",     "new:cells",  "new:voids",   "new:timeline",
                                       "new:problems", "new:agenda", "new:reached", "new:changes"};
    size_t n = sizeof left / sizeof *left;
    for (size_t i = 0; i < n; i++)
        store_command(c->alliance->store, NULL, NULL, "DEL", left[i], NULL);
    if (store_command(c->alliance->store, on_cleared, c, "DEL", "new:applied", NULL))
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
}

void owner_repair(struct call *c)
{
    size_t len;
    const char *body = request_body(c->request, &len);
    if (strstr(body, "\"begin\""))
        clear(c);
    else
        next_bite(c);
}

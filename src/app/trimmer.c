#include "trimmer.h"

#include "buf.h"
#include "log.h"
#include "proof.h"
#include "proven.h"
#include "route.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PERIOD_MS 1000

struct trimmer {
    struct trimmer_options o;
    uv_timer_t timer;
    char fsync[16]; /* the store's appendfsync; "" unknown */
    struct mark marks[MARKS_MAX];
    size_t count;           /* 0: no marks are waiting for their proof */
    struct durability then; /* read when the marks were taken */
    int asking;             /* questions under way */
    long replicas;          /* that must have it */
    bool closed;
};

/* What is deleted of earlier incarnations is noted first; the present one's mark is watched while
 * the daemon runs, and its last segment stays until it is an earlier one itself. */
static void trim(struct trimmer *t)
{
    struct mark earlier[MARKS_MAX];
    size_t n = 0;
    for (size_t i = 0; i < t->count; i++)
        if (strcmp(t->marks[i].incarnation, journal_incarnation(t->o.journal)) != 0)
            earlier[n++] = t->marks[i];
    if (proven_note(t->o.proven, earlier, n))
        return;
    for (size_t i = 0; i < t->count; i++)
        journal_trim(t->o.journal, t->marks[i].incarnation, t->marks[i].done);
    t->count = 0;
}

static void on_replicated(void *ctx, const redisReply *reply)
{
    struct trimmer *t = ctx;
    t->asking--;
    if (!t->closed && reply && reply->type == REDIS_REPLY_INTEGER &&
        reply->integer >= t->replicas && route_is_sure(t->o.route))
        trim(t);
}

static void ask_replicas(struct trimmer *t, long replicas)
{
    char number[24];
    snprintf(number, sizeof number, "%ld", replicas);
    t->replicas = replicas;
    if (store_say(t->o.store, on_replicated, t, "WAIT", number, "50", NULL) == 0)
        t->asking++;
}

static void on_info(void *ctx, const redisReply *reply)
{
    struct trimmer *t = ctx;
    struct durability now;
    t->asking--;
    if (t->closed || !reply || reply->type != REDIS_REPLY_STRING ||
        !durability_read(&now, reply->str, t->fsync)) {
        t->count = 0; /* whatever happened meanwhile, it begins anew */
        return;
    }
    if (strcmp(t->then.run, now.run) != 0)
        t->count = 0; /* another server, or one that began anew, may be behind them */
    if (t->count == 0) {
        t->count = t->o.marks(t->o.ctx, t->marks);
        t->then = now;
    }
#ifdef TALLYD_PLANT_SEGMENT_DROPPED_EARLY
    now.saved = INT64_MAX; /* planted: what was counted is taken for safe */
#endif
    if (t->count == 0 || !proof_holds(&t->then, &now))
        return;
    bool fails_over = route_fails_over(t->o.route);
    if (now.replicas == 0 && !fails_over)
        trim(t);
    else if (now.replicas > 0)
        ask_replicas(t, fails_over ? now.replicas : 1);
}

static void on_fsync(void *ctx, const redisReply *reply)
{
    struct trimmer *t = ctx;
    t->asking--;
    t->fsync[0] = '\0'; /* may be kept from us: then only snapshots prove anything */
    if (reply && reply->type == REDIS_REPLY_ARRAY && reply->elements == 2)
        snprintf(t->fsync, sizeof t->fsync, "%s", reply->element[1]->str);
}

static void on_period(uv_timer_t *timer)
{
    struct trimmer *t = timer->data;
    if (t->asking || !store_is_up(t->o.store))
        return;
    if (store_say(t->o.store, on_fsync, t, "CONFIG", "GET", "appendfsync", NULL) == 0)
        t->asking++;
    if (store_say(t->o.store, on_info, t, "INFO", NULL) == 0)
        t->asking++;
}

struct trimmer *trimmer_open(const struct trimmer_options *options)
{
    struct trimmer *t = mem_alloc(sizeof *t);
    t->o = *options;
    uv_timer_init(t->o.loop, &t->timer);
    t->timer.data = t;
    uv_timer_start(&t->timer, on_period, PERIOD_MS, PERIOD_MS);
    return t;
}

static void on_timer_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void trimmer_stop(struct trimmer *t)
{
    t->closed = true;
    uv_timer_stop(&t->timer);
}

void trimmer_close(struct trimmer *t)
{
    uv_close((uv_handle_t *)&t->timer, on_timer_closed);
}

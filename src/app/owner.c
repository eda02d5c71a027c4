/* What only the owner of the state folder may ask, by the unix socket there: the counters and
 * effects as the store has them, for `tallyctl verify`. */
#include "api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- the store as it is ------------------------------------------------------------------- */

static void on_cells(void *ctx, const redisReply *reply)
{
    struct call *c = ctx;
    struct buf body = {0};
    if (!reply || reply->elements < 4) {
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
        return;
    }
    redisReply **e = reply->element;
    size_t from = 4 + strtoul(e[3]->str, NULL, 10);
    buf_addf(&body, "%s %s\n", e[1]->str, e[0]->str);
    for (size_t i = from; i + 1 < reply->elements; i += 2)
        buf_addf(&body, "%s %s\n", e[i]->str, e[i + 1]->str);
    answer_text(c, 200, "text/plain; charset=utf-8", &body);
}

void owner_cells(struct call *c)
{
    if (store_cells(c->alliance->store, on_cells, c))
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
}

static void on_walk(void *ctx, const redisReply *reply)
{
    struct call *c = ctx;
    struct buf body = {0};
    if (!reply) {
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
        return;
    }
    for (size_t i = 0; i < reply->elements; i++)
        buf_addf(&body, "%s\n", reply->element[i]->str);
    answer_text(c, 200, "text/plain; charset=utf-8", &body);
}

void owner_events(struct call *c)
{
    const char *after = answer_query(c, "after"), *limit = answer_query(c, "limit");
    long n = limit ? strtol(limit, NULL, 10) : 1000;
    char count[24];
    if (after && strspn(after, "0123456789") != strlen(after)) {
        answer_bad_query(c, FAULT_OUT_OF_RANGE, "after", "0 …");
        return;
    }
    snprintf(count, sizeof count, "%ld", n < 1 ? 1 : n > 5000 ? 5000 : n);
    if (store_walk(c->alliance->store, on_walk, c, "walk", after ? after : "0", count, NULL))
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
}

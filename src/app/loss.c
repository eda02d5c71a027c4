#include "loss.h"

#include "log.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void note(struct loss *l, const char *incarnation, uint64_t first, uint64_t last)
{
    snprintf(l->incarnation, sizeof l->incarnation, "%s", incarnation);
    l->first = first;
    l->last = last;
}

void loss_of_journal(struct loss *l, const char *incarnation, uint64_t done, uint64_t next)
{
    note(l, incarnation, done + 1, next - 1);
    snprintf(l->alarm, sizeof l->alarm,
             "the store has journal %s up to %" PRIu64 ", the next record here is %" PRIu64,
             incarnation, done, next);
    log_write(LOG_ERROR, "journal_gap", "reason", l->alarm, NULL);
}

void loss_of_store(struct loss *l, const char *incarnation, uint64_t done, uint64_t proven)
{
    note(l, incarnation, done + 1, proven);
    snprintf(l->alarm, sizeof l->alarm,
             "the store has lost events: it had journal %s up to %" PRIu64 ", now up to %" PRIu64
             "; restore a backup",
             incarnation, proven, done);
    log_write(LOG_ERROR, "store_lost_events", "reason", l->alarm, NULL);
}

int loss_accept(const struct loss *l, struct store *store, store_on_reply on_reply, void *ctx)
{
    char last[24];
    snprintf(last, sizeof last, "%" PRIu64, l->last);
    log_write(LOG_WARN, "loss_accepted", "incarnation", l->incarnation, "number",
              log_num((long long)l->first), "last", log_num((long long)l->last), NULL);
    return store_command(store, on_reply, ctx, "HSET", "applied", l->incarnation, last, NULL);
}

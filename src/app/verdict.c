#include "verdict.h"

#include "log.h"
#include "record.h"
#include "stats.h"
#include <string.h>

const char *verdict_reason(char letter)
{
    static const char *const names[] = {"h=other_content", "u=unknown_event",   "v=voided_event",
                                        "k=void_of_void",  "a=not_an_activity", "s=not_raised",
                                        "o=other_unit",    "n=conflict"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i][0] == letter)
            return names[i] + 2;
    return NULL;
}

struct rejection {
    struct store *store;
    const char *reason;
};

static void on_record(void *ctx, uint64_t number, const void *bytes, size_t len)
{
    const struct rejection *r = ctx;
    struct store_item item;
    (void)number;
    (void)len;
    record_read(bytes, &item);
    store_command(r->store, NULL, NULL, "XADD", "rejected", "MAXLEN", "~", "100000", "*", "event",
                  item.json, "reason", r->reason, NULL);
    stats_add(STAT_EVENTS_REJECTED, 1);
    log_write(LOG_WARN, "event_rejected", "id", item.id, "reason", r->reason, NULL);
}

void verdict_reject(struct store *store, struct journal *journal, uint64_t number, char letter)
{
    struct rejection r = {store, verdict_reason(letter)};
    if (r.reason)
        journal_read(journal, journal_incarnation(journal), number, 1, 1, on_record, &r);
}

void verdict_count_rejected(const char *letters)
{
    for (; *letters; letters++)
        stats_add(STAT_EVENTS_REJECTED, verdict_reason(*letters) != NULL);
}

void verdict_count(const char *letters)
{
    long long counted = 0, duplicate = 0, conflict = 0;
    for (; *letters; letters++) {
        counted += *letters == 'c';
        duplicate += *letters == 'd';
        conflict += *letters != 'c' && *letters != 'd';
    }
    stats_add(STAT_EVENTS_COUNTED, counted);
    stats_add(STAT_EVENTS_DUPLICATE, duplicate);
    stats_add(STAT_EVENTS_CONFLICT, conflict);
}

#include "bundle.h"

#include "record.h"

#define BYTES_MAX (1024 * 1024)

static void on_record(void *ctx, uint64_t number, const void *bytes, size_t len)
{
    struct bundle *b = ctx;
    if (b->count == 0)
        b->first = number;
    if (number != b->first + b->count)
        return;
    buf_add(&b->bytes, bytes, len);
    b->count++;
}

bool bundle_read(struct bundle *b, struct journal *journal, const char *incarnation, uint64_t from,
                 size_t limit)
{
    b->count = 0;
    buf_reset(&b->bytes);
    journal_read(journal, incarnation, from, limit < BUNDLE_EVENTS ? limit : BUNDLE_EVENTS,
                 BYTES_MAX, on_record, b);
    const char *at = b->bytes.data;
    for (size_t i = 0; i < b->count; i++)
        at = record_read(at, &b->items[i]);
    return b->count > 0;
}

int bundle_send(struct bundle *b, struct store *store, const char *incarnation,
                store_on_applied on_applied)
{
    struct store_batch batch = {.incarnation = incarnation,
                                .first = b->first,
                                .items = b->items,
                                .count = b->count,
                                .reject = b->rejecting};
    int status = store_apply(store, &batch, on_applied, b);
    b->under_way = status == 0;
    return status;
}

uint64_t bundle_end(const struct bundle *b)
{
    return b->first + b->count;
}

void bundle_free(struct bundle *b)
{
    buf_free(&b->bytes);
}

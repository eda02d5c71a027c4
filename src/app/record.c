#include "record.h"

#include <string.h>

void record_write(const struct intake_event *e, struct buf *out)
{
    buf_add(out, e->id, strlen(e->id) + 1);
    buf_add(out, e->hash, STORE_HASH);
    buf_add(out, e->effect, strlen(e->effect) + 1);
    buf_add(out, e->json, strlen(e->json) + 1);
}

const char *record_read(const char *bytes, struct store_item *item)
{
    item->id = bytes;
    bytes += strlen(bytes) + 1;
    item->hash = (const unsigned char *)bytes;
    bytes += STORE_HASH;
    item->effect = bytes;
    item->json = bytes + strlen(bytes) + 1;
    return item->json + strlen(item->json) + 1;
}

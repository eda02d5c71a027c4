/* record: an event as the journal holds it: id, NUL, content hash, effect, NUL, JSON, NUL. */
#ifndef TALLYD_RECORD_H
#define TALLYD_RECORD_H

#include "buf.h"
#include "intake.h"

void record_write(const struct intake_event *e, struct buf *out);
/* ITEM's strings point into BYTES. Returns where the record ends. */
const char *record_read(const char *bytes, struct store_item *item);

#endif

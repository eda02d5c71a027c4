/* event_wire: events as JSON, in and out. Reading checks what each field is; whether they fit
 * together is core's to judge (event_check). */
#ifndef TALLYD_EVENT_WIRE_H
#define TALLYD_EVENT_WIRE_H

#include "buf.h"
#include "event.h"
#include "json.h"
#include <stddef.h>

#define EVENTS_MAX 1000 /* in one request */

struct events {
    struct event *list;
    size_t count, cap;
    bool too_many; /* there were more than EVENTS_MAX: those beyond weren't looked at */
};

/* Reads a request's body: one event or an array of events as JSON, or one a line (NDJSON, blank
 * lines passed over). Everything that is wrong goes to FAULTS. The events that could be read are
 * given anyway: judge by the faults. */
void events_read(const char *body, size_t len, bool ndjson, struct events *out,
                 struct faults *faults);
void events_clear(struct events *events);

/* Reads one event from a JSON object. */
void event_read(const cJSON *object, struct event *out, int index, struct faults *faults);

/* Appends the event as JSON: known fields only, in a fixed order, on one line. RESIDENT stands in
 * for the resident's name (its keyed hash), or NULL if the event names none. */
void event_write(const struct event *e, const char *resident, struct buf *out);

#define EVENT_HASH 16
/* What makes two events with one id the same: kind, instant and every field, whatever the order
 * of keys and the spelling of the instant. */
void event_hash(const struct event *e, const char *resident, unsigned char out[EVENT_HASH]);

#endif

/* event: the seven kinds of things that happen in an alliance, and the rules each must keep.
 * An event arrives as parsed fields; which fields a kind has, and of what type, is one table. */
#ifndef TALLYD_EVENT_H
#define TALLYD_EVENT_H

#include "catalogue.h"
#include "fault.h"
#include "metric.h"
#include <stdbool.h>
#include <stdint.h>

#define EVENT_ID_MAX        64
#define EVENT_TEXT_MAX      200 /* characters, not bytes */
#define EVENT_RESIDENTS_MAX 100000
#define EVENT_OPENING_MAX   INT64_C(1000000000000)
#define EVENT_FUTURE        (INT64_C(600) * 1000000) /* µs: how far ahead `at` may be */

enum event_kind {
    EVENT_ACTIVITY,
    EVENT_REACH,
    EVENT_VENUE,
    EVENT_PROBLEM,
    EVENT_PLAN,
    EVENT_OPENING,
    EVENT_VOID,
    EVENT_KINDS
};

/* Every field that any kind may have, in the order in which an event is written. */
enum field {
    FIELD_ID,
    FIELD_KIND,
    FIELD_AT,
    FIELD_TITLE,
    FIELD_NAME,
    FIELD_CIRCLE,
    FIELD_COMMUNITY,
    FIELD_UNIT,
    FIELD_PROJECT,
    FIELD_VENUE,
    FIELD_PLAN,
    FIELD_ACTIVITY,
    FIELD_RESIDENTS,
    FIELD_RESIDENT,
    FIELD_SHARED,
    FIELD_PROBLEM,
    FIELD_STATUS,
    FIELD_STARTS,
    FIELD_CANCELLED,
    FIELD_METRICS,
    FIELD_OF,
    FIELD_REASON,
    FIELD_COUNT
};

enum field_type {
    TYPE_ID,      /* 1 to 64 of A-Z a-z 0-9 . _ : - */
    TYPE_TEXT,    /* 1 to 200 characters, no control characters */
    TYPE_TIME,    /* RFC 3339 */
    TYPE_COUNT_N, /* integer 0 to 100,000 */
    TYPE_BOOL,
    TYPE_METRICS /* {metric: n} */
};

struct field_info {
    const char *name;
    enum field_type type;
};
extern const struct field_info event_fields[FIELD_COUNT];
extern const char *const event_kind_names[EVENT_KINDS];

/* Plain value. Strings belong to the event; NULL where the field is absent. */
struct event {
    enum event_kind kind;
    char *text[FIELD_COUNT]; /* ids, texts and times as sent; counts, bools, metrics: NULL */
    bool has[FIELD_COUNT];
    int64_t at, starts; /* instants */
    int64_t residents;
    bool shared, cancelled;
    int64_t metrics[METRIC_SUMMED];
    bool has_metric[METRIC_SUMMED];
};

void event_clear(struct event *e);

int event_kind_find(const char *name);  /* -1: none */
int event_field_find(const char *name); /* -1: none */
/* May an event of this kind bear this field? Must it, whatever else it says? */
bool event_allows(enum event_kind kind, enum field field);
bool event_requires(enum event_kind kind, enum field field);

/* Judges what the single fields can't tell: what belongs together, what the catalogue knows,
 * the time. Adds a fault for each thing that is wrong; INDEX goes into them. NOW is an instant. */
void event_check(const struct event *e, const struct catalogue *c, int64_t now, int index,
                 struct faults *faults);

/* Shared judges of single values, for readers of all kinds. */
bool event_id_ok(const char *id);
/* Characters of valid UTF-8 TEXT, or -1 where it has a control character (C0, DEL, C1, line and
 * paragraph separators). */
int event_text_length(const char *text);

#endif

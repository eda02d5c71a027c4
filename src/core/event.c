#include "event.h"

#include "date.h"
#include <stdlib.h>
#include <string.h>

const struct field_info event_fields[FIELD_COUNT] = {
    [FIELD_ID] = {"id", TYPE_ID},
    [FIELD_KIND] = {"kind", TYPE_TEXT},
    [FIELD_AT] = {"at", TYPE_TIME},
    [FIELD_TITLE] = {"title", TYPE_TEXT},
    [FIELD_NAME] = {"name", TYPE_TEXT},
    [FIELD_CIRCLE] = {"circle", TYPE_ID},
    [FIELD_COMMUNITY] = {"community", TYPE_ID},
    [FIELD_UNIT] = {"unit", TYPE_ID},
    [FIELD_PROJECT] = {"project", TYPE_ID},
    [FIELD_VENUE] = {"venue", TYPE_ID},
    [FIELD_PLAN] = {"plan", TYPE_ID},
    [FIELD_ACTIVITY] = {"activity", TYPE_ID},
    [FIELD_RESIDENTS] = {"residents", TYPE_COUNT_N},
    [FIELD_RESIDENT] = {"resident", TYPE_TEXT},
    [FIELD_SHARED] = {"shared", TYPE_BOOL},
    [FIELD_PROBLEM] = {"problem", TYPE_ID},
    [FIELD_STATUS] = {"status", TYPE_TEXT},
    [FIELD_STARTS] = {"starts", TYPE_TIME},
    [FIELD_CANCELLED] = {"cancelled", TYPE_BOOL},
    [FIELD_METRICS] = {"metrics", TYPE_METRICS},
    [FIELD_OF] = {"of", TYPE_ID},
    [FIELD_REASON] = {"reason", TYPE_TEXT},
};

const char *const event_kind_names[EVENT_KINDS] = {
    "activity", "reach", "venue", "problem", "plan", "opening", "void",
};

/* What each kind may and must bear, beside id, kind and at. */
#define BIT(f) (1u << (f))
static const struct {
    unsigned required, optional;
} rules[EVENT_KINDS] = {
    [EVENT_ACTIVITY] = {BIT(FIELD_TITLE), BIT(FIELD_COMMUNITY) | BIT(FIELD_UNIT) |
                                              BIT(FIELD_PROJECT) | BIT(FIELD_VENUE) |
                                              BIT(FIELD_PLAN) | BIT(FIELD_RESIDENTS)},
    [EVENT_REACH] = {BIT(FIELD_ACTIVITY), BIT(FIELD_RESIDENTS) | BIT(FIELD_RESIDENT)},
    [EVENT_VENUE] = {BIT(FIELD_VENUE) | BIT(FIELD_SHARED),
                     BIT(FIELD_NAME) | BIT(FIELD_COMMUNITY) | BIT(FIELD_UNIT)},
    [EVENT_PROBLEM] = {BIT(FIELD_PROBLEM) | BIT(FIELD_STATUS),
                       BIT(FIELD_TITLE) | BIT(FIELD_COMMUNITY) | BIT(FIELD_UNIT)},
    [EVENT_PLAN] = {BIT(FIELD_PLAN) | BIT(FIELD_TITLE) | BIT(FIELD_STARTS),
                    BIT(FIELD_COMMUNITY) | BIT(FIELD_UNIT) | BIT(FIELD_VENUE) |
                        BIT(FIELD_CANCELLED)},
    [EVENT_OPENING] = {BIT(FIELD_METRICS), BIT(FIELD_CIRCLE) | BIT(FIELD_COMMUNITY) |
                                               BIT(FIELD_UNIT) | BIT(FIELD_PROJECT)},
    [EVENT_VOID] = {BIT(FIELD_OF) | BIT(FIELD_REASON), 0},
};
#define COMMON (BIT(FIELD_ID) | BIT(FIELD_KIND) | BIT(FIELD_AT))

void event_clear(struct event *e)
{
    for (int f = 0; f < FIELD_COUNT; f++)
        free(e->text[f]);
    memset(e, 0, sizeof *e);
}

int event_kind_find(const char *name)
{
    for (int k = 0; k < EVENT_KINDS; k++)
        if (!strcmp(event_kind_names[k], name))
            return k;
    return -1;
}

int event_field_find(const char *name)
{
    for (int f = 0; f < FIELD_COUNT; f++)
        if (!strcmp(event_fields[f].name, name))
            return f;
    return -1;
}

bool event_requires(enum event_kind kind, enum field field)
{
    return ((rules[kind].required | COMMON) & BIT(field)) != 0;
}

bool event_allows(enum event_kind kind, enum field field)
{
    return event_requires(kind, field) || (rules[kind].optional & BIT(field)) != 0;
}

bool event_id_ok(const char *id)
{
    size_t n = strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-");
    return n >= 1 && n <= EVENT_ID_MAX && !id[n];
}

/* One character of valid UTF-8; moves *p behind it. */
static unsigned next_character(const unsigned char **p)
{
    unsigned c = *(*p)++;
    if (c < 0x80)
        return c;
    int more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
    c &= 0x3fu >> more;
    while (more-- > 0 && (**p & 0xc0) == 0x80)
        c = c << 6 | (*(*p)++ & 0x3fu);
    return c;
}

int event_text_length(const char *text)
{
    const unsigned char *p = (const unsigned char *)text;
    int n = 0;
    for (; *p; n++) {
        unsigned c = next_character(&p);
        if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029)
            return -1;
    }
    return n;
}

/* --- the judges of what belongs together ------------------------------------------------- */

struct check {
    const struct event *e;
    const struct catalogue *c;
    int64_t now;
    int index;
    struct faults *faults;
};

static void need(const struct check *k, enum field f, const char *why)
{
    if (!k->e->has[f])
        faults_add(k->faults, FAULT_MISSING_FIELD, k->index, event_fields[f].name, "%s", why);
}

static void need_place(const struct check *k)
{
    if (!k->e->has[FIELD_COMMUNITY] && !k->e->has[FIELD_UNIT])
        faults_add(k->faults, FAULT_EITHER_OR, k->index, "community", "community and/or unit");
}

static void check_reach(const struct check *k)
{
    if (k->e->has[FIELD_RESIDENTS] == k->e->has[FIELD_RESIDENT])
        faults_add(k->faults, FAULT_EITHER_OR, k->index, "residents",
                   "exactly one of residents, resident");
}

static void check_venue(const struct check *k)
{
    if (!k->e->shared)
        return;
    need(k, FIELD_NAME, "shared = true");
    need_place(k);
}

static void check_problem(const struct check *k)
{
    const char *status = k->e->text[FIELD_STATUS];
    if (!status)
        return;
    if (!strcmp(status, "raised")) {
        need(k, FIELD_TITLE, "status = raised");
        need(k, FIELD_COMMUNITY, "status = raised");
    } else if (!strcmp(status, "claimed")) {
        need(k, FIELD_UNIT, "status = claimed");
    } else if (strcmp(status, "solved") != 0) {
        faults_add(k->faults, FAULT_UNKNOWN_VALUE, k->index, "status", "raised, claimed, solved");
    }
}

static void check_opening(const struct check *k)
{
    const struct event *e = k->e;
    bool any = false;
    for (int m = 0; m < METRIC_SUMMED; m++)
        any = any || e->has_metric[m];
    if (e->has[FIELD_METRICS] && !any)
        faults_add(k->faults, FAULT_MISSING_FIELD, k->index, "metrics",
                   "activities, venues, residents, problems_raised, problems_solved");
    const struct entry *place = e->text[FIELD_COMMUNITY]
                                    ? catalogue_find(k->c, DIM_COMMUNITY, e->text[FIELD_COMMUNITY])
                                    : NULL;
    if (place && e->text[FIELD_CIRCLE] && strcmp(place->parent->id, e->text[FIELD_CIRCLE]) != 0)
        faults_add(k->faults, FAULT_MISMATCH, k->index, "circle", "%s", place->parent->id);
}

static void check_catalogue(const struct check *k)
{
    static const struct {
        enum field field;
        enum dimension dim;
    } named[] = {{FIELD_CIRCLE, DIM_CIRCLE},
                 {FIELD_COMMUNITY, DIM_COMMUNITY},
                 {FIELD_UNIT, DIM_UNIT},
                 {FIELD_PROJECT, DIM_PROJECT}};
    for (size_t i = 0; i < sizeof named / sizeof *named; i++) {
        const char *id = k->e->text[named[i].field], *field = event_fields[named[i].field].name;
        if (!id || !event_id_ok(id))
            continue;
        const struct entry *found = catalogue_find(k->c, named[i].dim, id);
        if (!found)
            faults_add(k->faults, FAULT_NOT_IN_CATALOGUE, k->index, field, "%s", id);
        else if (found->retired && k->e->kind != EVENT_OPENING) /* balances are history */
            faults_add(k->faults, FAULT_RETIRED, k->index, field, "%s", id);
    }
}

void event_check(const struct event *e, const struct catalogue *c, int64_t now, int index,
                 struct faults *faults)
{
    struct check k = {e, c, now, index, faults};
    if (e->has[FIELD_AT] && e->at > now + EVENT_FUTURE)
        faults_add(faults, FAULT_FUTURE, index, "at", "%s", e->text[FIELD_AT]);
    switch (e->kind) {
    case EVENT_ACTIVITY:
    case EVENT_PLAN:
        need_place(&k);
        break;
    case EVENT_REACH:
        check_reach(&k);
        break;
    case EVENT_VENUE:
        check_venue(&k);
        break;
    case EVENT_PROBLEM:
        check_problem(&k);
        break;
    case EVENT_OPENING:
        check_opening(&k);
        break;
    default:
        break;
    }
    check_catalogue(&k);
}

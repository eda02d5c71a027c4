#include "event_wire.h"

#include "date.h"
#include "digest.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- reading ------------------------------------------------------------------------------ */

struct reader {
    struct event *e;
    int index;
    struct faults *faults;
};

static void wrong_type(const struct reader *r, const char *field, const char *wanted)
{
    faults_add(r->faults, FAULT_WRONG_TYPE, r->index, field, "%s", wanted);
}

static void read_id(const struct reader *r, enum field f, const cJSON *v)
{
    if (!cJSON_IsString(v))
        wrong_type(r, event_fields[f].name, "string");
    else if (!event_id_ok(v->valuestring))
        faults_add(r->faults, FAULT_BAD_ID, r->index, event_fields[f].name, "%s", "");
    else
        r->e->text[f] = mem_string(v->valuestring);
}

static void read_text(const struct reader *r, enum field f, const cJSON *v)
{
    if (!cJSON_IsString(v)) {
        wrong_type(r, event_fields[f].name, "string");
        return;
    }
    int length = event_text_length(v->valuestring);
    if (length < 1 || length > EVENT_TEXT_MAX)
        faults_add(r->faults, FAULT_BAD_TEXT, r->index, event_fields[f].name, "%s", "");
    else
        r->e->text[f] = mem_string(v->valuestring);
}

static void read_time(const struct reader *r, enum field f, const cJSON *v)
{
    int64_t *to = f == FIELD_AT ? &r->e->at : &r->e->starts;
    if (!cJSON_IsString(v)) {
        wrong_type(r, event_fields[f].name, "string, RFC 3339");
    } else if (!date_parse(v->valuestring, strlen(v->valuestring), to)) {
        *to = 0;
        faults_add(r->faults, FAULT_BAD_TIME, r->index, event_fields[f].name, "%s", "");
    } else {
        r->e->text[f] = mem_string(v->valuestring);
    }
}

static bool read_number(const struct reader *r, const char *field, const cJSON *v, int64_t max,
                        int64_t *out)
{
    if (!cJSON_IsNumber(v))
        wrong_type(r, field, "integer");
    else if (!json_integer(v, out) || *out < 0 || *out > max)
        faults_add(r->faults, FAULT_OUT_OF_RANGE, r->index, field, "0 – %" PRId64, max);
    else
        return true;
    *out = 0;
    return false;
}

static void read_metrics(const struct reader *r, const cJSON *v)
{
    if (!cJSON_IsObject(v)) {
        wrong_type(r, "metrics", "object");
        return;
    }
    const cJSON *item;
    cJSON_ArrayForEach(item, v)
    {
        char field[80];
        int m = metric_find(item->string);
        snprintf(field, sizeof field, "metrics.%.60s", item->string);
        if (m < 0 || m >= METRIC_SUMMED) {
            faults_add(r->faults, FAULT_UNKNOWN_FIELD, r->index, field,
                       "activities, venues, residents, problems_raised, problems_solved");
            continue;
        }
        r->e->has_metric[m] =
            read_number(r, field, item, EVENT_OPENING_MAX, &r->e->metrics[m]) || true;
    }
}

static void read_field(const struct reader *r, enum field f, const cJSON *v)
{
    struct event *e = r->e;
    e->has[f] = true;
    switch (event_fields[f].type) {
    case TYPE_ID:
        read_id(r, f, v);
        break;
    case TYPE_TEXT:
        read_text(r, f, v);
        break;
    case TYPE_TIME:
        read_time(r, f, v);
        break;
    case TYPE_COUNT_N:
        read_number(r, event_fields[f].name, v, EVENT_RESIDENTS_MAX, &e->residents);
        break;
    case TYPE_BOOL:
        if (!cJSON_IsBool(v))
            wrong_type(r, event_fields[f].name, "true, false");
        else if (f == FIELD_SHARED)
            e->shared = cJSON_IsTrue(v);
        else
            e->cancelled = cJSON_IsTrue(v);
        break;
    case TYPE_METRICS:
        read_metrics(r, v);
        break;
    }
}

static bool read_kind(const struct reader *r, const cJSON *object)
{
    static const char allowed[] = "activity, reach, venue, problem, plan, opening, void";
    const cJSON *kind = cJSON_GetObjectItemCaseSensitive(object, "kind");
    int k = cJSON_IsString(kind) ? event_kind_find(kind->valuestring) : -1;
    if (!kind)
        faults_add(r->faults, FAULT_MISSING_FIELD, r->index, "kind", "%s", allowed);
    else if (!cJSON_IsString(kind))
        wrong_type(r, "kind", "string");
    else if (k < 0)
        faults_add(r->faults, FAULT_UNKNOWN_VALUE, r->index, "kind", "%s", allowed);
    if (k < 0)
        return false;
    r->e->kind = (enum event_kind)k;
    return true;
}

/* Of a kind that isn't known, what every event has. */
static bool is_allowed(enum event_kind kind, enum field f)
{
    return kind < EVENT_KINDS ? event_allows(kind, f)
                              : f == FIELD_ID || f == FIELD_KIND || f == FIELD_AT;
}

static void refuse_field(const struct reader *r, const char *name)
{
    char field[72], allowed[200] = "";
    snprintf(field, sizeof field, "%.64s", name);
    for (int f = 0; f < FIELD_COUNT; f++) {
        size_t n = strlen(allowed);
        if (is_allowed(r->e->kind, (enum field)f))
            snprintf(allowed + n, sizeof allowed - n, "%s%s", n ? ", " : "", event_fields[f].name);
    }
    faults_add(r->faults, FAULT_UNKNOWN_FIELD, r->index, field, "%s", allowed);
}

void event_read(const cJSON *object, struct event *out, int index, struct faults *faults)
{
    struct reader r = {out, index, faults};
    memset(out, 0, sizeof *out);
    out->kind = EVENT_KINDS;
    if (!cJSON_IsObject(object)) {
        faults_add(faults, FAULT_NOT_AN_OBJECT, index, "", "%s", "");
        return;
    }
    bool known = read_kind(&r, object);
    const cJSON *item;
    cJSON_ArrayForEach(item, object)
    {
        int f = event_field_find(item->string);
        if (f >= 0 && is_allowed(out->kind, (enum field)f)) {
            if (f != FIELD_KIND)
                read_field(&r, (enum field)f, item);
        } else if (f < 0 || known) { /* another kind's field may be this one's, whatever it is */
            refuse_field(&r, item->string);
        }
    }
    out->has[FIELD_KIND] = true;
    for (int f = 0; f < FIELD_COUNT; f++)
        if ((known ? event_requires(out->kind, (enum field)f)
                   : is_allowed(EVENT_KINDS, (enum field)f)) &&
            !out->has[f])
            faults_add(faults, FAULT_MISSING_FIELD, index, event_fields[f].name, "%s",
                       known ? event_kind_names[out->kind] : "");
}

static void add_event(struct events *out, const cJSON *object, struct faults *faults)
{
    out->too_many = out->count == EVENTS_MAX;
    if (out->too_many)
        return;
    if (out->count == out->cap) {
        /* Most requests bring one event, and room for a thousand isn't had for nothing. */
        out->cap = out->cap ? out->cap * 4 : 1;
        out->list = mem_resize(out->list, out->cap * sizeof *out->list);
    }
    event_read(object, &out->list[out->count], (int)out->count, faults);
    out->count++;
}

/* One event of several: whatever is wrong with it, the others are looked at too. */
static void read_piece(const char *text, size_t len, struct events *out, struct faults *faults)
{
    cJSON *item = json_parse(text, len, (int)out->count, faults);
    add_event(out, item, faults);
    if (!item && faults->count && faults->list[faults->count - 1].code == FAULT_NOT_AN_OBJECT)
        faults->count--; /* that it can't be read has been said already */
    cJSON_Delete(item);
}

static bool is_blank(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] != ' ' && text[i] != '\t' && text[i] != '\r')
            return false;
    return true;
}

static void read_lines(const char *body, size_t len, struct events *out, struct faults *faults)
{
    for (size_t at = 0; at < len && !out->too_many;) {
        const char *line = body + at, *end = memchr(line, '\n', len - at);
        size_t n = end ? (size_t)(end - line) : len - at;
        at += n + 1;
        if (!is_blank(line, n))
            read_piece(line, n, out, faults);
    }
}

/* Past a value of well-formed JSON, to the comma or the bracket behind it. */
static const char *skip_value(const char *at, const char *end)
{
    int depth = 0;
    bool quoted = false;
    for (; at < end; at++) {
        if (quoted && *at == '\\')
            at++;
        else if (*at == '"')
            quoted = !quoted;
        else if (quoted)
            continue;
        else if (*at == '[' || *at == '{')
            depth++;
        else if (depth == 0 && (*at == ',' || *at == ']'))
            break;
        else if (*at == ']' || *at == '}')
            depth--;
    }
    return at;
}

/* An array that is well-formed, but of which an event isn't as it must be, has them read one by
 * one, so that each that is wrong is told. False: it is something else. */
static bool read_elements(const char *body, size_t len, struct events *out, struct faults *faults)
{
    const char *at = body, *end = body + len;
    if (faults->count != 1 || faults->list[0].code == FAULT_NOT_JSON)
        return false;
    while (at < end && strchr(" \t\r\n", *at))
        at++;
    if (at == end || *at != '[')
        return false;
    faults->count = 0;
    while (at < end && *at != ']' && !out->too_many) {
        const char *from = at + 1;
        at = skip_value(from, end);
        read_piece(from, (size_t)(at - from), out, faults);
    }
    return true;
}

void events_read(const char *body, size_t len, bool ndjson, struct events *out,
                 struct faults *faults)
{
    memset(out, 0, sizeof *out);
    if (ndjson) {
        read_lines(body, len, out, faults);
    } else {
        cJSON *root = json_parse(body, len, -1, faults), *item;
        if (!root) {
            read_elements(body, len, out, faults);
            return;
        }
        if (cJSON_IsArray(root)) {
            cJSON_ArrayForEach(item, root) add_event(out, item, faults);
        } else {
            add_event(out, root, faults);
        }
        cJSON_Delete(root);
    }
    if (out->count == 0 && !faults->count)
        faults_add(faults, FAULT_NO_EVENTS, -1, "", "1 – %d", EVENTS_MAX);
}

void events_clear(struct events *events)
{
    for (size_t i = 0; i < events->count; i++)
        event_clear(&events->list[i]);
    free(events->list);
    memset(events, 0, sizeof *events);
}

/* --- writing ------------------------------------------------------------------------------ */

static void write_metrics(const struct event *e, struct buf *out)
{
    const char *comma = "";
    buf_adds(out, "{");
    for (int m = 0; m < METRIC_SUMMED; m++) {
        if (!e->has_metric[m])
            continue;
        buf_adds(out, comma);
        buf_add_json(out, metric_names[m]);
        buf_adds(out, ":");
        buf_add_int(out, e->metrics[m]);
        comma = ",";
    }
    buf_adds(out, "}");
}

static void write_value(const struct event *e, enum field f, const char *resident, struct buf *out)
{
    switch (event_fields[f].type) {
    case TYPE_COUNT_N:
        buf_add_int(out, e->residents);
        break;
    case TYPE_BOOL:
        buf_adds(out, (f == FIELD_SHARED ? e->shared : e->cancelled) ? "true" : "false");
        break;
    case TYPE_METRICS:
        write_metrics(e, out);
        break;
    default:
        buf_add_json(out, f == FIELD_KIND       ? event_kind_names[e->kind]
                          : f == FIELD_RESIDENT ? resident
                                                : e->text[f]);
    }
}

void event_write(const struct event *e, const char *resident, struct buf *out)
{
    const char *comma = "{";
    for (int f = 0; f < FIELD_COUNT; f++) {
        if (!e->has[f])
            continue;
        buf_adds(out, comma);
        buf_add_json(out, event_fields[f].name);
        buf_adds(out, ":");
        write_value(e, (enum field)f, resident, out);
        comma = ",";
    }
    buf_adds(out, "}");
}

void event_hash(const struct event *e, const char *resident, unsigned char out[EVENT_HASH])
{
    unsigned char full[DIGEST_SIZE];
    struct buf text = {0};
    for (int f = 0; f < FIELD_COUNT; f++) {
        if (!e->has[f] || f == FIELD_ID)
            continue;
        buf_adds(&text, event_fields[f].name);
        buf_adds(&text, "=");
        if (event_fields[f].type == TYPE_TIME)
            buf_add_int(&text, f == FIELD_AT ? e->at : e->starts);
        else
            write_value(e, (enum field)f, resident, &text);
        buf_adds(&text, "\n");
    }
    digest_sha256(text.data, text.len, full);
    memcpy(out, full, EVENT_HASH);
    buf_free(&text);
}

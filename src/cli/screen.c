#include "screen.h"
#include "client.h"
#include "date.h"
#include "text.h"
#include <string.h>

#define EVENTS_KEPT 20

static const cJSON *get(const cJSON *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

/* The entry of that id in a list of objects. */
static cJSON *find(const cJSON *list, const char *id)
{
    cJSON *item;
    cJSON_ArrayForEach(item, list) if (strcmp(field_text(item, "id"), id) == 0) return item;
    return NULL;
}

void screen_ask(const struct screen *s, struct buf *out)
{
    buf_addf(out,
             "{\"views\":[{\"range\":\"all\"},{\"range\":\"today\"},"
             "{\"range\":\"all\",\"by\":\"%s\"},{\"range\":\"today\",\"by\":\"%s\"}]}",
             dimension_names[s->by], dimension_names[s->by]);
}

/* ---- messages ----------------------------------------------------------------------------- */

static void take_figures(cJSON *to, const cJSON *from)
{
    for (size_t i = 0; to && i < METRIC_COUNT; i++) {
        const cJSON *n = get(from, metric_names[i]);
        if (!cJSON_IsNumber(n))
            continue;
        cJSON_DeleteItemFromObjectCaseSensitive(to, metric_names[i]);
        cJSON_AddNumberToObject(to, metric_names[i], n->valuedouble);
    }
}

static void take_view(const cJSON *to, const cJSON *from)
{
    const cJSON *group;
    take_figures(cJSON_GetObjectItemCaseSensitive(to, "totals"), get(from, "totals"));
    cJSON_ArrayForEach(group, get(from, "groups"))
        take_figures(find(get(to, "groups"), field_text(group, "id")), group);
}

/* Newest first, in the message as in our list. */
static void take_events(struct screen *s, cJSON *message)
{
    cJSON *fresh = cJSON_DetachItemFromObjectCaseSensitive(message, "events");
    if (!fresh)
        fresh = cJSON_CreateArray();
    while (cJSON_GetArraySize(s->events) > 0 && cJSON_GetArraySize(fresh) < EVENTS_KEPT)
        cJSON_AddItemToArray(fresh, cJSON_DetachItemFromArray(s->events, 0));
    cJSON_Delete(s->events);
    s->events = fresh;
}

static void take_instant(const cJSON *message, const char *key, int64_t *out)
{
    const char *text = field_text(message, key);
    int64_t instant;
    if (date_parse(text, strlen(text), &instant))
        *out = instant;
}

static enum screen_news on_snapshot(struct screen *s, cJSON *message)
{
    cJSON_Delete(s->views);
    cJSON_Delete(s->events);
    s->events = NULL;
    s->views = cJSON_DetachItemFromObjectCaseSensitive(message, "views");
    take_events(s, message);
    s->rev = field_number(message, "rev");
    /* The very first one comes unasked, and without our views. */
    return cJSON_GetArraySize(s->views) == VIEW_COUNT ? SCREEN_FRESH : SCREEN_SAME;
}

static enum screen_news on_delta(struct screen *s, cJSON *message)
{
    const cJSON *views = get(message, "views");
    int count = cJSON_GetArraySize(views);
    if (field_number(message, "rev") <= s->rev)
        return SCREEN_SAME;
    if (field_number(message, "prev") > s->rev || count != cJSON_GetArraySize(s->views))
        return SCREEN_GAP;
    for (int i = 0; i < count; i++)
        take_view(cJSON_GetArrayItem(s->views, i), cJSON_GetArrayItem(views, i));
    take_events(s, message);
    s->rev = field_number(message, "rev");
    return count == VIEW_COUNT ? SCREEN_CHANGED : SCREEN_SAME;
}

static enum screen_news on_status(struct screen *s, cJSON *message)
{
    bool down = strcmp(field_text(message, "store"), "down") == 0, was = s->store_down;
    s->store_down = down;
    s->queued = field_number(message, "queued");
    int64_t now = 0;
    take_instant(message, "now", &now);
    if (now)
        s->ahead = now - date_now();
    return down == was ? SCREEN_SAME : SCREEN_STATUS;
}

static enum screen_news on_error(struct screen *s, cJSON *message)
{
    (void)s;
    (void)message;
    return SCREEN_ERROR;
}

enum screen_news screen_message(struct screen *s, const char *text, size_t len)
{
    static const struct {
        const char *type;
        enum screen_news (*take)(struct screen *, cJSON *);
    } types[] = {
        {"snapshot", on_snapshot}, {"delta", on_delta}, {"status", on_status}, {"error", on_error}};
    cJSON *message = cJSON_ParseWithLength(text, len);
    enum screen_news news = SCREEN_SAME;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].type, field_text(message, "type")) == 0)
            news = types[i].take(s, message);
    take_instant(message, "as_of", &s->as_of);
    cJSON_Delete(message);
    return news;
}

/* ---- a line for each change ---------------------------------------------------------------- */

static void add_figures(struct screen *s, bool all, struct buf *out)
{
    const cJSON *totals = get(cJSON_GetArrayItem(s->views, VIEW_ALL), "totals");
    char number[TEXT_NUMBER];
    const char *comma = " ";
    for (size_t i = 0; i < METRIC_COUNT; i++) {
        int64_t n = field_number(totals, metric_names[i]), gain = n - s->before[i];
        s->before[i] = n;
        if (!all && gain == 0)
            continue;
        buf_addf(out, "%s%s %s", comma, metric_names[i], text_number(n, number));
        if (!all)
            buf_addf(out, " (%s%s)", gain > 0 ? "+" : "", text_number(gain, number));
        comma = ", ";
    }
    if (!all && *comma == ' ')
        buf_adds(out, " no headline number changed");
}

void screen_line(struct screen *s, enum screen_news news, struct buf *out)
{
    char number[TEXT_NUMBER];
    if (news == SCREEN_STATUS) {
        buf_addf(out, "the store is %s, %s queued\n", s->store_down ? "away" : "back",
                 text_number(s->queued, number));
        return;
    }
    buf_addf(out, "revision %s:", text_number(s->rev, number));
    add_figures(s, news == SCREEN_FRESH, out);
    buf_adds(out, "\n");
}

void screen_clear(struct screen *s)
{
    cJSON_Delete(s->views);
    cJSON_Delete(s->events);
    s->views = s->events = NULL;
}

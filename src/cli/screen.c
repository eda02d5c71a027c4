#include "screen.h"
#include "client.h"
#include "date.h"
#include "text.h"
#include <string.h>
#include <time.h>

#define EVENTS_KEPT 20

/* The views, in the order in which screen_ask asks for them. */
enum { VIEW_ALL, VIEW_TODAY, VIEW_GROUPS, VIEW_COUNT };

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
             "{\"range\":\"all\",\"by\":\"%s\"}]}",
             dimension_names[s->by]);
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

static void take_as_of(struct screen *s, const cJSON *message)
{
    if (*field_text(message, "as_of"))
        snprintf(s->as_of, sizeof s->as_of, "%s", field_text(message, "as_of"));
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
    take_as_of(s, message);
    cJSON_Delete(message);
    return news;
}

/* ---- the picture -------------------------------------------------------------------------- */

static void add_head(const struct screen *s, struct buf *out)
{
    char rev[TEXT_NUMBER], queued[TEXT_NUMBER];
    text_add(out, field_text(get(s->catalogue, "alliance"), "name"), INT32_MAX);
    buf_addf(out, "  %s  %s", s->place, s->live ? "live" : "connection lost, trying again");
    buf_addf(out, "  revision %s  as of ", text_number(s->rev, rev));
    text_add(out, s->as_of, INT32_MAX);
    if (s->store_down)
        buf_addf(out, "  the store is away, %s queued", text_number(s->queued, queued));
    buf_adds(out, "\n\n");
}

static void add_headlines(const struct screen *s, struct buf *out)
{
    struct table t = {.columns = 3, .left = 1};
    const cJSON *all = get(cJSON_GetArrayItem(s->views, VIEW_ALL), "totals");
    const cJSON *today = get(cJSON_GetArrayItem(s->views, VIEW_TODAY), "totals");
    table_add(&t, "");
    table_add(&t, "all");
    table_add(&t, "today");
    for (size_t i = 0; i < METRIC_COUNT; i++) {
        table_add(&t, metric_names[i]);
        table_add_number(&t, field_number(all, metric_names[i]));
        table_add_number(&t, field_number(today, metric_names[i]));
    }
    table_write(&t, out);
    table_free(&t);
}

static void add_groups(const struct screen *s, int most, struct buf *out)
{
    struct table t = {.columns = 1 + METRIC_COUNT, .left = 1};
    const cJSON *group, *names = get(s->catalogue, dimension_lists[s->by]);
    int rows = 0;
    buf_adds(out, "\n");
    table_add(&t, dimension_names[s->by]);
    for (size_t i = 0; i < METRIC_COUNT; i++)
        table_add(&t, metric_names[i]);
    cJSON_ArrayForEach(group, get(cJSON_GetArrayItem(s->views, VIEW_GROUPS), "groups"))
    {
        const char *id = field_text(group, "id"), *name = field_text(find(names, id), "name");
        if (rows++ == most)
            break;
        table_add(&t, *name ? name : id);
        for (size_t i = 0; i < METRIC_COUNT; i++)
            table_add_number(&t, field_number(group, metric_names[i]));
    }
    table_write(&t, out);
    table_free(&t);
}

static const char *place_of(const struct screen *s, const cJSON *event)
{
    static const enum dimension by[] = {DIM_UNIT, DIM_COMMUNITY, DIM_CIRCLE};
    for (size_t i = 0; i < sizeof by / sizeof *by; i++) {
        const cJSON *entry = find(get(s->catalogue, dimension_lists[by[i]]),
                                  field_text(event, dimension_names[by[i]]));
        if (entry)
            return field_text(entry, "name");
    }
    return "";
}

/* When it happened, by this machine's clock. */
static void time_of(const cJSON *event, char out[9])
{
    const char *at = field_text(event, "at");
    int64_t instant;
    struct tm tm;
    out[0] = '\0';
    if (!date_parse(at, strlen(at), &instant))
        return;
    time_t seconds = (time_t)(instant / DATE_SECOND);
    if (localtime_r(&seconds, &tm))
        strftime(out, 9, "%H:%M:%S", &tm);
}

static void add_event(const struct screen *s, const cJSON *event, struct table *t)
{
    static const char *const subjects[] = {"title", "name", "status", "activity", "venue", "of"};
    const cJSON *residents = get(event, "residents");
    const char *subject = "";
    char number[TEXT_NUMBER], gain[TEXT_NUMBER + 1] = "", time[9];
    for (size_t i = 0; i < sizeof subjects / sizeof *subjects && !*subject; i++)
        subject = field_text(event, subjects[i]);
    time_of(event, time);
    if (cJSON_IsNumber(residents))
        snprintf(gain, sizeof gain, "+%s", text_number((int64_t)residents->valuedouble, number));
    table_add(t, time);
    table_add(t, field_text(event, "kind"));
    table_add(t, subject);
    table_add(t, place_of(s, event));
    table_add(t, gain);
}

static void add_events(const struct screen *s, int most, struct buf *out)
{
    struct table t = {.columns = 5, .left = 4};
    const cJSON *event;
    int rows = 0;
    buf_adds(out, "\n");
    cJSON_ArrayForEach(event, s->events)
    {
        if (rows++ == most)
            break;
        add_event(s, event, &t);
    }
    table_write(&t, out);
    table_free(&t);
}

/* Adds TEXT's lines, cut to what fits. */
static void clip(const char *text, int rows, int columns, struct buf *out)
{
    struct buf line = {0};
    for (int row = 0; *text && row < rows; row++) {
        size_t n = strcspn(text, "\n");
        buf_reset(&line);
        buf_add(&line, text, n);
        if (row > 0)
            buf_adds(out, "\n");
        text_add(out, line.data, columns);
        text += n + (text[n] == '\n');
    }
    buf_free(&line);
}

void screen_draw(const struct screen *s, int rows, int columns, struct buf *out)
{
    struct buf text = {0};
    const int fixed = 2 + 1 + METRIC_COUNT; /* head, headlines */
    int left = rows - fixed, groups = 0;
    add_head(s, &text);
    add_headlines(s, &text);
    if (left > 4) {
        groups = cJSON_GetArraySize(get(cJSON_GetArrayItem(s->views, VIEW_GROUPS), "groups"));
        int room = left / 2 > 10 ? left / 2 : left - 2;
        groups = groups < room ? groups : room;
        add_groups(s, groups, &text);
        left -= groups + 2;
    }
    if (left > 1)
        add_events(s, left - 1, &text);
    clip(text.data, rows, columns, out);
    buf_free(&text);
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

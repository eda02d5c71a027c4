#include "member_wire.h"

#include "date.h"
#include "event.h"
#include "json.h"
#include "totals_wire.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EPOCH_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
#define FIGURE_MAX    INT64_C(100000000000) /* of a cell: no sum of them overflows */
#define CELLS_MAX     20000                 /* fifty years' */

static const char *text_of(const cJSON *object, const char *key)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
    return text ? text : "";
}

/* Digits and letters, as daemons make it; it is also written into a file. */
static bool is_epoch(const char *text)
{
    size_t len = strlen(text);
    return len > 0 && len < 40 && strspn(text, EPOCH_LETTERS) == len;
}

static int64_t number_of(const cJSON *object, const char *key)
{
    int64_t n = 0;
    json_integer(cJSON_GetObjectItemCaseSensitive(object, key), &n);
    return n;
}

static uint64_t count_of(const cJSON *object, const char *key)
{
    int64_t n = number_of(object, key);
    return n > 0 ? (uint64_t)n : 0;
}

static int64_t instant_of(const cJSON *object, const char *key)
{
    const char *text = text_of(object, key);
    int64_t instant;
    return date_parse(text, strlen(text), &instant) ? instant : 0;
}

/* "20261124", "0", "U*", "UD20261124". A number's zeros in front would not be written again. */
static bool is_cell_name(const char *name)
{
    size_t len = strlen(name);
    if (name[0] == 'U')
        return len >= 2 && len <= 10 && strspn(name + 1, "*DWMY0123456789") == len - 1;
    return strcmp(name, "0") == 0 || (len == 8 && name[0] != '0' &&
                                      strspn(name, "0123456789") == len && date_valid(atoi(name)));
}

static bool read_cell(const cJSON *group, struct cell *out)
{
    const char *name = text_of(group, "id");
    memset(out, 0, sizeof *out);
    if (!is_cell_name(name))
        return false;
    snprintf(out->name, sizeof out->name, "%s", name);
    for (int m = 0; m < METRIC_COUNT; m++) {
        out->n[m] = number_of(group, metric_names[m]);
        if (out->n[m] > FIGURE_MAX || out->n[m] < -FIGURE_MAX)
            return false;
    }
    return true;
}

static bool read_cells(const cJSON *view, struct member_news *out)
{
    const cJSON *groups = cJSON_GetObjectItemCaseSensitive(view, "groups"), *group;
    int count = cJSON_GetArraySize(groups);
    if (count > CELLS_MAX)
        return false;
    out->cells = mem_alloc(((size_t)count + 1) * sizeof *out->cells);
    cJSON_ArrayForEach(group, groups)
    {
        if (!read_cell(group, &out->cells[out->cell_count++]))
            return false;
    }
    return true;
}

/* Before it has heard our wish, a member sends the figures of the whole as it does to everybody,
 * and changes of them. */
static bool is_ours(enum member_says what, const cJSON *view)
{
    return what == MEMBER_DELTA || strcmp(text_of(view, "by"), "cell") == 0;
}

static bool read_figures(struct member_news *out)
{
    const cJSON *views = cJSON_GetObjectItemCaseSensitive(out->root, "views");
    const cJSON *view = cJSON_GetArrayItem(views, 0);
    const char *epoch = text_of(out->root, "epoch");
    if (!is_ours(out->what, view)) {
        out->what = MEMBER_NOTHING;
        return true;
    }
    snprintf(out->epoch, sizeof out->epoch, "%.39s", epoch);
    out->rev = count_of(out->root, "rev");
    out->prev = count_of(out->root, "prev");
    out->units = (long)count_of(view, "units");
    out->projects = (long)count_of(view, "projects");
    out->sums = cJSON_GetObjectItemCaseSensitive(view, "sums");
    out->events = cJSON_GetObjectItemCaseSensitive(out->root, "events");
    return is_epoch(epoch) && read_cells(view, out);
}

static bool read_news(struct member_news *out)
{
    const char *type = text_of(out->root, "type");
    out->what = !strcmp(type, "snapshot") ? MEMBER_SNAPSHOT
                : !strcmp(type, "delta")  ? MEMBER_DELTA
                : !strcmp(type, "status") ? MEMBER_STATUS
                                          : MEMBER_NOTHING;
    out->as_of = instant_of(out->root, "as_of");
    out->now = instant_of(out->root, "now");
    out->store_up = strcmp(text_of(out->root, "store"), "up") == 0;
    if (out->what == MEMBER_SNAPSHOT || out->what == MEMBER_DELTA)
        return read_figures(out);
    return out->what == MEMBER_STATUS;
}

bool member_read(const char *text, size_t len, struct member_news *out)
{
    struct faults faults = {0};
    memset(out, 0, sizeof *out);
    out->root = json_parse(text, len, -1, &faults);
    faults_free(&faults);
    if (cJSON_IsObject(out->root) && read_news(out))
        return true;
    member_news_clear(out);
    return false;
}

void member_news_clear(struct member_news *news)
{
    cJSON_Delete(news->root);
    free(news->cells);
    memset(news, 0, sizeof *news);
}

bool member_sums_have(const struct member_news *news, const char *epoch)
{
    const cJSON *sum;
    cJSON_ArrayForEach(sum, news->sums)
    {
        const char *text = cJSON_GetStringValue(sum);
        if (text && text[0] && strcmp(text, epoch) == 0)
            return true;
    }
    return false;
}

void member_sums_write(const struct member_news *news, struct buf *out)
{
    const cJSON *sum;
    cJSON_ArrayForEach(sum, news->sums)
    {
        const char *text = cJSON_GetStringValue(sum);
        if (text && is_epoch(text))
            buf_addf(out, ",\"%s\"", text);
    }
}

bool member_event_write(const cJSON *event, const char *member, struct buf *out, int64_t *at)
{
    static const char *const own[] = {"unit", "project", "venue", "community", "rev"};
    const char *id = text_of(event, "id");
    char shown[2 * EVENT_ID_MAX + 2];
    cJSON *copy;
    *at = instant_of(event, "at");
    if (!*at || !event_id_ok(id) || !(copy = cJSON_Duplicate(event, true)))
        return false;
    snprintf(shown, sizeof shown, "%s:%s", member, id);
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        cJSON_DeleteItemFromObjectCaseSensitive(copy, own[i]);
    cJSON_ReplaceItemInObjectCaseSensitive(copy, "id", cJSON_CreateString(shown));
    cJSON_AddStringToObject(copy, "community", member);
    char *text = cJSON_PrintUnformatted(copy);
    buf_adds(out, text);
    free(text);
    cJSON_Delete(copy);
    return true;
}

void member_write(const struct member_news *news, const struct totals *t, const char *dim,
                  struct buf *out)
{
    char as_of[40];
    buf_addf(out,
             "{\"type\":\"snapshot\",\"epoch\":\"%s\",\"rev\":%" PRIu64
             ",\"as_of\":\"%s\",\"views\":[{\"by\":\"cell\",\"units\":%ld,\"projects\":%ld,"
             "\"groups\":[",
             news->epoch, news->rev, date_format(news->as_of, as_of), news->units, news->projects);
    cells_write(t, dim, 0, out);
    buf_adds(out, "]}]}\n");
}

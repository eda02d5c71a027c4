#include "channel.h"

#include "date.h"
#include "event.h"
#include "json.h"
#include "tallyd/version.h"
#include <stdio.h>
#include <string.h>

static const char *read_view(const cJSON *item, int32_t today, struct view *view)
{
    struct range range;
    const cJSON *field;
    memset(view, 0, sizeof *view);
    strcpy(view->range, "all");
    if (!cJSON_IsObject(item))
        return "each view must be an object such as {\"range\":\"today\",\"by\":\"circle\"}";
    cJSON_ArrayForEach(field, item)
    {
        bool is_by = !strcmp(field->string, "by");
        if (!is_by && strcmp(field->string, "range") != 0)
            return "a view has the fields range and by, no others";
        if (is_by && cJSON_IsNull(field))
            continue;
        if (!cJSON_IsString(field))
            return "range and by must be strings";
        if (is_by) {
            int by = dimension_find(field->valuestring);
            view->cells = strcmp(field->valuestring, "cell") == 0;
            if (by < 0 && !view->cells)
                return "by: circle, community, unit, project, category, or cell of range all";
            view->by = view->cells ? DIM_TOTAL : (enum dimension)by;
        } else {
            if (!range_of(field->valuestring, today, &range))
                return "range: all, today, week, month, year, YYYY, YYYY-MM or YYYY-MM-DD";
            memcpy(view->range, range.name, sizeof view->range);
        }
    }
    if (view->cells && strcmp(view->range, "all") != 0)
        return "by cell goes with range all only";
    return NULL;
}

static const char *read_views(const cJSON *root, int32_t today, struct view views[VIEWS_MAX],
                              size_t *count)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(root, "views"), *item;
    if (!cJSON_IsObject(root) || !cJSON_IsArray(list) || cJSON_GetArraySize(root) != 1)
        return "a message is {\"views\":[…]}";
    if (cJSON_GetArraySize(list) < 1 || cJSON_GetArraySize(list) > VIEWS_MAX)
        return "1 to 8 views are allowed";
    cJSON_ArrayForEach(item, list)
    {
        const char *wrong = read_view(item, today, &views[*count]);
        if (wrong)
            return wrong;
        (*count)++;
    }
    return NULL;
}

size_t views_read(const char *text, size_t len, int32_t today, struct view views[VIEWS_MAX],
                  char *error, size_t error_size)
{
    struct faults faults = {0};
    size_t count = 0;
    cJSON *root = json_parse(text, len, -1, &faults);
    const char *wrong = root ? read_views(root, today, views, &count) : NULL;
    if (!root)
        fault_message(&faults.list[0], LANG_EN, error, error_size);
    else if (wrong)
        snprintf(error, error_size, "%s", wrong);
    cJSON_Delete(root);
    faults_free(&faults);
    return root && !wrong ? count : 0;
}

void status_write(const char *reason, long long queued, const struct board *b, int64_t now,
                  const char *build, struct buf *out)
{
    char text[40];
    buf_addf(out, "{\"type\":\"status\",\"store\":\"%s\",\"queued\":%lld,\"as_of\":",
             reason[0] ? "down" : "up", queued);
    if (b->as_of)
        buf_addf(out, "\"%s\"", date_format(b->as_of, text));
    else
        buf_adds(out, "null");
    buf_addf(out, ",\"now\":\"%s\",\"version\":\"%s+%s\"", date_format(now, text), TALLYD_VERSION,
             build);
    if (reason[0]) {
        buf_adds(out, ",\"reason\":");
        buf_add_json(out, reason);
    }
    if (b->members)
        buf_addf(out, ",\"members\":%s", b->members);
    buf_adds(out, "}");
}

void live_error_write(const char *code, const char *message, struct buf *out)
{
    buf_addf(out, "{\"type\":\"error\",\"code\":\"%s\",\"message\":", code);
    buf_add_json(out, message);
    buf_adds(out, "}");
}

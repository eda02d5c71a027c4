#include "columns.h"
#include "cell.h"
#include "text.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define ACTIVITY (1u << EVENT_ACTIVITY)
#define REACH    (1u << EVENT_REACH)
#define VENUE    (1u << EVENT_VENUE)
#define PROBLEM  (1u << EVENT_PROBLEM)
#define PLAN     (1u << EVENT_PLAN)
#define ALL      COLUMNS_KINDS

/* What offices call a field, and in which kinds' rows; the contract's own names need no row. As
 * head_key writes it: without blanks, in small letters. */
static const struct name {
    const char *head;
    enum field field;
    unsigned kinds;
} names[] = {
    {"编号", FIELD_ID, ALL},
    {"事件编号", FIELD_ID, ALL},
    {"活动编号", FIELD_ID, ACTIVITY},
    {"类型", FIELD_KIND, ALL},
    {"事件类型", FIELD_KIND, ALL},
    {"时间", FIELD_AT, ALL},
    {"日期", FIELD_AT, ALL},
    {"活动时间", FIELD_AT, ACTIVITY},
    {"活动日期", FIELD_AT, ACTIVITY},
    {"发布时间", FIELD_AT, PLAN},
    {"发布日期", FIELD_AT, PLAN},
    {"date", FIELD_AT, ALL},
    {"time", FIELD_AT, ALL},
    {"标题", FIELD_TITLE, ACTIVITY | PROBLEM | PLAN},
    {"主题", FIELD_TITLE, ACTIVITY | PLAN},
    {"活动名称", FIELD_TITLE, ACTIVITY | PLAN},
    {"活动主题", FIELD_TITLE, ACTIVITY | PLAN},
    {"计划名称", FIELD_TITLE, PLAN},
    {"问题名称", FIELD_TITLE, PROBLEM},
    {"问题描述", FIELD_TITLE, PROBLEM},
    {"名称", FIELD_TITLE, ACTIVITY | PROBLEM | PLAN},
    {"名称", FIELD_NAME, VENUE},
    {"阵地名称", FIELD_NAME, VENUE},
    {"社区", FIELD_COMMUNITY, ALL & ~REACH},
    {"所属社区", FIELD_COMMUNITY, ALL & ~REACH},
    {"微联盟", FIELD_COMMUNITY, ALL & ~REACH},
    {"单位", FIELD_UNIT, ALL & ~REACH},
    {"成员单位", FIELD_UNIT, ALL & ~REACH},
    {"认领单位", FIELD_UNIT, PROBLEM},
    {"项目", FIELD_PROJECT, ACTIVITY},
    {"项目名称", FIELD_PROJECT, ACTIVITY},
    {"红色合伙人项目", FIELD_PROJECT, ACTIVITY},
    {"阵地", FIELD_VENUE, ACTIVITY | VENUE | PLAN},
    {"共享阵地", FIELD_VENUE, ACTIVITY | VENUE | PLAN},
    {"阵地编号", FIELD_VENUE, ACTIVITY | VENUE | PLAN},
    {"计划", FIELD_PLAN, ACTIVITY | PLAN},
    {"计划编号", FIELD_PLAN, ACTIVITY | PLAN},
    {"活动", FIELD_ACTIVITY, REACH},
    {"活动编号", FIELD_ACTIVITY, REACH},
    {"人次", FIELD_RESIDENTS, ACTIVITY | REACH},
    {"人数", FIELD_RESIDENTS, ACTIVITY | REACH},
    {"辐射居民", FIELD_RESIDENTS, ACTIVITY | REACH},
    {"参与人数", FIELD_RESIDENTS, ACTIVITY | REACH},
    {"参加人数", FIELD_RESIDENTS, ACTIVITY | REACH},
    {"居民", FIELD_RESIDENT, REACH},
    {"共享", FIELD_SHARED, VENUE},
    {"是否共享", FIELD_SHARED, VENUE},
    {"问题", FIELD_PROBLEM, PROBLEM},
    {"问题编号", FIELD_PROBLEM, PROBLEM},
    {"状态", FIELD_STATUS, PROBLEM},
    {"开始时间", FIELD_STARTS, PLAN},
    {"开始日期", FIELD_STARTS, PLAN},
    {"取消", FIELD_CANCELLED, PLAN},
    {"是否取消", FIELD_CANCELLED, PLAN},
};
#define NAMES (sizeof names / sizeof *names)

/* Heads that say nothing about the event. */
static const struct {
    const char *head;
    bool error;
} ignored[] = {{"错误", true}, {"error", true}, {"序号", false}};

/* ---- one head ---- */

/* HEAD as the table writes it: "人数（人次）*" is 人数(人次) first, then 人数. */
static const char *head_key(const char *head, bool whole, struct buf *out)
{
    const char *plain = cell_plain(head, out);
    size_t n = 0;
    for (const char *at = plain; *at; at++)
        if (*at != ' ' && *at != '*' && *at != ':')
            out->data[n++] = (char)tolower((unsigned char)*at);
    out->data[n] = '\0';
    char *bracket = n > 0 && out->data[n - 1] == ')' ? strrchr(out->data, '(') : NULL;
    if (bracket && !whole)
        *bracket = '\0';
    out->len = strlen(out->data);
    return out->data;
}

static int find_key(const char *key, enum event_kind kind)
{
    int found = COLUMN_UNKNOWN;
    for (size_t i = 0; i < NAMES; i++) {
        if (strcmp(names[i].head, key) != 0)
            continue;
        if (names[i].kinds & 1u << kind)
            return (int)names[i].field;
        found = COLUMN_OTHER;
    }
    int field = event_field_find(key);
    if (field < 0)
        return found;
    for (int k = 0; k < EVENT_KINDS; k++)
        if (ALL & 1u << k && event_allows((enum event_kind)k, (enum field)field))
            found = COLUMN_OTHER;
    return event_allows(kind, (enum field)field) ? field : found;
}

static bool is_ignored(const char *key, bool *error)
{
    size_t i = 0;
    while (i < sizeof ignored / sizeof *ignored && strcmp(ignored[i].head, key) != 0)
        i++;
    bool is = i < sizeof ignored / sizeof *ignored;
    *error = is && ignored[i].error;
    return is;
}

int column_find(const char *head, enum event_kind kind)
{
    struct buf key = {0};
    bool error;
    int found = find_key(head_key(head, true, &key), kind);
    if (found < 0 && is_ignored(key.data, &error))
        found = COLUMN_IGNORED;
    if (found == COLUMN_UNKNOWN)
        found = find_key(head_key(head, false, &key), kind);
    buf_free(&key);
    return found;
}

/* ---- the names, for messages ---- */

static void add_field_names(enum field field, unsigned kinds, struct buf *out)
{
    for (size_t i = 0; i < NAMES; i++)
        if (names[i].field == field && names[i].kinds & kinds)
            buf_addf(out, "%s/", names[i].head);
    buf_adds(out, event_fields[field].name);
}

static bool any_allows(unsigned kinds, enum field field)
{
    for (int k = 0; k < EVENT_KINDS; k++)
        if (kinds & 1u << k && event_allows((enum event_kind)k, field))
            return true;
    return false;
}

void column_names(unsigned kinds, struct buf *out)
{
    const char *comma = "";
    for (int f = 0; f < FIELD_COUNT; f++) {
        if (!any_allows(kinds, (enum field)f))
            continue;
        buf_adds(out, comma);
        add_field_names((enum field)f, kinds, out);
        comma = ", ";
    }
}

/* ---- a head line ---- */

static void read_heads(struct columns *c, const struct csv_row *head, enum event_kind kind)
{
    struct buf text = {0};
    c->count = head->count;
    c->kind_column = c->error_column = -1;
    c->heads = mem_alloc(c->count * sizeof *c->heads);
    c->fields = mem_alloc(c->count * sizeof *c->fields);
    for (size_t i = 0; i < c->count; i++) {
        bool error;
        c->heads[i] = mem_string(cell_text(csv_cell(head, i), &text));
        if (column_find(c->heads[i], kind) == FIELD_KIND && c->kind_column < 0)
            c->kind_column = (int)i;
        if (is_ignored(head_key(c->heads[i], true, &text), &error) && error && c->error_column < 0)
            c->error_column = (int)i;
    }
    buf_free(&text);
}

/* What each column means in each kind's rows. */
static void map(struct columns *c, unsigned kinds, bool ignore_unknown, struct buf *error)
{
    for (size_t i = 0; i < c->count; i++) {
        bool known = false;
        for (int k = 0; k < EVENT_KINDS; k++) {
            c->fields[i][k] = column_find(c->heads[i], (enum event_kind)k);
            if (kinds & 1u << k)
                known = known || c->fields[i][k] >= 0 || c->fields[i][k] == COLUMN_IGNORED;
        }
        c->chinese = c->chinese || (known && (c->heads[i][0] & 0x80));
        if (!known && !ignore_unknown && *c->heads[i])
            buf_addf(error, "%s %zu%s%s\n", text_either("column", "第"), i + 1,
                     text_either(": unknown head: ", " 列：表头认不得："), c->heads[i]);
        for (int k = 0; k < EVENT_KINDS && !known && ignore_unknown; k++)
            c->fields[i][k] = COLUMN_IGNORED;
    }
}

static size_t find_field(const struct columns *c, enum event_kind kind, enum field field,
                         size_t from)
{
    while (from < c->count && c->fields[from][kind] != (int)field)
        from++;
    return from;
}

static void refuse_twins(const struct columns *c, enum event_kind kind, enum field field,
                         struct buf *error)
{
    size_t first = find_field(c, kind, field, 0);
    size_t second = find_field(c, kind, field, first + 1);
    if (second < c->count)
        buf_addf(error, "columns %zu and %zu, %s and %s, both mean %s\n", first + 1, second + 1,
                 c->heads[first], c->heads[second], event_fields[field].name);
}

/* An id is made up where the sheet has none, and the kind is known without a column. */
static void refuse_gaps(const struct columns *c, unsigned kinds, struct buf *error)
{
    for (int f = 0; f < FIELD_COUNT; f++) {
        bool needed = f != FIELD_ID && f != FIELD_KIND, there = false;
        for (int k = 0; k < EVENT_KINDS; k++)
            if (kinds & 1u << k) {
                needed = needed && event_requires((enum event_kind)k, (enum field)f);
                there = there || find_field(c, (enum event_kind)k, (enum field)f, 0) < c->count;
            }
        if (!needed || there)
            continue;
        buf_adds(error, text_either("a column is missing: ", "缺少一列："));
        add_field_names((enum field)f, kinds, error);
        buf_adds(error, "\n");
    }
}

bool columns_read(struct columns *c, const struct csv_row *head, enum event_kind kind,
                  bool ignore_unknown, struct buf *error)
{
    size_t before = error->len;
    *c = (struct columns){0};
    read_heads(c, head, kind);
    unsigned kinds = c->kind_column >= 0 ? ALL : 1u << kind;
    map(c, kinds, ignore_unknown, error);
    /* In a sheet of many kinds two columns for one field may be for different rows. */
    for (int f = 0; f < FIELD_COUNT; f++)
        if (f == FIELD_KIND || c->kind_column < 0)
            refuse_twins(c, kind, (enum field)f, error);
    refuse_gaps(c, kinds, error);
    if (error->len == before)
        return true;
    buf_adds(error, text_either("known: ", "能用的表头："));
    column_names(kinds, error);
    return false;
}

const char *columns_head(const struct columns *c, enum event_kind kind, enum field field)
{
    size_t i = find_field(c, kind, field, 0);
    return i < c->count ? c->heads[i] : event_fields[field].name;
}

void columns_free(struct columns *c)
{
    for (size_t i = 0; i < c->count; i++)
        free(c->heads[i]);
    free(c->heads);
    free(c->fields);
    *c = (struct columns){0};
}

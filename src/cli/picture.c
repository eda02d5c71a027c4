#include "picture.h"

#include "client.h"
#include "date.h"
#include "event.h"
#include "text.h"
#include <string.h>
#include <time.h>

#define OLD_SECONDS  45 /* the daemon speaks every 15 s */
#define BAR_LEAST    8
#define NAME_MOST    24
#define PLACE_MOST   26
#define SUBJECT_MOST 48
#define HALF_COLUMNS 76 /* from here on figures stand in two columns */

/* ---- the pen: one line, in colour or not, never too wide --------------------------------- */

enum style { PLAIN, BOLD, DIM, GOOD, WARN, BAD, ACCENT };

struct pen {
    struct buf *out;
    const struct canvas *canvas;
    int left, row; /* columns of this line, and lines, that are still free */
};

static void put(struct pen *p, enum style style, const char *s)
{
    static const char *const codes[] = {"",         "\033[1m",    "\033[2m", "\033[32m",
                                        "\033[33m", "\033[1;31m", "\033[36m"};
    bool colour = p->canvas->colour && style != PLAIN;
    buf_adds(p->out, colour ? codes[style] : "");
    p->left -= text_add(p->out, s, p->left);
    buf_adds(p->out, colour ? "\033[0m" : "");
}

/* S in a field of WIDTH columns: cut, or filled with blanks behind or (RIGHT) before it. */
static void put_field(struct pen *p, enum style style, const char *s, int width, bool right)
{
    struct buf cut = {0}, field = {0};
    text_add(&cut, s, width);
    buf_add(&cut, "", 0);
    text_pad(&field, cut.data, width, right);
    put(p, style, field.data ? field.data : "");
    buf_free(&cut);
    buf_free(&field);
}

static void skip(struct pen *p, int columns)
{
    if (columns > 0)
        put_field(p, PLAIN, "", columns, false);
}

/* False when no line is left. */
static bool next_line(struct pen *p)
{
    if (p->row <= 1)
        return false;
    p->row--;
    p->left = p->canvas->columns;
    buf_adds(p->out, "\n");
    return true;
}

/* ---- words -------------------------------------------------------------------------------- */

static const char *metric_word(int metric)
{
    static const char *const en[METRIC_COUNT] = {"activities", "venues", "residents",
                                                 "raised",     "solved", "unique"};
    static const char *const zh[METRIC_COUNT] = {"活动", "阵地", "居民人次",
                                                 "提出", "解决", "居民人数"};
    return text_either(en[metric], zh[metric]);
}

static const char *kind_word(const char *name)
{
    static const char *const zh[EVENT_KINDS] = {"活动", "到场", "阵地", "问题",
                                                "计划", "期初", "撤销"};
    int kind = event_kind_find(name);
    return kind < 0 ? name : text_either(name, zh[kind]);
}

static const char *status_word(const char *status)
{
    static const char *const words[][2] = {
        {"raised", "提出"}, {"claimed", "认领"}, {"solved", "解决"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(status, words[i][0]) == 0)
            return text_either(words[i][0], words[i][1]);
    return status;
}

/* "09:30:01" by this machine's clock. */
static void clock_of(int64_t instant, char out[9])
{
    struct tm tm;
    time_t seconds = (time_t)(instant / DATE_SECOND);
    out[0] = '\0';
    if (localtime_r(&seconds, &tm))
        strftime(out, 9, "%H:%M:%S", &tm);
}

static const cJSON *get(const cJSON *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

static const cJSON *find(const cJSON *list, const char *id)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, list) if (strcmp(field_text(item, "id"), id) == 0) return item;
    return NULL;
}

static const cJSON *view_part(const struct screen *s, int view, const char *part)
{
    return get(cJSON_GetArrayItem(s->views, view), part);
}

/* ---- the head ----------------------------------------------------------------------------- */

static enum style state_of(const struct screen *s, const struct canvas *canvas, char out[80])
{
    char queued[TEXT_NUMBER];
    if (!s->live && canvas->retry > 0)
        snprintf(out, 80, "%s %ld s", text_either("no connection, again in", "连接断开，再试还有"),
                 canvas->retry);
    else if (!s->live)
        snprintf(out, 80, "%s", text_either("no connection, trying", "连接断开，正在重试"));
    else if (s->store_down)
        snprintf(out, 80, "%s %s", text_either("the store is away; queued:", "存储不在，待计入："),
                 text_number(s->queued, queued));
    else
        snprintf(out, 80, "%s", text_either("live", "实时"));
    return !s->live ? BAD : s->store_down ? WARN : GOOD;
}

/* LEFT, and STATE at the right edge. */
static void head_line(struct pen *p, enum style left_style, const char *left, enum style style,
                      const char *right)
{
    int room = p->left - text_width(right) - 2;
    bool fits = text_width(left) <= room; /* half of an address says nothing */
    put_field(p, left_style, fits ? left : "", room > 0 ? room : 0, false);
    skip(p, 2);
    put(p, style, right);
}

static void head(struct pen *p, const struct screen *s)
{
    char state[80], dotted[96], clock[9], rev[TEXT_NUMBER], queued[TEXT_NUMBER];
    struct buf age = {0};
    enum style style = state_of(s, p->canvas, state);
    snprintf(dotted, sizeof dotted, "● %s", state);
    head_line(p, BOLD, field_text(get(s->catalogue, "alliance"), "name"), style, dotted);
    next_line(p);
    long long old = s->as_of ? (p->canvas->now + s->ahead - s->as_of) / DATE_SECOND : 0;
    clock_of(s->as_of, clock);
    if (s->as_of)
        buf_addf(&age, "%s %s (%lld s)  ", text_either("as of", "截至"), clock, old > 0 ? old : 0);
    buf_addf(&age, "%s %s  %s %s", text_either("queue", "待计入"), text_number(s->queued, queued),
             text_either("revision", "版本"), text_number(s->rev, rev));
    head_line(p, DIM, s->place, old > OLD_SECONDS ? WARN : DIM, age.data);
    buf_free(&age);
}

/* ---- the figures -------------------------------------------------------------------------- */

static void figure(struct pen *p, const struct screen *s, int metric, int width)
{
    char all[TEXT_NUMBER], today[TEXT_NUMBER + 1] = "+", digits[TEXT_NUMBER];
    int64_t n = field_number(view_part(s, VIEW_TODAY, "totals"), metric_names[metric]);
    text_number(field_number(view_part(s, VIEW_ALL, "totals"), metric_names[metric]), all);
    snprintf(today, sizeof today, "%s%s", n > 0 ? "+" : "", text_number(n, digits));
    put_field(p, PLAIN, metric_word(metric), 12, false);
    put_field(p, BOLD, all, width - 12 - 11, true);
    put_field(p, n > 0 ? GOOD : DIM, today, 11, true);
}

static void figures(struct pen *p, const struct screen *s)
{
    const int each = p->canvas->columns >= HALF_COLUMNS ? 2 : 1, width = 36;
    next_line(p);
    next_line(p);
    for (int column = 0; column < each; column++) {
        skip(p, column ? 4 : 0);
        put_field(p, DIM, "", 12, false);
        put_field(p, DIM, text_either("all", "累计"), width - 12 - 11, true);
        put_field(p, DIM, text_either("today", "今日"), 11, true);
    }
    for (int i = 0; i < METRIC_COUNT / each && next_line(p); i++)
        for (int column = 0; column < each; column++) {
            skip(p, column ? 4 : 0);
            figure(p, s, i + column * (METRIC_COUNT / each), width);
        }
}

/* ---- the groups --------------------------------------------------------------------------- */

/* What stands in columns, what matters most first; from the right they give way to the bar. */
static const enum metric columns[] = {METRIC_ACTIVITIES,      METRIC_RESIDENTS,
                                      METRIC_PROBLEMS_RAISED, METRIC_PROBLEMS_SOLVED,
                                      METRIC_VENUES,          METRIC_RESIDENTS_UNIQUE};
#define COLUMNS ((int)(sizeof columns / sizeof *columns))

struct grid {
    int name, width[COLUMNS], count, today, bar;
    int64_t most; /* of today's activities */
};

static const char *name_of(const struct screen *s, const cJSON *group)
{
    const char *id = field_text(group, "id");
    const char *name = field_text(find(get(s->catalogue, dimension_lists[s->by]), id), "name");
    return *name ? name : id;
}

static int wider(int width, const char *text)
{
    int w = text_width(text);
    return w > width ? w : width;
}

static void measure(struct grid *g, const struct screen *s, int room)
{
    const cJSON *group;
    char digits[TEXT_NUMBER];
    g->today = text_width(text_either("today", "今日"));
    for (int c = 0; c < COLUMNS; c++)
        g->width[c] = text_width(metric_word((int)columns[c]));
    cJSON_ArrayForEach(group, view_part(s, VIEW_GROUPS, "groups"))
    {
        g->name = wider(g->name, name_of(s, group));
        for (int c = 0; c < COLUMNS; c++)
            g->width[c] = wider(g->width[c],
                                text_number(field_number(group, metric_names[columns[c]]), digits));
    }
    cJSON_ArrayForEach(group, view_part(s, VIEW_GROUPS_TODAY, "groups"))
    {
        int64_t n = field_number(group, metric_names[METRIC_ACTIVITIES]);
        g->most = n > g->most ? n : g->most;
        g->today = wider(g->today, text_number(n, digits));
    }
    g->name = g->name > NAME_MOST ? NAME_MOST : g->name;
    room -= g->name + 2 + g->today + 1 + BAR_LEAST;
    for (; g->count < COLUMNS && room >= g->width[g->count] + 2; g->count++)
        room -= g->width[g->count] + 2;
    g->bar = BAR_LEAST + (room > 0 ? room : 0);
    g->bar = g->bar > 40 ? 40 : g->bar;
}

/* N of MOST as a bar of at most WIDTH columns, to an eighth of one. */
static void bar(struct pen *p, int64_t n, int64_t most, int width)
{
    static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    struct buf b = {0};
    int64_t parts = most > 0 ? n * width * 8 / most : 0;
    for (int64_t i = 0; i < parts / 8; i++)
        buf_adds(&b, "█");
    buf_adds(&b, eighths[parts > 0 ? parts % 8 : 0]);
    put(p, ACCENT, b.data);
    buf_free(&b);
}

static void group_heads(struct pen *p, const struct screen *s, const struct grid *g)
{
    static const char *const zh[DIM_COUNT] = {"", "联盟圈", "社区", "单位", "项目", "类别"};
    put_field(p, DIM, text_either(dimension_names[s->by], zh[s->by]), g->name, false);
    for (int c = 0; c < g->count; c++)
        put_field(p, DIM, metric_word((int)columns[c]), g->width[c] + 2, true);
    put_field(p, DIM, text_either("today", "今日"), g->today + 2, true);
    put(p, DIM, text_either(" activities", "活动"));
}

static void groups(struct pen *p, const struct screen *s, int most)
{
    struct grid g = {0};
    char digits[TEXT_NUMBER];
    const cJSON *group;
    measure(&g, s, p->canvas->columns);
    next_line(p);
    next_line(p);
    group_heads(p, s, &g);
    cJSON_ArrayForEach(group, view_part(s, VIEW_GROUPS, "groups"))
    {
        if (most-- <= 0 || !next_line(p))
            break;
        const cJSON *day = find(view_part(s, VIEW_GROUPS_TODAY, "groups"), field_text(group, "id"));
        int64_t today = field_number(day, metric_names[METRIC_ACTIVITIES]);
        put_field(p, PLAIN, name_of(s, group), g.name, false);
        for (int c = 0; c < g.count; c++)
            put_field(p, PLAIN, text_number(field_number(group, metric_names[columns[c]]), digits),
                      g.width[c] + 2, true);
        put_field(p, today ? GOOD : DIM, text_number(today, digits), g.today + 2, true);
        skip(p, 1);
        bar(p, today, g.most, g.bar - 2);
    }
}

/* ---- the feed ----------------------------------------------------------------------------- */

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

/* What it is about: its own title, else that of the event that it speaks of, if that is still in
 * the feed, else an id. */
static void add_subject(const struct screen *s, const cJSON *event, struct buf *out)
{
    static const char *const titles[] = {"title", "name"};
    static const char *const about[] = {"activity", "of", "problem", "venue", "plan"};
    if (*field_text(event, "status"))
        buf_addf(out, "%s ", status_word(field_text(event, "status")));
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        if (*field_text(event, titles[i])) {
            buf_adds(out, field_text(event, titles[i]));
            return;
        }
    for (size_t i = 0; i < sizeof about / sizeof *about; i++) {
        const char *id = field_text(event, about[i]);
        if (*id) {
            const char *title = field_text(find(s->events, id), "title");
            buf_adds(out, *title ? title : id);
            return;
        }
    }
}

static void feed_line(struct pen *p, const struct screen *s, const cJSON *event)
{
    const cJSON *residents = get(event, "residents");
    const char *at = field_text(event, "at");
    char number[TEXT_NUMBER], gain[TEXT_NUMBER + 1] = "", clock[9] = "";
    struct buf subject = {0};
    int64_t instant;
    int room = p->left - 10 - 10 - 2 - 8, place = room > 0 ? room / 2 : 0;
    place = place < PLACE_MOST ? place : PLACE_MOST;
    int about = room - place < SUBJECT_MOST ? room - place : SUBJECT_MOST;
    if (date_parse(at, strlen(at), &instant))
        clock_of(instant, clock);
    if (cJSON_IsNumber(residents) || get(event, "resident"))
        snprintf(gain, sizeof gain, "+%s",
                 text_number(residents ? (int64_t)residents->valuedouble : 1, number));
    add_subject(s, event, &subject);
    put_field(p, DIM, clock, 10, false);
    put_field(p, ACCENT, kind_word(field_text(event, "kind")), 10, false);
    put_field(p, PLAIN, subject.data ? subject.data : "", about > 0 ? about : 0, false);
    skip(p, 2);
    put_field(p, DIM, place_of(s, event), place, false);
    put_field(p, GOOD, gain, 8, true);
    buf_free(&subject);
}

static void feed(struct pen *p, const struct screen *s)
{
    const cJSON *event;
    next_line(p);
    cJSON_ArrayForEach(event, s->events)
    {
        if (!next_line(p))
            break;
        feed_line(p, s, event);
    }
}

/* ---- all of it ---------------------------------------------------------------------------- */

void picture_draw(const struct screen *s, const struct canvas *canvas, struct buf *out)
{
    struct pen p = {out, canvas, canvas->columns, canvas->rows};
    head(&p, s);
    if (cJSON_GetArraySize(s->views) != VIEW_COUNT) {
        next_line(&p);
        if (next_line(&p))
            put(&p, DIM, text_either("waiting for the figures …", "正在等待数据 …"));
        return;
    }
    figures(&p, s);
    int count = cJSON_GetArraySize(view_part(s, VIEW_GROUPS, "groups"));
    int room = p.row - 3; /* a blank line, the heads, and the line that we are on */
    int most = count + 5 <= room ? count : room * 2 / 3;
    if (most > 0)
        groups(&p, s, most < count ? most : count);
    if (p.row > 2)
        feed(&p, s);
}

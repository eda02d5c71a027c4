#include "api.h"

#include "catalogue_wire.h"
#include "date.h"
#include "totals_wire.h"
#include <stdlib.h>
#include <string.h>

#define RANGES     "all, today, week, month, year, YYYY, YYYY-MM, YYYY-MM-DD"
#define DIMENSIONS "circle, community, unit, project, category"
#define METRICS    "activities, venues, residents, problems_raised, problems_solved, residents_unique"

/* Nothing was ever read from the store: no figure is better than a wrong one. */
static bool has_figures(struct call *c)
{
    if (alliance_board(c->alliance)->loaded)
        return true;
    answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
    return false;
}

static bool read_by(struct call *c, enum dimension *by)
{
    const char *name = answer_query(c, "by");
    int found = name ? dimension_find(name) : DIM_TOTAL;
    if (found < 0)
        answer_bad_query(c, FAULT_UNKNOWN_VALUE, "by", DIMENSIONS);
    else
        *by = (enum dimension)found;
    return found >= 0;
}

void get_totals(struct call *c)
{
    struct buf body = {0};
    struct range range;
    enum dimension by;
    const struct board *b = alliance_board(c->alliance);
    if (!has_figures(c))
        return;
    if (!range_of(answer_query(c, "range"), b->today, &range)) {
        answer_bad_query(c, FAULT_UNKNOWN_VALUE, "range", RANGES);
        return;
    }
    if (!read_by(c, &by))
        return;
    totals_write(b, &range, by, &body);
    answer_json(c, 200, &body);
}

/* A day, or with YYYY-MM the month's first or last. */
static bool read_day(struct call *c, const char *name, bool last, int32_t *day)
{
    struct range range;
    const char *text = answer_query(c, name);
    if (!text)
        return true;
    if (text[0] < '0' || text[0] > '9' || !range_of(text, 0, &range)) {
        answer_bad_query(c, FAULT_BAD_TIME, name, "YYYY-MM-DD, YYYY-MM");
        return false;
    }
    *day = last ? range.to : range.from;
    return true;
}

static bool read_trend(struct call *c, const struct board *b, struct trend *t)
{
    const char *metric = answer_query(c, "metric"), *step = answer_query(c, "step");
    int found = metric ? metric_find(metric) : METRIC_ACTIVITIES;
    if (found < 0) {
        answer_bad_query(c, FAULT_UNKNOWN_VALUE, "metric", METRICS);
        return false;
    }
    if (step && strcmp(step, "day") != 0 && strcmp(step, "month") != 0) {
        answer_bad_query(c, FAULT_UNKNOWN_VALUE, "step", "day, month");
        return false;
    }
    t->metric = (enum metric)found;
    t->months = step && !strcmp(step, "month");
    t->to = b->today;
    if (!read_day(c, "to", true, &t->to))
        return false;
    t->from = date_add_days(t->to, t->months ? -334 : -29);
    if (!read_day(c, "from", false, &t->from) || !read_by(c, &t->by))
        return false;
    if (t->months)
        t->from = t->from / 100 * 100 + 1;
    t->id = answer_query(c, "id");
    return true;
}

void get_trend(struct call *c)
{
    struct buf body = {0};
    struct trend t = {0};
    const struct board *b = alliance_board(c->alliance);
    if (!has_figures(c) || !read_trend(c, b, &t))
        return;
    int days = date_days_between(t.from, t.to);
    if (days < 0)
        answer_bad_query(c, FAULT_MISMATCH, "from", "from <= to");
    else if ((t.months ? days / 28 : days) >= TREND_POINTS_MAX)
        answer_bad_query(c, FAULT_OUT_OF_RANGE, "from", "1 – 3700 points");
    else if ((t.by == DIM_TOTAL) != (t.id == NULL))
        answer_bad_query(c, FAULT_EITHER_OR, "id", "by and id together");
    else if (t.id && !catalogue_find(b->catalogue, t.by, t.id))
        answer_bad_query(c, FAULT_NOT_IN_CATALOGUE, "id", t.id);
    else {
        trend_write(b, &t, &body);
        answer_json(c, 200, &body);
    }
}

void get_catalogue(struct call *c)
{
    struct buf body = {0};
    catalogue_write(c->alliance->catalogue, &body);
    answer_json(c, 200, &body);
}

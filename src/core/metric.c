#include "metric.h"

#include <stddef.h>
#include <string.h>

const char *const metric_names[METRIC_COUNT] = {
    [METRIC_ACTIVITIES] = "activities",
    [METRIC_VENUES] = "venues",
    [METRIC_RESIDENTS] = "residents",
    [METRIC_PROBLEMS_RAISED] = "problems_raised",
    [METRIC_PROBLEMS_SOLVED] = "problems_solved",
    [METRIC_RESIDENTS_UNIQUE] = "residents_unique",
};

const char *const dimension_names[DIM_COUNT] = {
    [DIM_TOTAL] = "",    [DIM_CIRCLE] = "circle",   [DIM_COMMUNITY] = "community",
    [DIM_UNIT] = "unit", [DIM_PROJECT] = "project", [DIM_CATEGORY] = "category",
};

const char *const dimension_lists[DIM_COUNT] = {
    [DIM_TOTAL] = "",     [DIM_CIRCLE] = "circles",   [DIM_COMMUNITY] = "communities",
    [DIM_UNIT] = "units", [DIM_PROJECT] = "projects", [DIM_CATEGORY] = "categories",
};

static int find(const char *const *names, int from, int count, const char *name)
{
    if (name)
        for (int i = from; i < count; i++)
            if (strcmp(names[i], name) == 0)
                return i;
    return -1;
}

int metric_find(const char *name)
{
    return find(metric_names, 0, METRIC_COUNT, name);
}

int dimension_find(const char *name)
{
    return find(dimension_names, DIM_CIRCLE, DIM_COUNT, name);
}

/* metric: what is counted, and by what it can be grouped; names are the contract's. */
#ifndef TALLYD_METRIC_H
#define TALLYD_METRIC_H

enum metric {
    METRIC_ACTIVITIES,
    METRIC_VENUES, /* a state: its days hold changes, their running sum is the figure */
    METRIC_RESIDENTS,
    METRIC_PROBLEMS_RAISED,
    METRIC_PROBLEMS_SOLVED,
    METRIC_SUMMED,                           /* those above add up over days */
    METRIC_RESIDENTS_UNIQUE = METRIC_SUMMED, /* an estimate: never added up */
    METRIC_COUNT
};

enum dimension {
    DIM_TOTAL,
    DIM_CIRCLE,
    DIM_COMMUNITY,
    DIM_UNIT,
    DIM_PROJECT,
    DIM_CATEGORY,
    DIM_COUNT
};

/* Names by number; NULL-safe lookups return -1 where there is none. DIM_TOTAL's name is "". */
extern const char *const metric_names[METRIC_COUNT];
extern const char *const dimension_names[DIM_COUNT];
extern const char *const dimension_lists[DIM_COUNT]; /* as the catalogue calls them: "circles" */
int metric_find(const char *name);
int dimension_find(const char *name); /* circle … category only */

#endif

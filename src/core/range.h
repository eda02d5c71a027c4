/* range: a span of days with a name: all, today, week, month, year, YYYY, YYYY-MM, YYYY-MM-DD. */
#ifndef TALLYD_RANGE_H
#define TALLYD_RANGE_H

#include <stdbool.h>
#include <stdint.h>

/* Plain value. From and to are days (YYYYMMDD), both inside. */
struct range {
    char name[12];   /* as asked */
    char bucket[12]; /* where the store keeps its estimate of unique residents: "*", "D20261124",
                      * "W20261123" (the week's Monday), "M202611", "Y2026" */
    int32_t from, to;
    bool all;   /* everything, opening balances too; from is 0, to 99991231 */
    bool moves; /* today, week, month, year: another span after midnight */
};

/* The range of that NAME on the day TODAY; NULL name is "all". False if there is no such range. */
bool range_of(const char *name, int32_t today, struct range *out);

#endif

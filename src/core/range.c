#include "range.h"

#include "date.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void set(struct range *r, int32_t from, int32_t to, char letter, int32_t bucket)
{
    r->from = from;
    r->to = to;
    snprintf(r->bucket, sizeof r->bucket, "%c%d", letter, bucket);
}

static void set_month(struct range *r, int32_t day)
{
    set(r, day / 100 * 100 + 1, date_month_end(day), 'M', day / 100);
}

static void set_year(struct range *r, int32_t day)
{
    set(r, day / 10000 * 10000 + 101, day / 10000 * 10000 + 1231, 'Y', day / 10000);
}

/* YYYY, YYYY-MM or YYYY-MM-DD as YYYYMMDD with 01 for what isn't there; 0 if it isn't one. */
static int32_t calendar_day(const char *name, size_t len)
{
    static const char pattern[] = "dddd-dd-dd";
    char digits[9] = "00000101";
    size_t n = 0;
    if (len != 4 && len != 7 && len != 10)
        return 0;
    for (size_t i = 0; i < len; i++) {
        if (pattern[i] == 'd' ? !isdigit((unsigned char)name[i]) : name[i] != '-')
            return 0;
        if (pattern[i] == 'd')
            digits[n++] = name[i];
    }
    int32_t day = (int32_t)strtol(digits, NULL, 10);
    return date_valid(day) ? day : 0;
}

bool range_of(const char *name, int32_t today, struct range *r)
{
    memset(r, 0, sizeof *r);
    if (!name)
        name = "all";
    size_t len = strlen(name);
    if (len >= sizeof r->name)
        return false;
    memcpy(r->name, name, len + 1);
    int32_t day = calendar_day(name, len);
    r->moves = day == 0;
    if (!strcmp(name, "all")) {
        r->all = true;
        r->moves = false;
        r->to = 99991231;
        strcpy(r->bucket, "*");
    } else if (!strcmp(name, "today") || (day && len == 10)) {
        day = day ? day : today;
        set(r, day, day, 'D', day);
    } else if (!strcmp(name, "week")) {
        int32_t monday = date_monday(today);
        set(r, monday, date_add_days(monday, 6), 'W', monday);
    } else if (!strcmp(name, "month") || (day && len == 7)) {
        set_month(r, day ? day : today);
    } else if (!strcmp(name, "year") || (day && len == 4)) {
        set_year(r, day ? day : today);
    } else {
        return false;
    }
    return true;
}

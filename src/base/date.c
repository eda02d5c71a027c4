#include "date.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define ZONE_FOLDER "/usr/share/zoneinfo/"
#define DAY_SECONDS 86400
#define FIRST_DAY   10101    /* 0001-01-01 */
#define LAST_DAY    99991231 /* 9999-12-31 */

/* ---- the calendar: days since 1970-01-01 and YYYYMMDD ---- */

/* Years are taken to start in March: then the leap day is the last of its year and the months'
 * lengths follow one line, (153 m + 2) / 5. */
static int64_t days_of(int32_t day)
{
    int64_t year = day / 10000, month = day / 100 % 100, date = day % 100;
    if (month < 3)
        year--;
    int64_t month_from_march = (month + 9) % 12;
    int64_t leap_days = year / 4 - year / 100 + year / 400;
    /* 719468 days lie between 0000-03-01 and 1970-01-01. */
    return year * 365 + leap_days + (153 * month_from_march + 2) / 5 + date - 1 - 719468;
}

/* The inverse; what lies outside the years 0001 to 9999 is moved to their edge. */
static int32_t day_of(int64_t days)
{
    if (days < days_of(FIRST_DAY))
        return FIRST_DAY;
    if (days > days_of(LAST_DAY))
        return LAST_DAY;
    int64_t n = days + 719468;
    int64_t era = n / 146097, in_era = n % 146097; /* 400 years */
    int64_t year_in_era = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    int64_t in_year = in_era - (365 * year_in_era + year_in_era / 4 - year_in_era / 100);
    int64_t month_from_march = (5 * in_year + 2) / 153;
    int64_t date = in_year - (153 * month_from_march + 2) / 5 + 1;
    int64_t month = (month_from_march + 2) % 12 + 1;
    int64_t year = era * 400 + year_in_era + (month < 3);
    return (int32_t)(year * 10000 + month * 100 + date);
}

static int month_length(int32_t year, int32_t month)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return lengths[month - 1] + (month == 2 && leap);
}

bool date_valid(int32_t day)
{
    int32_t month = day / 100 % 100, date = day % 100;
    return day >= FIRST_DAY && day <= LAST_DAY && month >= 1 && month <= 12 && date >= 1 &&
           date <= month_length(day / 10000, month);
}

int32_t date_add_days(int32_t day, int n)
{
    return day_of(days_of(day) + n);
}

int32_t date_monday(int32_t day)
{
    int64_t days = days_of(day);
    int64_t weekday = ((days + 3) % 7 + 7) % 7; /* 1970-01-01 was a Thursday */
    return day_of(days - weekday);
}

int32_t date_month_end(int32_t day)
{
    return day / 100 * 100 + month_length(day / 10000, day / 100 % 100);
}

int date_days_between(int32_t from, int32_t to)
{
    return (int)(days_of(to) - days_of(from));
}

char *date_day_text(int32_t day, char out[11])
{
    unsigned n = (unsigned)day;
    snprintf(out, 11, "%04u-%02u-%02u", n / 10000 % 10000, n / 100 % 100, n % 100);
    return out;
}

/* ---- the zone ---- */

/* IANA's names start with a capital; what starts small in the folder is something else, such as
 * "right/", whose zones count leap seconds. Without a dot no name can leave the folder. */
static bool is_zone_name(const char *name)
{
    if (!isupper((unsigned char)name[0]) || strlen(name) > 64)
        return false;
    for (const char *p = name; *p; p++)
        if (!isalnum((unsigned char)*p) && !strchr("_+-/", *p))
            return false;
    return true;
}

static bool zone_path(const char *name, char *path, size_t size)
{
    if (!is_zone_name(name))
        return false;
    snprintf(path, size, ZONE_FOLDER "%s", name);
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, R_OK) == 0;
}

bool date_zone_known(const char *name)
{
    char path[128];
    return zone_path(name, path, sizeof path);
}

bool date_zone(const char *name)
{
    /* The whole path, so that a TZDIR in the environment can't give another zone that name. */
    char value[128] = ":";
    if (!zone_path(name, value + 1, sizeof value - 1) || setenv("TZ", value, 1) != 0)
        return false;
    tzset();
    return true;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Seconds that the zone is ahead of UTC at a time in seconds. */
static int64_t zone_offset(int64_t seconds)
{
    time_t t = seconds;
    struct tm local;
    return localtime_r(&t, &local) ? local.tm_gmtoff : 0;
}

static int64_t local_days(int64_t seconds)
{
    return floor_div(seconds + zone_offset(seconds), DAY_SECONDS);
}

int32_t date_day(int64_t instant)
{
    return day_of(local_days(floor_div(instant, DATE_SECOND)));
}

/* Where the clocks skip midnight a day starts late, and a zone that changes sides of the date
 * line skips a whole one: so the start is searched for, not computed. */
int64_t date_start(int32_t day)
{
    int64_t days = days_of(day);
    int64_t before = (days - 1) * DAY_SECONDS, reached = (days + 1) * DAY_SECONDS;
    while (reached - before > 1) {
        int64_t middle = before + (reached - before) / 2;
        if (local_days(middle) < days)
            before = middle;
        else
            reached = middle;
    }
    return reached * DATE_SECOND;
}

/* ---- RFC 3339 ---- */

/* What is left to read of a text. */
struct reader {
    const char *at, *end;
};

/* Reads exactly DIGITS digits with a value from MIN to MAX. */
static bool read_number(struct reader *r, int digits, int min, int max, int *out)
{
    int n = 0;
    for (int i = 0; i < digits; i++, r->at++) {
        if (r->at == r->end || !isdigit((unsigned char)*r->at))
            return false;
        n = n * 10 + (*r->at - '0');
    }
    *out = n;
    return n >= min && n <= max;
}

static bool read_one_of(struct reader *r, const char *allowed)
{
    if (r->at == r->end || !*r->at || !strchr(allowed, *r->at))
        return false;
    r->at++;
    return true;
}

static bool read_day(struct reader *r, int32_t *day)
{
    int year, month, date;
    if (!read_number(r, 4, 1, 9999, &year) || !read_one_of(r, "-") ||
        !read_number(r, 2, 1, 12, &month) || !read_one_of(r, "-") ||
        !read_number(r, 2, 1, 31, &date))
        return false;
    *day = year * 10000 + month * 100 + date;
    return date_valid(*day);
}

/* Any number of digits; what is finer than a microsecond is cut. */
static bool read_fraction(struct reader *r, int64_t *micros)
{
    *micros = 0;
    if (!read_one_of(r, "."))
        return true;
    int64_t unit = DATE_SECOND / 10;
    const char *start = r->at;
    for (; r->at < r->end && isdigit((unsigned char)*r->at); r->at++, unit /= 10)
        *micros += unit * (*r->at - '0');
    return r->at > start;
}

static bool read_offset(struct reader *r, int *seconds)
{
    *seconds = 0;
    if (read_one_of(r, "Zz"))
        return true;
    int sign = r->at < r->end && *r->at == '-' ? -1 : 1;
    int hours, minutes;
    if (!read_one_of(r, "+-") || !read_number(r, 2, 0, 23, &hours) || !read_one_of(r, ":") ||
        !read_number(r, 2, 0, 59, &minutes))
        return false;
    *seconds = sign * (hours * 3600 + minutes * 60);
    return true;
}

/* Leap seconds are put at the end of a UTC month and nowhere else. SECONDS: the second behind. */
static bool may_be_leap(int64_t seconds)
{
    return seconds % DAY_SECONDS == 0 && day_of(seconds / DAY_SECONDS) % 100 == 1;
}

bool date_parse(const char *text, size_t len, int64_t *instant)
{
    struct reader r = {text, text + len};
    int32_t day;
    int hour, minute, second, offset;
    int64_t micros;
    if (!read_day(&r, &day) || !read_one_of(&r, "Tt ") || !read_number(&r, 2, 0, 23, &hour) ||
        !read_one_of(&r, ":") || !read_number(&r, 2, 0, 59, &minute) || !read_one_of(&r, ":") ||
        !read_number(&r, 2, 0, 60, &second) || !read_fraction(&r, &micros) ||
        !read_offset(&r, &offset) || r.at != r.end)
        return false;
    int64_t seconds = days_of(day) * DAY_SECONDS + (hour * 60L + minute) * 60 + second - offset;
    if (second == 60) {
        if (!may_be_leap(seconds))
            return false;
        micros = 0;
    }
    if (seconds < days_of(FIRST_DAY) * DAY_SECONDS ||
        seconds >= (days_of(LAST_DAY) + 1) * DAY_SECONDS)
        return false;
    *instant = seconds * DATE_SECOND + micros;
    return true;
}

char *date_format(int64_t instant, char out[40])
{
    int64_t seconds = floor_div(instant, DATE_SECOND);
    int64_t micros = instant - seconds * DATE_SECOND;
    /* Old local times lie odd seconds off; the form has only minutes, so the time follows. */
    int64_t offset = floor_div(zone_offset(seconds), 60) * 60;
    int64_t days = floor_div(seconds + offset, DAY_SECONDS);
    if (days < days_of(FIRST_DAY) || days > days_of(LAST_DAY)) {
        offset = 0; /* four digits can't say the local year: say it in UTC */
        days = floor_div(seconds, DAY_SECONDS);
    }
    int in_day = (int)(seconds + offset - days * DAY_SECONDS);
    int ahead = (int)(offset < 0 ? -offset : offset) / 60;
    char day[11];
    snprintf(out, 40, "%sT%02d:%02d:%02d.%03d%c%02d:%02d", date_day_text(day_of(days), day),
             in_day / 3600, in_day / 60 % 60, in_day % 60, (int)(micros / 1000),
             offset < 0 ? '-' : '+', ahead / 60 % 24, ahead % 60);
    return out;
}

int64_t date_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * DATE_SECOND + now.tv_nsec / 1000;
}

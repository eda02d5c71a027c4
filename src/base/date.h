/* date: instants and the days they fall on. An instant is microseconds since 1970-01-01T00:00Z
 * (int64); a day is the number YYYYMMDD in the one configured IANA time zone. */
#ifndef TALLYD_DATE_H
#define TALLYD_DATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DATE_SECOND INT64_C(1000000)

/* Sets the zone for the whole process ("Asia/Shanghai"); false if the machine has no such zone.
 * Names that leave the zone folder are refused. */
bool date_zone(const char *name);
/* Would date_zone take this name? Changes nothing. */
bool date_zone_known(const char *name);

/* RFC 3339 to the letter: full date, 'T' or 't' or ' ' between, seconds, optional fraction (cut
 * to microseconds), 'Z' or 'z' or ±hh:mm. A leap second :60 counts as the next second's start
 * and may stand only at the end of a month in UTC. Real calendar days only; years 0001 to 9999,
 * in UTC too. LEN bytes of TEXT. False if it isn't one. */
bool date_parse(const char *text, size_t len, int64_t *instant);

/* Instant as RFC 3339 in the zone, with offset and milliseconds: "2026-11-24T13:05:09.123+08:00"
 * OUT holds at least 40 bytes. Returns OUT. */
char *date_format(int64_t instant, char out[40]);

/* The day an instant falls on in the zone. */
int32_t date_day(int64_t instant);
/* The first instant of a day in the zone; where the zone skipped the day, of the next one. */
int64_t date_start(int32_t day);

/* Calendar arithmetic on YYYYMMDD, no zone involved. */
bool date_valid(int32_t day);
int32_t date_add_days(int32_t day, int n);
int32_t date_monday(int32_t day);                /* the Monday of its ISO week */
int32_t date_month_end(int32_t day);             /* the last day of its month */
int date_days_between(int32_t from, int32_t to); /* to - from in days */

/* "2026-11-24"; OUT holds 11 bytes. Returns OUT. */
char *date_day_text(int32_t day, char out[11]);

/* The wall clock now, for those floors that may read it (io, app, mains). */
int64_t date_now(void);

#endif

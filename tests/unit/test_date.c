#include "unit.h"

#include "date.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int64_t at(const char *text)
{
    int64_t instant;
    if (!date_parse(text, strlen(text), &instant))
        fail_msg("not parsed: %s", text);
    return instant;
}

static void use_zone(const char *name)
{
    assert_true(date_zone(name));
}

static void reads_rfc3339(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t instant;
    } cases[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"1970-01-01t00:00:00z", 0},
        {"1970-01-01 00:00:00Z", 0},
        {"1970-01-01T08:00:00+08:00", 0},
        {"1969-12-31T16:30:00-07:30", 0},
        {"1970-01-01T00:00:00-00:00", 0},
        {"1970-01-01T23:59:00+23:59", 0},
        {"1969-12-31T23:59:59.999999Z", -1},
        {"1970-01-01T00:00:00.1Z", 100000},
        {"1970-01-01T00:00:00.12Z", 120000},
        {"1970-01-01T00:00:00.123456Z", 123456},
        {"1970-01-01T00:00:00.1234567Z", 123456},
        {"1970-01-01T00:00:00.123456999999Z", 123456},
        {"1970-01-01T00:00:00.000000000001Z", 0},
        {"2000-02-29T00:00:00Z", INT64_C(951782400000000)},
        {"2024-02-29T12:00:00+08:00", INT64_C(1709179200000000)},
        {"2026-11-24T13:05:09.123+08:00", INT64_C(1795496709123000)},
        {"0001-01-01T00:00:00Z", INT64_C(-62135596800000000)},
        {"9999-12-31T23:59:59.999999Z", INT64_C(253402300799999999)},
        {"2016-12-31T23:59:60Z", INT64_C(1483228800000000)},
        {"2016-12-31T23:59:60.9Z", INT64_C(1483228800000000)},
        {"2017-01-01T07:59:60+08:00", INT64_C(1483228800000000)},
        {"1990-12-31T15:59:60-08:00", INT64_C(662688000000000)},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t instant = 0;
        if (!date_parse(cases[i].text, strlen(cases[i].text), &instant) ||
            instant != cases[i].instant)
            fail_msg("%s: %lld", cases[i].text, (long long)instant);
    }
}

static void refuses_what_is_not_rfc3339(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "2026",
        "2026-11-24",
        "2026-11-24T13:05:09",
        "2026-11-24T13:05Z",
        "2026-11-24T13:05:09 Z",
        "2026-11-24T13:05:09Z ",
        " 2026-11-24T13:05:09Z",
        "2026-11-24T13:05:09Zx",
        "2026-11-24T13:05:09+08:00Z",
        "2026-11-24T13:05:09.Z",
        "2026-11-24T13:05:09,5Z",
        "2026-11-24T24:00:00Z",
        "2026-11-24T13:60:09Z",
        "2026-11-24T13:05:61Z",
        "2026-11-24T13:05:60Z",
        "2026-11-30T12:59:60Z",
        "2016-12-31T23:59:60+08:00",
        "2026-02-30T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "2026-04-31T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-01-00T00:00:00Z",
        "2026-1-01T00:00:00Z",
        "26-01-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "10000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "9999-12-31T23:59:60Z",
        "2026-11-24T13:05:09+24:00",
        "2026-11-24T13:05:09+08:60",
        "2026-11-24T13:05:09+0800",
        "2026-11-24T13:05:09+08",
        "2026-11-24T13:05:09+8:00",
        "2026-11-24T13:05:09 +08:00",
        "2026-11-24T13:05:09UTC",
        "2026-11-24X13:05:09Z",
        "2026/11/24T13:05:09Z",
        "-026-11-24T13:05:09Z",
        "+026-11-24T13:05:09Z",
        "2026-11-24T13:05:+9Z",
        "2026-11-24T1３:05:09Z",
        "1795496709",
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        int64_t instant;
        if (date_parse(bad[i], strlen(bad[i]), &instant))
            fail_msg("taken: %s", bad[i]);
    }
}

/* The text is LEN bytes: nothing behind them counts, and a NUL in them is no end. */
static void reads_no_further_than_told(void **state)
{
    (void)state;
    const char text[] = "2026-11-24T13:05:09Z\0+08:00";
    int64_t instant;
    assert_true(date_parse(text, 20, &instant));
    for (size_t len = 0; len < 20; len++)
        assert_false(date_parse(text, len, &instant));
    assert_false(date_parse(text, 21, &instant));
    assert_false(date_parse(text, sizeof text - 1, &instant));
}

static void days_turn_at_shanghai_midnight(void **state)
{
    (void)state;
    char text[40];
    use_zone("Asia/Shanghai");
    assert_int_equal(date_day(at("2026-11-23T15:59:59.999999Z")), 20261123);
    assert_int_equal(date_day(at("2026-11-23T16:00:00Z")), 20261124);
    assert_int_equal(date_day(at("2025-12-31T16:00:00Z")), 20260101);
    assert_int_equal(date_day(at("1969-12-31T15:59:59Z")), 19691231);
    assert_int_equal(date_start(20261124), at("2026-11-24T00:00:00+08:00"));
    assert_string_equal(date_format(at("2026-11-24T05:05:09.123999Z"), text),
                        "2026-11-24T13:05:09.123+08:00");
    assert_string_equal(date_format(at("1969-12-31T23:59:59.999999Z"), text),
                        "1970-01-01T07:59:59.999+08:00");
}

static void days_are_longer_and_shorter_in_new_york(void **state)
{
    (void)state;
    char text[40];
    use_zone("America/New_York");
    assert_int_equal(date_start(20260309) - date_start(20260308), 23 * 3600 * DATE_SECOND);
    assert_int_equal(date_start(20261102) - date_start(20261101), 25 * 3600 * DATE_SECOND);
    assert_int_equal(date_day(at("2026-03-08T04:59:59Z")), 20260307);
    assert_int_equal(date_day(at("2026-03-08T05:00:00Z")), 20260308);
    assert_int_equal(date_day(at("2026-03-09T03:59:59Z")), 20260308);
    assert_int_equal(date_day(at("2026-03-09T04:00:00Z")), 20260309);
    assert_string_equal(date_format(at("2026-03-08T06:59:59Z"), text),
                        "2026-03-08T01:59:59.000-05:00");
    assert_string_equal(date_format(at("2026-03-08T07:00:00Z"), text),
                        "2026-03-08T03:00:00.000-04:00");
}

static void days_may_lack_midnight_or_be_skipped(void **state)
{
    (void)state;
    use_zone("America/Sao_Paulo");
    assert_int_equal(date_start(20181104), at("2018-11-04T01:00:00-02:00"));
    use_zone("Pacific/Apia"); /* went from the 29th to the 31st of December 2011 */
    assert_int_equal(date_start(20111230), date_start(20111231));
    assert_int_equal(date_day(date_start(20111230)), 20111231);
    assert_int_equal(date_day(date_start(20111230) - 1), 20111229);
}

static void every_day_starts_where_the_one_before_ends(void **state)
{
    (void)state;
    static const char *const zones[] = {"Asia/Shanghai",  "America/New_York",   "Europe/London",
                                        "Asia/Kathmandu", "Pacific/Kiritimati", "UTC"};
    for (size_t z = 0; z < COUNT_OF(zones); z++) {
        use_zone(zones[z]);
        for (int32_t day = 20231225; day != 20260110; day = date_add_days(day, 1)) {
            int64_t start = date_start(day);
            assert_int_equal(date_day(start), day);
            assert_int_equal(date_day(start - 1), date_add_days(day, -1));
        }
    }
}

static void what_is_written_is_read_again(void **state)
{
    (void)state;
    static const char *const zones[] = {"Asia/Shanghai", "America/New_York", "Asia/Kathmandu"};
    static const char *const edges[] = {"0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"};
    for (size_t z = 0; z < COUNT_OF(zones); z++) {
        use_zone(zones[z]);
        /* From 1850, when offsets had seconds, in steps that meet every hour and minute. */
        for (int64_t i = at("1850-01-01T00:00:00Z"); i < at("2100-01-01T00:00:00Z");
             i += INT64_C(86399007) * 100000) {
            char text[40];
            int64_t cut = i - (i % 1000 + 1000) % 1000;
            assert_int_equal(at(date_format(i, text)), cut);
        }
        for (size_t e = 0; e < COUNT_OF(edges); e++) {
            char text[40];
            assert_int_equal(at(date_format(at(edges[e]), text)), at(edges[e]));
            assert_true(date_valid(date_day(at(edges[e]))));
        }
    }
}

static void takes_only_real_zones(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "Mars/Phobos",
        "../zoneinfo/UTC",
        "Asia/../UTC",
        "/etc/localtime",
        "Asia",
        "zone.tab",
        "tzdata.zi",
        "Asia/",
        "asia shanghai",
        "UTC\n",
        "./UTC",
        ":UTC",
        "+VERSION",
        "/usr/share/zoneinfo/UTC",
        "right/UTC",
        "leapseconds",
        "Asia/Shanghai/",
    };
    use_zone("Asia/Shanghai");
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        if (date_zone_known(bad[i]) || date_zone(bad[i]))
            fail_msg("taken: '%s'", bad[i]);
    }
    assert_int_equal(date_day(at("2026-11-23T16:00:00Z")), 20261124); /* still Shanghai */
    assert_true(date_zone_known("Etc/GMT+5"));
    assert_int_equal(date_day(at("2026-11-23T16:00:00Z")), 20261124);
    setenv("TZDIR", "/nowhere", 1);
    use_zone("America/New_York");
    assert_int_equal(date_day(at("2026-11-24T04:59:59Z")), 20261123);
    unsetenv("TZDIR");
}

static void knows_the_calendar(void **state)
{
    (void)state;
    static const int32_t good[] = {10101, 20000229, 20240229, 20261231, 99991231};
    static const int32_t bad[] = {0,        -20260101, 19000229, 20260229,  20260431, 20261301,
                                  20260100, 20260001,  101,      100000101, 2026};
    for (size_t i = 0; i < COUNT_OF(good); i++)
        assert_true(date_valid(good[i]));
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_false(date_valid(bad[i]));
    assert_int_equal(date_add_days(20240228, 1), 20240229);
    assert_int_equal(date_add_days(20250228, 1), 20250301);
    assert_int_equal(date_add_days(20260101, -1), 20251231);
    assert_int_equal(date_add_days(20000101, 366), 20010101);
    assert_int_equal(date_add_days(10101, -1), 10101);
    assert_int_equal(date_add_days(99991231, 1), 99991231);
    assert_int_equal(date_month_end(20240210), 20240229);
    assert_int_equal(date_month_end(20250210), 20250228);
    assert_int_equal(date_month_end(20261105), 20261130);
    assert_int_equal(date_month_end(20261231), 20261231);
    assert_int_equal(date_days_between(20251231, 20260102), 2);
    assert_int_equal(date_days_between(20260102, 20251231), -2);
    assert_int_equal(date_days_between(10101, 99991231), 3652058);
}

static void walks_every_day_there_is(void **state)
{
    (void)state;
    int32_t day = 10101;
    for (int n = 0; day != 99991231; n++) {
        int32_t next = date_add_days(day, 1);
        if (next <= day || !date_valid(next) || date_days_between(10101, day) != n)
            fail_msg("after %d: %d", day, next);
        day = next;
    }
}

static void weeks_start_on_monday(void **state)
{
    (void)state;
    static const int32_t cases[][2] = {
        {20260101, 20251229}, /* a Thursday: its week began last year */
        {20251228, 20251222}, {20251229, 20251229}, {20270103, 20261228}, {20270104, 20270104},
        {20240229, 20240226}, {19700101, 19691229}, {19690101, 19681230}, {20000103, 20000103},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_int_equal(date_monday(cases[i][0]), cases[i][1]);
}

static void writes_days(void **state)
{
    (void)state;
    char text[11];
    assert_string_equal(date_day_text(20261124, text), "2026-11-24");
    assert_string_equal(date_day_text(10203, text), "0001-02-03");
}

static void reads_the_clock(void **state)
{
    (void)state;
    int64_t now = date_now();
    assert_true(now > at("2024-01-01T00:00:00Z"));
    assert_true(date_now() >= now);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_rfc3339),
        cmocka_unit_test(refuses_what_is_not_rfc3339),
        cmocka_unit_test(reads_no_further_than_told),
        cmocka_unit_test(days_turn_at_shanghai_midnight),
        cmocka_unit_test(days_are_longer_and_shorter_in_new_york),
        cmocka_unit_test(days_may_lack_midnight_or_be_skipped),
        cmocka_unit_test(every_day_starts_where_the_one_before_ends),
        cmocka_unit_test(what_is_written_is_read_again),
        cmocka_unit_test(takes_only_real_zones),
        cmocka_unit_test(knows_the_calendar),
        cmocka_unit_test(walks_every_day_there_is),
        cmocka_unit_test(weeks_start_on_monday),
        cmocka_unit_test(writes_days),
        cmocka_unit_test(reads_the_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

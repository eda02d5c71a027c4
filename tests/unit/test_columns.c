/* What a sheet's heads and cells mean. */
#include "unit.h"

#include "cell.h"
#include "columns.h"
#include "date.h"
#include <stdlib.h>
#include <string.h>

/* ---- heads ---- */

static const struct {
    const char *head;
    enum event_kind kind;
    int field;
} heads[] = {
    {"编号", EVENT_ACTIVITY, FIELD_ID},
    {"id", EVENT_PROBLEM, FIELD_ID},
    {"时间", EVENT_VENUE, FIELD_AT},
    {"日期", EVENT_ACTIVITY, FIELD_AT},
    {"at", EVENT_REACH, FIELD_AT},
    {"Date", EVENT_ACTIVITY, FIELD_AT},
    {"标题", EVENT_PROBLEM, FIELD_TITLE},
    {"活动名称", EVENT_ACTIVITY, FIELD_TITLE},
    {"TITLE", EVENT_PLAN, FIELD_TITLE},
    {"社区", EVENT_ACTIVITY, FIELD_COMMUNITY},
    {"community", EVENT_ACTIVITY, FIELD_COMMUNITY},
    {"单位", EVENT_ACTIVITY, FIELD_UNIT},
    {"成员单位", EVENT_PROBLEM, FIELD_UNIT},
    {"项目", EVENT_ACTIVITY, FIELD_PROJECT},
    {"阵地", EVENT_VENUE, FIELD_VENUE},
    {"人数", EVENT_ACTIVITY, FIELD_RESIDENTS},
    {"人次", EVENT_REACH, FIELD_RESIDENTS},
    {"residents", EVENT_ACTIVITY, FIELD_RESIDENTS},
    {"问题", EVENT_PROBLEM, FIELD_PROBLEM},
    {"状态", EVENT_PROBLEM, FIELD_STATUS},
    {"开始时间", EVENT_PLAN, FIELD_STARTS},
    {"starts", EVENT_PLAN, FIELD_STARTS},
    {"是否共享", EVENT_VENUE, FIELD_SHARED},
    {"类型", EVENT_ACTIVITY, FIELD_KIND},
    {"kind", EVENT_PLAN, FIELD_KIND},
    /* As they are really typed. */
    {" 人　数 ", EVENT_ACTIVITY, FIELD_RESIDENTS},
    {"辐射居民（人次）", EVENT_ACTIVITY, FIELD_RESIDENTS},
    {"*标题", EVENT_ACTIVITY, FIELD_TITLE},
    {"活动\n名称：", EVENT_ACTIVITY, FIELD_TITLE},
    {"ＩＤ", EVENT_ACTIVITY, FIELD_ID},
    /* One head, two meanings. */
    {"活动编号", EVENT_ACTIVITY, FIELD_ID},
    {"活动编号", EVENT_REACH, FIELD_ACTIVITY},
    {"名称", EVENT_VENUE, FIELD_NAME},
    {"名称", EVENT_ACTIVITY, FIELD_TITLE},
    /* What is no field of such a row. */
    {"状态", EVENT_ACTIVITY, COLUMN_OTHER},
    {"starts", EVENT_ACTIVITY, COLUMN_OTHER},
    {"序号", EVENT_ACTIVITY, COLUMN_IGNORED},
    {"错误", EVENT_ACTIVITY, COLUMN_IGNORED},
    {"error", EVENT_PLAN, COLUMN_IGNORED},
    {"备注", EVENT_ACTIVITY, COLUMN_UNKNOWN},
    {"metrics", EVENT_ACTIVITY, COLUMN_UNKNOWN},
    {"reason", EVENT_ACTIVITY, COLUMN_UNKNOWN},
    {"", EVENT_ACTIVITY, COLUMN_UNKNOWN},
    {"()", EVENT_ACTIVITY, COLUMN_UNKNOWN},
};

static void knows_heads_in_both_languages(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(heads); i++)
        if (column_find(heads[i].head, heads[i].kind) != heads[i].field)
            fail_msg("%s in a row of %s: %d", heads[i].head, event_kind_names[heads[i].kind],
                     column_find(heads[i].head, heads[i].kind));
}

static void lists_every_name(void **state)
{
    (void)state;
    struct buf names = {0};
    column_names(1u << EVENT_PROBLEM, &names);
    for (const char *const *part =
             (const char *const[]){"编号/", "社区/", "状态/", "problem", "问题编号/", NULL};
         *part; part++)
        if (!strstr(names.data, *part))
            fail_msg("no %s in %s", *part, names.data);
    assert_null(strstr(names.data, "residents"));
    buf_free(&names);
}

static bool read_head(const char *line, enum event_kind kind, bool ignore, struct columns *c,
                      struct buf *error)
{
    struct csv sheet;
    struct csv_row row = {0};
    csv_open(&sheet, line, strlen(line));
    csv_next(&sheet, &row);
    buf_reset(error);
    buf_adds(error, "");
    bool ok = columns_read(c, &row, kind, ignore, error);
    csv_row_free(&row);
    return ok;
}

static void refuses_heads_that_cannot_be(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        enum event_kind kind;
        const char *told[3];
    } cases[] = {
        {"日期,标题,备注", EVENT_ACTIVITY, {"column 3: unknown head: 备注", "known: ", "社区"}},
        {"日期,标题,状态", EVENT_ACTIVITY, {"unknown head: 状态"}},
        {"日期,时间,标题", EVENT_ACTIVITY, {"columns 1 and 2, 日期 and 时间, both mean at"}},
        {"标题,社区", EVENT_ACTIVITY, {"a column is missing: ", "日期"}},
        {"日期,类型,类型", EVENT_ACTIVITY, {"both mean kind"}},
        {"2026年统计表,,", EVENT_ACTIVITY, {"column 1: unknown head: 2026年统计表"}},
        {"时间,标题", EVENT_PROBLEM, {"missing: 问题/问题编号/problem", "missing: 状态/status"}},
        {"标题,类型", EVENT_ACTIVITY, {"a column is missing: "}},
    };
    struct buf error = {0};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct columns c;
        if (read_head(cases[i].line, cases[i].kind, false, &c, &error))
            fail_msg("taken: %s", cases[i].line);
        for (size_t t = 0; t < 3 && cases[i].told[t]; t++)
            if (!strstr(error.data, cases[i].told[t]))
                fail_msg("%s: no \"%s\" in: %s", cases[i].line, cases[i].told[t], error.data);
        columns_free(&c);
    }
    buf_free(&error);
}

static void takes_heads_of_real_sheets(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        bool ignore, chinese;
        int kind_column, error_column;
    } cases[] = {
        {"序号,日期,活动名称,社区,人数,,", false, true, -1, -1},
        {"at,title,community", false, false, -1, -1},
        {"日期,标题,备注,联系人", true, true, -1, -1},
        {"类型,时间,标题,状态,问题,开始时间,错误", false, true, 0, 6},
        {"at,title,unit,error", false, false, -1, 3},
        /* In a sheet of many kinds these may be for different rows. */
        {"类型,时间,编号,活动编号,标题", false, true, 0, -1},
    };
    struct buf error = {0};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct columns c;
        if (!read_head(cases[i].line, EVENT_ACTIVITY, cases[i].ignore, &c, &error))
            fail_msg("%s: %s", cases[i].line, error.data);
        assert_int_equal(c.chinese, cases[i].chinese);
        assert_int_equal(c.kind_column, cases[i].kind_column);
        assert_int_equal(c.error_column, cases[i].error_column);
        columns_free(&c);
    }
    buf_free(&error);
}

/* ---- cells ---- */

static void cleans_cells(void **state)
{
    (void)state;
    static const struct {
        const char *cell, *text, *plain;
    } cases[] = {
        {"", "", ""},
        {"  a b  ", "a b", "a b"},
        {"\u00a0社区一\u3000", "社区一", "社区一"},
        {"\u200b\ufeffx\u00a0", "x", "x"},
        {"\u3000\u00a0 ", "", ""},
        {"'00123", "00123", "00123"},
        {"' 00123", "00123", "00123"},
        {"'", "", ""},
        {"'自强' 二字", "自强' 二字", "自强' 二字"},
        {"'完整'", "'完整'", "'完整'"},
        {"two\nlines", "two lines", "two lines"},
        {"two \r\n lines\t", "two  lines", "two \r\n lines"},
        {"１２：３０", "１２：３０", "12:30"},
        {"ｍ１", "ｍ１", "m1"},
        {"a　b", "a　b", "a b"},
        {"讲座（一）", "讲座（一）", "讲座(一)"},
    };
    struct buf out = {0};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_string_equal(cell_text(cases[i].cell, &out), cases[i].text);
        if (!strchr(cases[i].cell, '\n'))
            assert_string_equal(cell_plain(cases[i].cell, &out), cases[i].plain);
    }
    buf_free(&out);
}

static const struct {
    const char *cell;
    int64_t n; /* -1: none */
} numbers[] = {
    {"0", 0},
    {"120", 120},
    {"1,200", 1200},
    {"12,345,678", 12345678},
    {"007", 7},
    {"120.0", 120},
    {"1,200.00", 1200},
    {"35人", 35},
    {"35 人次", 35},
    {"6名", 6},
    {"", -1},
    {"-1", -1},
    {"1.5", -1},
    {"1.", -1},
    {"1,20", -1},
    {"12,00", -1},
    {"1,2000", -1},
    {"1200,300", -1},
    {",100", -1},
    {"1e3", -1},
    {"1.2E+05", -1},
    {"约20", -1},
    {"20多人", -1},
    {"12 3", -1},
    {"人", -1},
    {"1234567890123456", -1},
    {"999999999999999", 999999999999999},
};

static void reads_numbers(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        int64_t n = 0;
        bool ok = cell_number(numbers[i].cell, &n);
        if (ok != (numbers[i].n >= 0) || (ok && n != numbers[i].n))
            fail_msg("%s: %d %lld", numbers[i].cell, ok, (long long)n);
    }
}

static const struct {
    const char *cell, *zone, *time; /* NULL: none */
} times[] = {
    {"2026-11-24", "Asia/Shanghai", "2026-11-24T12:00:00+08:00"},
    {"2026/11/24", "Asia/Shanghai", "2026-11-24T12:00:00+08:00"},
    {"2026/1/5", "Asia/Shanghai", "2026-01-05T12:00:00+08:00"},
    {"2026.1.5", "Asia/Shanghai", "2026-01-05T12:00:00+08:00"},
    {"2026年11月24日", "Asia/Shanghai", "2026-11-24T12:00:00+08:00"},
    {"2026年1月5日 9:05", "Asia/Shanghai", "2026-01-05T09:05:00+08:00"},
    {"2026年1月5日9:05", "Asia/Shanghai", "2026-01-05T09:05:00+08:00"},
    {"2026-11-24 13:05", "Asia/Shanghai", "2026-11-24T13:05:00+08:00"},
    {"2026/11/24 13:05:09", "Asia/Shanghai", "2026-11-24T13:05:09+08:00"},
    {"2026-11-24T13:05:09", "Asia/Shanghai", "2026-11-24T13:05:09+08:00"},
    {"2026/11/24  0:00:00", "Asia/Shanghai", "2026-11-24T00:00:00+08:00"},
    {"2026-11-24T13:05:09Z", "Asia/Shanghai", "2026-11-24T13:05:09Z"},
    {"2026-11-24T13:05:09.5+01:00", "Asia/Shanghai", "2026-11-24T13:05:09.5+01:00"},
    {"2026-11-24T13:05:09.00000000000000000000000000000000001Z", "UTC", "2026-11-24T13:05:09Z"},
    {"2024-02-29", "Asia/Shanghai", "2024-02-29T12:00:00+08:00"},
    {"2026-07-01", "Europe/Berlin", "2026-07-01T12:00:00+02:00"},
    {"2026-11-24", "Europe/Berlin", "2026-11-24T12:00:00+01:00"},
    {"1969-12-31 23:59:59", "UTC", "1969-12-31T23:59:59Z"},
    {"2026-02-29", "UTC", NULL},
    {"2026-13-01", "UTC", NULL},
    {"2026-11-24 24:00", "UTC", NULL},
    {"2026-11-24 9:5", "UTC", NULL},
    {"2026-11-24 9:60", "UTC", NULL},
    {"2026-11-24 9", "UTC", NULL},
    {"2026/11-24", "UTC", NULL},
    {"26-11-24", "UTC", NULL},
    {"11/24/2026", "UTC", NULL},
    {"46350", "UTC", NULL},
    {"", "UTC", NULL},
    {"昨天", "UTC", NULL},
    {"2026-11-249:05", "UTC", NULL},
    {"2026-11-24 13:05 x", "UTC", NULL},
    {"2026年11月", "UTC", NULL},
};

static void reads_times(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(times); i++) {
        char got[CELL_TIME];
        int64_t a = 0, b = 0;
        assert_true(date_zone(times[i].zone));
        bool ok = cell_time(times[i].cell, got);
        if (ok != (times[i].time != NULL))
            fail_msg("%s: %s", times[i].cell, ok ? got : "refused");
        if (!ok)
            continue;
        assert_true(date_parse(got, strlen(got), &a));
        assert_true(date_parse(times[i].time, strlen(times[i].time), &b));
        if (a != b)
            fail_msg("%s: %s", times[i].cell, got);
    }
}

static void reads_words(void **state)
{
    (void)state;
    static const struct {
        const char *said, *means;
    } cases[] = {
        {"提出", "raised"},    {"已提出", "raised"}, {"raised", "raised"}, {"认领", "claimed"},
        {"已认领", "claimed"}, {"解决", "solved"},   {"已解决", "solved"}, {"办结", "solved"},
        {"Solved", "solved"},  {"搁置", NULL},       {"", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *got = cell_status(cases[i].said);
        assert_string_equal(got ? got : "-", cases[i].means ? cases[i].means : "-");
    }
    bool yes;
    assert_true(cell_yes("是", &yes) && yes);
    assert_true(cell_yes("TRUE", &yes) && yes);
    assert_true(cell_yes("否", &yes) && !yes);
    assert_true(cell_yes("0", &yes) && !yes);
    assert_false(cell_yes("也许", &yes));
    assert_string_equal(cell_kind("活动"), "activity");
    assert_string_equal(cell_kind("问题"), "problem");
    assert_null(cell_kind("void"));
    assert_null(cell_kind("opening"));
}

int main(void)
{
    setenv("LC_ALL", "C", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_heads_in_both_languages),
        cmocka_unit_test(lists_every_name),
        cmocka_unit_test(refuses_heads_that_cannot_be),
        cmocka_unit_test(takes_heads_of_real_sheets),
        cmocka_unit_test(cleans_cells),
        cmocka_unit_test(reads_numbers),
        cmocka_unit_test(reads_times),
        cmocka_unit_test(reads_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What a sheet's rows mean: the events that they become, or what is wrong with them. */
#include "unit.h"

#include "date.h"
#include "event_wire.h"
#include "row.h"
#include <stdio.h>
#include <string.h>

/* A sheet at hand: its rows come as the daemon would be sent them, or with what is wrong. */
struct sheet {
    struct csv csv;
    struct csv_row row;
    struct columns columns;
    struct row_reader reader;
    struct catalogue *catalogue;
    struct buf out, error;
};

static struct catalogue *make_catalogue(void)
{
    struct catalogue *c = catalogue_new("a", "A");
    catalogue_add(c, DIM_CIRCLE, "c1", "第一圈", NULL);
    catalogue_add(c, DIM_COMMUNITY, "m1", "社区一", "c1");
    catalogue_add(c, DIM_COMMUNITY, "m2", "社区二", "c1");
    catalogue_add(c, DIM_UNIT, "u1", "单位一", NULL);
    catalogue_add(c, DIM_CATEGORY, "k1", "服务惠民", NULL);
    catalogue_add(c, DIM_PROJECT, "p1", "厢伴管家", "k1");
    catalogue_add(c, DIM_PROJECT, "p2", "厢伴管家", "k1");
    catalogue_add(c, DIM_PROJECT, "p3", "厢爱万家", "k1");
    return c;
}

static void open_sheet(struct sheet *s, const char *text, enum event_kind kind)
{
    *s = (struct sheet){.catalogue = make_catalogue()};
    assert_true(date_zone("Asia/Shanghai"));
    csv_open(&s->csv, text, strlen(text));
    assert_int_equal(csv_next(&s->csv, &s->row), CSV_ROW);
    if (!columns_read(&s->columns, &s->row, kind, false, &s->error))
        fail_msg("%s", s->error.data);
    s->reader = (struct row_reader){.columns = &s->columns,
                                    .catalogue = s->catalogue,
                                    .kind = kind,
                                    .now = INT64_C(1800000000) * DATE_SECOND};
}

/* The next row: its event as JSON, "" for a blank one, else "! " and what is wrong. */
static const char *next_row(struct sheet *s)
{
    struct event e;
    buf_reset(&s->out);
    buf_adds(&s->out, "");
    assert_int_equal(csv_next(&s->csv, &s->row), CSV_ROW);
    enum row_step step = row_read(&s->reader, &s->row, &e, &s->error);
    if (step == ROW_BAD)
        buf_addf(&s->out, "! %s", s->error.data);
    if (step == ROW_EVENT) {
        event_write(&e, e.text[FIELD_RESIDENT], &s->out);
        event_clear(&e);
    }
    return s->out.data;
}

static void close_sheet(struct sheet *s)
{
    row_reader_free(&s->reader);
    columns_free(&s->columns);
    catalogue_free(s->catalogue);
    csv_row_free(&s->row);
    buf_free(&s->out);
    buf_free(&s->error);
}

static void makes_events_of_every_kind(void **state)
{
    (void)state;
    static const struct {
        enum event_kind kind;
        const char *sheet, *event;
    } cases[] = {
        {EVENT_ACTIVITY,
         "编号,日期,标题,社区,单位,项目,人数\n'a１,2026/11/24 9：30,　义诊 "
         ",社区一,u1,厢爱万家,\"1,200\"\n",
         "{\"id\":\"a1\",\"kind\":\"activity\",\"at\":\"2026-11-24T09:30:00.000+08:00\","
         "\"title\":\"义诊\",\"community\":\"m1\",\"unit\":\"u1\",\"project\":\"p3\","
         "\"residents\":1200}"},
        {EVENT_REACH, "id,at,activity,resident\nr1,2026-11-24T01:00:00Z,a1,'张三\n",
         "{\"id\":\"r1\",\"kind\":\"reach\",\"at\":\"2026-11-24T01:00:00Z\",\"activity\":\"a1\","
         "\"resident\":\"张三\"}"},
        {EVENT_VENUE, "编号,时间,阵地,阵地名称,社区,是否共享\nv1,2026-11-24,room,书房,m2,是\n",
         "{\"id\":\"v1\",\"kind\":\"venue\",\"at\":\"2026-11-24T12:00:00.000+08:00\","
         "\"name\":\"书房\",\"community\":\"m2\",\"venue\":\"room\",\"shared\":true}"},
        {EVENT_PROBLEM, "编号,时间,问题编号,状态,成员单位\ns1,2026年11月24日,w1,办结,单位一\n",
         "{\"id\":\"s1\",\"kind\":\"problem\",\"at\":\"2026-11-24T12:00:00.000+08:00\","
         "\"unit\":\"u1\",\"problem\":\"w1\",\"status\":\"solved\"}"},
        {EVENT_PLAN,
         "编号,发布时间,计划编号,标题,开始时间,社区,取消\nb1,2026-11-24,g1,灯会,"
         "2027-02-20 19:00,m1,否\n",
         "{\"id\":\"b1\",\"kind\":\"plan\",\"at\":\"2026-11-24T12:00:00.000+08:00\","
         "\"title\":\"灯会\",\"community\":\"m1\",\"plan\":\"g1\","
         "\"starts\":\"2027-02-20T19:00:00.000+08:00\",\"cancelled\":false}"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct sheet s;
        open_sheet(&s, cases[i].sheet, cases[i].kind);
        assert_string_equal(next_row(&s), cases[i].event);
        close_sheet(&s);
    }
}

static void takes_each_row_by_its_kind(void **state)
{
    (void)state;
    struct sheet s;
    open_sheet(&s,
               "类型,编号,时间,标题,社区,活动编号,人数,状态\n"
               "活动,a1,2026-11-24,义诊,m1,,3,\n"
               "辐射,r1,2026-11-24,,,a1,4,\n"
               ",a2,2026-11-24,义诊,m1,,5,\n"
               "活动,a3,2026-11-24,义诊,m1,,6,提出\n"
               "活动,a4,2026-11-24,义诊,m1,a9,7,\n"
               "作废,a5,2026-11-24,义诊,m1,,8,\n",
               EVENT_ACTIVITY);
    assert_non_null(strstr(next_row(&s), "\"kind\":\"activity\""));
    assert_non_null(strstr(next_row(&s), "\"activity\":\"a1\",\"residents\":4"));
    assert_non_null(strstr(next_row(&s), "\"kind\":\"activity\""));
    assert_string_equal(next_row(&s), "! 状态: rows of this kind have no such field: 提出");
    assert_string_equal(next_row(&s), "! 活动编号: another column says this already: a9");
    assert_non_null(strstr(next_row(&s), "! 类型: not activity, reach"));
    close_sheet(&s);
}

static void tells_all_that_is_wrong_with_a_row(void **state)
{
    (void)state;
    static const struct {
        const char *row, *told;
    } cases[] = {
        {"a1,,义诊,m1,,1,", "field \"日期\" is missing: activity"},
        {"a1,明天,义诊,m1,,1,", "日期: not a time such as 2026-11-24 or 2026/11/24 09:30: 明天"},
        {"a1,2026-11-24,义诊,社区九,,1,", "社区: the catalogue has no such id or name: 社区九"},
        {"a1,2026-11-24,义诊,m1,厢伴管家,1,", "项目: several have this name: give the id: p1, p2"},
        {"a1,2026-11-24,义诊,m1,,many,", "人数: not a whole number: many"},
        {"a1,2026-11-24,义诊,m1,,\"100,001\",", "field \"人数\" is out of range: 0 – 100000"},
        {"a 1,2026-11-24,义诊,m1,,1,", "field \"编号\" must be 1 to 64 of A-Z a-z 0-9 . _ : -"},
        {"a1,2026-11-24,义诊,,,1,",
         "field \"社区\" is one of a choice that isn't met; needed: community and/or unit"},
        {"a1,2026-11-24,义诊,m1,,1,x", "column 7: a value in a column without a head: x"},
        {"a1,2026-11-24,义诊,m1,,1,,y", "column 8: a value beyond the last column: y"},
        {"a1,2099-01-01,义诊,m1,,1,",
         "field \"日期\" is over 10 minutes in the future: 2099-01-01T12:00:00.000+08:00"},
        {"a1,2026-13-01,,m9,,-5,",
         "日期: not a time such as 2026-11-24 or 2026/11/24 09:30: 2026-13-01; "
         "社区: the catalogue has no such id or name: m9; 人数: not a whole number: -5; "
         "field \"标题\" is missing: activity"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct sheet s;
        struct buf text = {0};
        buf_addf(&text, "编号,日期,标题,社区,项目,人数,\n%s\n", cases[i].row);
        open_sheet(&s, text.data, EVENT_ACTIVITY);
        const char *got = next_row(&s);
        assert_int_equal(got[0], '!');
        assert_string_equal(got + 2, cases[i].told);
        close_sheet(&s);
        buf_free(&text);
    }
}

static void tells_it_in_chinese(void **state)
{
    (void)state;
    struct sheet s;
    open_sheet(&s, "日期,标题,社区,人数\n明天,,m9,1\n", EVENT_ACTIVITY);
    s.reader.language = LANG_ZH;
    assert_string_equal(next_row(&s),
                        "! 日期：不是日期时间，例如 2026-11-24 或 2026年11月24日 09:30：明天；"
                        "社区：目录中没有此编号或名称：m9；字段 标题 缺失：activity");
    close_sheet(&s);
}

static void passes_over_blank_rows(void **state)
{
    (void)state;
    struct sheet s;
    open_sheet(&s, "序号,日期,标题,社区,错误,\n,,,,,\n7, ,\u3000,,,\n8,,,,旧错误,\n\n",
               EVENT_ACTIVITY);
    for (int i = 0; i < 4; i++)
        assert_string_equal(next_row(&s), "");
    close_sheet(&s);
}

/* The id in a row's event. */
static void id_of(struct sheet *s, char out[80])
{
    const char *event = next_row(s), *start = event + strlen("{\"id\":\"");
    assert_int_equal(event[0], '{');
    snprintf(out, 80, "%.*s", (int)strcspn(start, "\""), start);
}

static void makes_ids_of_what_rows_mean(void **state)
{
    (void)state;
    static const char spelled_one_way[] = "日期,标题,社区,人数,序号\n"
                                          "2026-11-24,义诊,社区一,1200,1\n"
                                          "2026-11-24,义诊,社区一,1201,2\n"
                                          "2026-11-24,义诊,社区一,1200,3\n";
    static const char another_way[] = "residents;community;title;at;错误\n"
                                      "'1,200人;m1; 义诊 ;2026-11-24T04:00:00Z;old\n";
    struct sheet s;
    char one[80], other[80], twin[80], same[80];
    open_sheet(&s, spelled_one_way, EVENT_ACTIVITY);
    id_of(&s, one);
    id_of(&s, other);
    id_of(&s, twin);
    close_sheet(&s);
    open_sheet(&s, another_way, EVENT_ACTIVITY);
    id_of(&s, same);
    close_sheet(&s);
    assert_int_equal(strlen(one), 28);
    assert_int_equal(strspn(one + 4, "0123456789abcdef"), 24);
    assert_memory_equal(one, "csv-", 4);
    assert_string_equal(one, same);
    assert_string_not_equal(one, other);
    assert_string_not_equal(one, twin);
    /* For ever: events counted by an earlier version must not be counted again. */
    assert_string_equal(one, "csv-9a4136c3ba44a73291fac973");
    assert_string_equal(twin, "csv-2f0d5417cfa7dcc06ef90012");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_events_of_every_kind),
        cmocka_unit_test(takes_each_row_by_its_kind),
        cmocka_unit_test(tells_all_that_is_wrong_with_a_row),
        cmocka_unit_test(tells_it_in_chinese),
        cmocka_unit_test(passes_over_blank_rows),
        cmocka_unit_test(makes_ids_of_what_rows_mean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What is answered about totals, to the letter. */
#include "unit.h"

#include "date.h"
#include "json.h"
#include "totals_wire.h"

#include <stdlib.h>
#include <string.h>

static struct catalogue *catalogue;
static struct board board;

static void set(const char *field, const char *value)
{
    assert_true(totals_set(board.totals, field, strlen(field), value, strlen(value)));
}

static int set_up(void **state)
{
    (void)state;
    date_zone("Asia/Shanghai");
    catalogue = catalogue_new("test", "Test");
    catalogue_add(catalogue, DIM_CIRCLE, "c1", "南山\"圈\"", NULL);
    catalogue_add(catalogue, DIM_CIRCLE, "c2", "C2", NULL);
    board = (struct board){.catalogue = catalogue,
                           .totals = totals_new(),
                           .epoch = "e1",
                           .rev = 7,
                           .loaded = true,
                           .today = 20261124};
    date_parse("2026-11-24T12:00:00+08:00", 25, &board.as_of);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    totals_free(board.totals);
    catalogue_free(catalogue);
    return 0;
}

#define HEAD "{\"epoch\":\"e1\",\"rev\":7,\"as_of\":\"2026-11-24T12:00:00.000+08:00\","
#define ZEROS                                                                                      \
    "\"activities\":0,\"venues\":0,\"residents\":0,\"problems_raised\":0,"                         \
    "\"problems_solved\":0,\"residents_unique\":0"

static void assert_totals(const char *name, enum dimension by, const char *expected)
{
    struct range r;
    struct buf out = {0};
    assert_true(range_of(name, board.today, &r));
    totals_write(&board, &r, by, &out);
    assert_string_equal(out.data, expected);
    buf_free(&out);
}

static void an_empty_store_has_zeros(void **state)
{
    (void)state;
    assert_totals("all", DIM_TOTAL,
                  HEAD "\"range\":\"all\",\"from\":\"2026-11-24\",\"to\":\"2026-11-24\",\"totals\":"
                       "{" ZEROS "},\"groups\":[]}");
}

/* "all" reaches from the first day counted to today, other ranges to their own ends. */
static void totals_say_whose_days_they_are(void **state)
{
    (void)state;
    set("0 t", "300,120,0,0,0");
    set("20261101 t", "1,1,30,2,1");
    set("UM202611 t", "12");
    assert_totals("all", DIM_TOTAL,
                  HEAD "\"range\":\"all\",\"from\":\"2026-11-01\",\"to\":\"2026-11-24\",\"totals\":"
                       "{\"activities\":301,\"venues\":121,\"residents\":30,\"problems_raised\":2,"
                       "\"problems_solved\":1,\"residents_unique\":0},\"groups\":[]}");
    assert_totals("month", DIM_TOTAL,
                  HEAD "\"range\":\"month\",\"from\":\"2026-11-01\",\"to\":\"2026-11-30\","
                       "\"totals\":{\"activities\":1,\"venues\":1,\"residents\":30,"
                       "\"problems_raised\":2,\"problems_solved\":1,\"residents_unique\":12},"
                       "\"groups\":[]}");
}

static void every_group_is_listed(void **state)
{
    (void)state;
    set("20261124 t", "1,0,5,0,0");
    set("20261124 i=c2", "1,0,5,0,0");
    assert_totals("today", DIM_CIRCLE,
                  HEAD "\"range\":\"today\",\"from\":\"2026-11-24\",\"to\":\"2026-11-24\","
                       "\"totals\":{\"activities\":1,\"venues\":0,\"residents\":5,"
                       "\"problems_raised\":0,\"problems_solved\":0,\"residents_unique\":0},"
                       "\"groups\":[{\"id\":\"c1\",\"name\":\"南山\\\"圈\\\"\"," ZEROS "},"
                       "{\"id\":\"c2\",\"name\":\"C2\",\"activities\":1,\"venues\":0,"
                       "\"residents\":5,\"problems_raised\":0,\"problems_solved\":0,"
                       "\"residents_unique\":0}]}");
}

static void assert_trend(const struct trend *t, const char *expected)
{
    struct buf out = {0};
    trend_write(&board, t, &out);
    assert_string_equal(out.data, expected);
    buf_free(&out);
}

static void a_trend_has_each_day_and_month(void **state)
{
    (void)state;
    set("20261031 t", "2,0,0,0,0");
    set("20261101 t", "1,0,0,0,0");
    set("20261101 i=c1", "1,0,0,0,0");
    assert_trend(&(struct trend){METRIC_ACTIVITIES, 20261031, 20261102, false, DIM_TOTAL, NULL},
                 HEAD "\"metric\":\"activities\",\"step\":\"day\",\"from\":\"2026-10-31\","
                      "\"to\":\"2026-11-02\",\"points\":[{\"date\":\"2026-10-31\",\"value\":2},"
                      "{\"date\":\"2026-11-01\",\"value\":1},{\"date\":\"2026-11-02\","
                      "\"value\":0}]}");
    assert_trend(&(struct trend){METRIC_ACTIVITIES, 20261001, 20261130, true, DIM_CIRCLE, "c1"},
                 HEAD "\"metric\":\"activities\",\"step\":\"month\",\"from\":\"2026-10-01\","
                      "\"to\":\"2026-11-30\",\"by\":\"circle\",\"id\":\"c1\",\"points\":"
                      "[{\"date\":\"2026-10\",\"value\":0},{\"date\":\"2026-11\",\"value\":1}]}");
}

static void a_trend_ends_with_the_calendar(void **state)
{
    (void)state;
    assert_trend(&(struct trend){METRIC_VENUES, 99991230, 99991231, false, DIM_TOTAL, NULL},
                 HEAD "\"metric\":\"venues\",\"step\":\"day\",\"from\":\"9999-12-30\","
                      "\"to\":\"9999-12-31\",\"points\":[{\"date\":\"9999-12-30\",\"value\":0},"
                      "{\"date\":\"9999-12-31\",\"value\":0}]}");
    assert_trend(&(struct trend){METRIC_VENUES, 99991201, 99991231, true, DIM_TOTAL, NULL},
                 HEAD "\"metric\":\"venues\",\"step\":\"month\",\"from\":\"9999-12-01\","
                      "\"to\":\"9999-12-31\",\"points\":[{\"date\":\"9999-12\",\"value\":0}]}");
}

static void only_what_differs_is_written(void **state)
{
    (void)state;
    const int64_t was[METRIC_COUNT] = {1, 2, 3, 4, 5, 6}, is[METRIC_COUNT] = {1, 2, 4, 4, 5, 7};
    struct buf out = {0};
    assert_int_equal(totals_write_metrics(is, was, &out), 2);
    assert_string_equal(out.data, "{\"residents\":4,\"residents_unique\":7}");
    buf_reset(&out);
    assert_int_equal(totals_write_metrics(is, is, &out), 0);
    assert_string_equal(out.data, "{}");
    buf_reset(&out);
    assert_int_equal(totals_write_metrics(is, NULL, &out), METRIC_COUNT);
    buf_free(&out);
}

static void an_entry_of_the_feed_bears_its_revision(void **state)
{
    (void)state;
    struct buf out = {0};
    feed_write_entry("{\"id\":\"a\"}", UINT64_MAX, &out);
    assert_string_equal(out.data, "{\"id\":\"a\",\"rev\":18446744073709551615}");
    buf_free(&out);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(an_empty_store_has_zeros),
        TEST(totals_say_whose_days_they_are),
        TEST(every_group_is_listed),
        TEST(a_trend_has_each_day_and_month),
        TEST(a_trend_ends_with_the_calendar),
        TEST(only_what_differs_is_written),
        TEST(an_entry_of_the_feed_bears_its_revision),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

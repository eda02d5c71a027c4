/* A whole as the sum of its parts, and what a district reads from a member. */
#include "unit.h"

#include "date.h"
#include "member_wire.h"
#include "parts.h"
#include "range.h"

#include <string.h>

static const struct part east = {"c=s01", {"t", "i=k1"}, 2}, west = {"c=s02", {"t"}, 1};

static struct cell day(const char *name, int64_t activities, int64_t residents)
{
    struct cell c = {.n = {[METRIC_ACTIVITIES] = activities, [METRIC_RESIDENTS] = residents}};
    strcpy(c.name, name);
    return c;
}

static int64_t activities(const struct totals *t, const char *dim, const char *range)
{
    struct range r;
    int64_t n[METRIC_COUNT];
    assert_true(range_of(range, 20261124, &r));
    totals_get(t, dim, &r, n);
    return n[METRIC_ACTIVITIES];
}

static void put(struct totals *t, const struct part *p, struct cell c)
{
    part_put(t, p, &c);
}

static void a_part_counts_for_its_wholes(void **state)
{
    (void)state;
    struct totals *t = totals_new();
    put(t, &east, day("20261124", 2, 5));
    put(t, &west, day("20261124", 3, 0));
    put(t, &west, day("0", 300, 0));
    assert_int_equal(activities(t, "t", "today"), 5);
    assert_int_equal(activities(t, "t", "all"), 305);
    assert_int_equal(activities(t, "i=k1", "all"), 2);
    put(t, &east, day("20261124", 1, 5)); /* one was taken back */
    put(t, &east, day("20261124", 1, 5));
    assert_int_equal(activities(t, "t", "today"), 4);
    assert_int_equal(activities(t, "i=k1", "today"), 1);
    totals_free(t);
}

static void a_part_that_begins_anew_leaves_nothing_behind(void **state)
{
    (void)state;
    struct totals *t = totals_new(), *fresh = totals_new();
    struct cell unique = {.name = "UM202611", .n = {[METRIC_RESIDENTS_UNIQUE] = 9}}, c;
    put(t, &west, day("20261124", 3, 0));
    put(t, &east, day("20261124", 2, 5));
    put(t, &east, day("20261101", 7, 0));
    put(t, &east, unique);
    c = day("20261124", 1, 0);
    totals_put(fresh, east.dim, &c);
    part_replace(t, &east, fresh);
    assert_int_equal(activities(t, "t", "all"), 4);
    assert_int_equal(activities(t, "i=k1", "all"), 1);
    totals_cell(t, "t", &unique);
    assert_int_equal(unique.n[METRIC_RESIDENTS_UNIQUE], 0);
    totals_free(t);
    totals_free(fresh);
}

static void note(void *ctx, const struct cell *c)
{
    buf_addf(ctx, "%s ", c->name);
}

/* Also a cell that has become zero has changed. */
static void changed_cells_are_told_once(void **state)
{
    (void)state;
    struct totals *t = totals_new();
    struct buf out = {0};
    put(t, &west, day("20261101", 1, 0));
    put(t, &west, day("20261124", 1, 0));
    uint64_t stamp = totals_stamp(t);
    put(t, &west, day("20261101", 0, 0));
    put(t, &west, day("20261124", 1, 0));
    totals_cells(t, "t", stamp, note, &out);
    assert_string_equal(out.data, "20261101 ");
    buf_reset(&out);
    totals_cells(t, "t", totals_stamp(t), note, &out);
    assert_int_equal(out.len, 0);
    buf_free(&out);
    totals_free(t);
}

static bool reads(const char *text, struct member_news *out)
{
    return member_read(text, strlen(text), out);
}

static void what_a_member_says_is_read(void **state)
{
    (void)state;
    struct member_news news;
    assert_true(reads("{\"type\":\"snapshot\",\"epoch\":\"e1\",\"rev\":7,\"as_of\":\"2026-11-24T12:"
                      "00:00+08:00\",\"views\":[{\"range\":\"all\",\"by\":\"cell\",\"groups\":[{"
                      "\"id\":\"20261124\",\"activities\":2}],\"units\":34,\"projects\":20}],"
                      "\"events\":[]}",
                      &news));
    assert_int_equal(news.what, MEMBER_SNAPSHOT);
    assert_int_equal(news.rev, 7);
    assert_int_equal(news.units, 34);
    assert_int_equal(news.cell_count, 1);
    assert_string_equal(news.cells[0].name, "20261124");
    assert_int_equal(news.cells[0].n[METRIC_ACTIVITIES], 2);
    member_news_clear(&news);
    /* as it greets every screen, before it has heard what this one wishes */
    assert_true(reads("{\"type\":\"snapshot\",\"epoch\":\"e1\",\"rev\":7,\"views\":[{\"range\":"
                      "\"all\",\"by\":null,\"totals\":{},\"groups\":[]}],\"events\":[]}",
                      &news));
    assert_int_equal(news.what, MEMBER_NOTHING);
    member_news_clear(&news);
}

static void what_no_member_says_is_refused(void **state)
{
    (void)state;
#define CELLS(group)                                                                               \
    "{\"type\":\"delta\",\"epoch\":\"e1\",\"rev\":8,\"prev\":7,\"views\":[{\"groups\":[" group "]" \
    "}]}"
    struct member_news news;
    assert_true(reads(CELLS("{\"id\":\"0\"}"), &news));
    member_news_clear(&news);
    static const char *const bad[] = {
        "",
        "[]",
        "{\"type\":\"error\",\"code\":\"x\",\"message\":\"y\"}",
        "{\"type\":\"delta\",\"rev\":8,\"prev\":7,\"views\":[]}",
        "{\"type\":\"delta\",\"epoch\":\"a\\\"b\",\"rev\":8,\"prev\":7,\"views\":[]}",
        CELLS("{\"id\":\"20261131\"}"),
        CELLS("{\"id\":\"s01\"}"),
        CELLS("{\"id\":\"U\"}"),
        CELLS("{\"id\":\"UX20261124000\"}"),
        CELLS("{\"id\":\"0\",\"activities\":1000000000001}"),
        CELLS("{}"),
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (reads(bad[i], &news))
            fail_msg("%s", bad[i]);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_part_counts_for_its_wholes),
        cmocka_unit_test(a_part_that_begins_anew_leaves_nothing_behind),
        cmocka_unit_test(changed_cells_are_told_once),
        cmocka_unit_test(what_a_member_says_is_read),
        cmocka_unit_test(what_no_member_says_is_refused),
    };
    date_zone("Asia/Shanghai");
    return cmocka_run_group_tests(tests, NULL, NULL);
}

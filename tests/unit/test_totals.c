#include "unit.h"

#include "board.h"
#include "channel.h"
#include "date.h"
#include "fold.h"
#include "guard.h"
#include "range.h"
#include "totals.h"
#include "totals_wire.h"

#include <stdlib.h>
#include <string.h>

static void set(struct totals *t, const char *field, const char *value)
{
    assert_true(totals_set(t, field, strlen(field), value, strlen(value)));
}

static void ranges_have_their_days(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int32_t from, to;
        const char *bucket;
    } ranges[] = {
        {"all", 0, 99991231, "*"},
        {"today", 20261124, 20261124, "D20261124"},
        {"week", 20261123, 20261129, "W20261123"},
        {"month", 20261101, 20261130, "M202611"},
        {"year", 20260101, 20261231, "Y2026"},
        {"2024", 20240101, 20241231, "Y2024"},
        {"2024-02", 20240201, 20240229, "M202402"},
        {"2024-02-29", 20240229, 20240229, "D20240229"},
    };
    struct range r;
    for (size_t i = 0; i < COUNT_OF(ranges); i++) {
        assert_true(range_of(ranges[i].name, 20261124, &r));
        assert_int_equal(r.from, ranges[i].from);
        assert_int_equal(r.to, ranges[i].to);
        assert_string_equal(r.bucket, ranges[i].bucket);
    }
    static const char *const none[] = {"",    "ever",    "2023-02-29", "2024-13",
                                       "24",  "2024-2",  "2024-02-1x", "0000",
                                       "ALL", "2024-00", "-2024-1",    "2024-02-290"};
    for (size_t i = 0; i < COUNT_OF(none); i++)
        assert_false(range_of(none[i], 20261124, &r));
}

static void sums_are_of_their_days(void **state)
{
    (void)state;
    struct totals *t = totals_new();
    struct range r;
    int64_t n[METRIC_COUNT];
    set(t, "0 t", "300,120,10000,0,450");
    set(t, "20261124 t", "1,1,30,0,0");
    set(t, "20261101 t", "2,1,5,1,0");
    set(t, "20251231 t", "4,-1,7,0,0");
    set(t, "UM202611 t", "17");
    assert_true(range_of("all", 20261124, &r));
    totals_get(t, "t", &r, n);
    assert_int_equal(n[METRIC_ACTIVITIES], 307);
    assert_int_equal(n[METRIC_VENUES], 121);
    assert_true(range_of("month", 20261124, &r));
    totals_get(t, "t", &r, n);
    assert_int_equal(n[METRIC_ACTIVITIES], 3);
    assert_int_equal(n[METRIC_RESIDENTS], 35);
    assert_int_equal(n[METRIC_VENUES], 1); /* a state: what all days before have left */
    assert_int_equal(n[METRIC_RESIDENTS_UNIQUE], 17);
    assert_true(range_of("2025", 20261124, &r));
    totals_get(t, "t", &r, n);
    assert_int_equal(n[METRIC_ACTIVITIES], 4);
    assert_int_equal(n[METRIC_VENUES], -1);
    assert_int_equal(totals_first_day(t), 20251231);
    totals_free(t);
}

static void cells_are_absolute(void **state)
{
    (void)state;
    struct totals *t = totals_new();
    struct range r;
    int64_t n[METRIC_COUNT];
    assert_true(range_of("all", 20261124, &r));
    for (int i = 0; i < 3; i++)
        set(t, "20261124 c=s01", "2,0,9,0,0");
    uint64_t stamp = totals_stamp_of(t, "c=s01");
    totals_get(t, "c=s01", &r, n);
    assert_int_equal(n[METRIC_ACTIVITIES], 2);
    set(t, "20261124 c=s01", "2,0,9,0,0");
    assert_int_equal(totals_stamp_of(t, "c=s01"), stamp);
    set(t, "20261124 c=s01", "1,0,9,0,0");
    assert_true(totals_stamp_of(t, "c=s01") > stamp);
    static const char *const bad[] = {"1,2,3,4", "1,2,3,4,5,6", "", "a,b,c,d,e", "1,2,3,4,5x"};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_false(totals_set(t, "20261124 t", 10, bad[i], strlen(bad[i])));
    assert_false(totals_set(t, "20261124", 8, "1,2,3,4,5", 9));
    totals_free(t);
}

static void note_cell(void *ctx, const char *field, const char *value)
{
    buf_addf(ctx, "%s=%s\n", field, value);
}

/* As they were set, so that verify can hold them against the fold. */
static void cells_are_given_back(void **state)
{
    (void)state;
    struct totals *t = totals_new();
    struct buf out = {0};
    set(t, "20261124 c=s01", "2,-1,9,0,0");
    set(t, "0 c=s01", "300,120,10000,0,450");
    set(t, "20261101 t", "1,0,0,0,0");
    set(t, "UD20261124 c=s01", "3");
    totals_each(t, note_cell, &out);
    assert_string_equal(out.data, "0 c=s01=300,120,10000,0,450\n20261124 c=s01=2,-1,9,0,0\n"
                                  "UD20261124 c=s01=3\n20261101 t=1,0,0,0,0\n");
    uint64_t stamp = totals_stamp(t);
    totals_clear(t);
    assert_true(totals_stamp(t) > stamp);
    assert_int_equal(totals_first_day(t), 0);
    buf_reset(&out);
    totals_each(t, note_cell, &out);
    assert_int_equal(out.len, 0);
    totals_free(t);
    totals_free(NULL);
    buf_free(&out);
}

static void estimates_are_absolute_too(void **state)
{
    (void)state;
    struct totals *t = totals_new();
    set(t, "U* t", "12");
    uint64_t stamp = totals_stamp_of(t, "t");
    assert_true(stamp > 0);
    set(t, "U* t", "12");
    assert_int_equal(totals_stamp_of(t, "t"), stamp);
    set(t, "U* t", "13");
    assert_true(totals_stamp_of(t, "t") > stamp);
    assert_int_equal(totals_stamp_of(t, "c=s09"), 0);
    totals_free(t);
}

/* A store that others write to may hold anything. */
static void what_is_no_cell_changes_nothing(void **state)
{
    (void)state;
    struct totals *t = totals_new();
    char much[300];
    memset(much, '1', sizeof much);
    uint64_t stamp = totals_stamp(t);
    assert_false(totals_set(t, much, sizeof much, "1,2,3,4,5", 9));
    assert_false(totals_set(t, "20261124 t", 10, much, sizeof much));
    assert_false(totals_set(t, "202611240001 t", 14, "1,2,3,4,5", 9));
    assert_false(totals_set(t, "UD20261124", 10, "3", 1));
    assert_false(totals_set(t, "", 0, "", 0));
    assert_int_equal(totals_stamp(t), stamp);
    totals_free(t);
}

/* --- what screens are sent ---------------------------------------------------------------- */

static struct catalogue *two_circles(void)
{
    struct catalogue *c = catalogue_new("test", "Test");
    catalogue_add(c, DIM_CIRCLE, "c1", "C1", NULL);
    catalogue_add(c, DIM_CIRCLE, "c2", "C2", NULL);
    return c;
}

static void a_delta_holds_only_what_changed(void **state)
{
    (void)state;
    date_zone("Asia/Shanghai");
    struct board b = {.catalogue = two_circles(),
                      .totals = totals_new(),
                      .epoch = "e",
                      .rev = 4,
                      .today = 20261124,
                      .loaded = true};
    struct view views[] = {
        {"all", DIM_TOTAL, false}, {"today", DIM_CIRCLE, false}, {"2020", DIM_TOTAL, false}};
    struct buf out = {0};
    set(b.totals, "20261124 t", "1,0,10,0,0");
    set(b.totals, "20261124 i=c1", "1,0,10,0,0");
    struct channel *c = channel_new(views, 3, &b);
    set(b.totals, "20261124 t", "2,0,10,0,0");
    set(b.totals, "20261124 i=c2", "1,0,0,0,0");
    b.rev = 5;
    b.feed[FEED_SIZE - 1].rev = 5;
    b.feed[FEED_SIZE - 1].json = mem_string("{\"id\":\"x\"}");
    channel_advance(c, &b, &out);
    assert_string_equal(
        out.data, "{\"type\":\"delta\",\"epoch\":\"e\",\"rev\":5,\"prev\":4,\"views\":["
                  "{\"totals\":{\"activities\":2},\"groups\":[]},"
                  "{\"totals\":{\"activities\":2},\"groups\":[{\"id\":\"c2\",\"activities\":1}]},"
                  "{\"totals\":{},\"groups\":[]}],\"events\":[{\"id\":\"x\",\"rev\":5}]}");
    buf_reset(&out);
    channel_snapshot(c, &b, &out);
    assert_non_null(strstr(out.data, "\"type\":\"snapshot\",\"epoch\":\"e\",\"rev\":5"));
    assert_non_null(strstr(out.data, "{\"range\":\"today\",\"by\":\"circle\",\"totals\":"
                                     "{\"activities\":2,"));
    assert_false(channel_is_stale(c, &b));
    b.today = 20261125;
    assert_true(channel_is_stale(c, &b));
    channel_free(c);
    free(b.feed[FEED_SIZE - 1].json);
    totals_free(b.totals);
    union {
        const struct catalogue *in;
        struct catalogue *out;
    } own = {.in = b.catalogue};
    catalogue_free(own.out);
    buf_free(&out);
}

static void views_are_judged(void **state)
{
    (void)state;
    struct view v[VIEWS_MAX];
    char why[400];
    static const char good[] =
        "{\"views\":[{\"range\":\"all\"},{\"by\":\"unit\",\"range\":\"2026-11\"},{}]}";
    assert_int_equal(views_read(good, strlen(good), 20261124, v, why, sizeof why), 3);
    assert_string_equal(v[1].range, "2026-11");
    assert_int_equal(v[1].by, DIM_UNIT);
    static const char *const bad[] = {
        "",
        "[]",
        "{}",
        "{\"views\":[]}",
        "{\"views\":{}}",
        "{\"views\":[7]}",
        "{\"views\":[{\"range\":\"never\"}]}",
        "{\"views\":[{\"by\":\"total\"}]}",
        "{\"views\":[{\"range\":1}]}",
        "{\"views\":[{\"x\":\"all\"}]}",
        "{\"views\":[{}],\"more\":1}",
        "{\"views\":[{},{},{},{},{},{},{},{},{}]}",
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        why[0] = '\0';
        assert_int_equal(views_read(bad[i], strlen(bad[i]), 20261124, v, why, sizeof why), 0);
        assert_true(why[0] != '\0');
    }
}

/* --- the fold ----------------------------------------------------------------------------- */

static int differences;
static void on_differ(void *ctx, const char *field, const char *counted, const char *folded)
{
    (void)ctx;
    (void)field;
    (void)counted;
    (void)folded;
    differences++;
}

static void add(struct fold *f, const char *id, const char *effect)
{
    assert_true(fold_add(f, id, effect, strlen(effect)));
}

static int compare(struct fold *f, const char *const *cells)
{
    differences = 0;
    for (; *cells; cells += 2)
        fold_compare(f, cells[0], cells[1], on_differ, NULL);
    fold_rest(f, on_differ, NULL);
    return differences;
}

static void the_fold_counts_what_is_left_standing(void **state)
{
    (void)state;
    struct fold *f = fold_new();
    fold_void(f, "a2");
    add(f, "a1", "a 10 20261124 c=s 5 - -");
    add(f, "a2", "a 10 20261124 c=s 7 - -");
    add(f, "r1", "r 12 20261125 c=s 3 a1 -");
    add(f, "r2", "r 12 20261125 c=s 3 a2 -"); /* goes with its activity */
    add(f, "r3", "r 15 20261126 c=s 1 a1 ff:20261123");
    add(f, "r4", "r 14 20261125 c=s 1 a1 ff:20261123"); /* the same resident, earlier */
    add(f, "v1", "v 10 20261124 u=u1 1 v -");
    add(f, "v3", "v 30 20261126 u=u2 1 v -");
    add(f, "v2", "v 20 20261125 - 0 v -");
    add(f, "q1", "p 10 20261124 c=s r q -");
    add(f, "q2", "p 09 20261123 c=s r q -");
    add(f, "o", "o 10 0 - 0,2,0,0,0 - -");
    add(f, "x", "x 11 20261124 c=s 0 a2 -");
    fold_finish(f);
    const char *const cells[] = {"20261124 t",
                                 "1,1,5,0,0",
                                 "20261124 c=s",
                                 "1,0,5,0,0",
                                 "20261125 t",
                                 "0,-1,4,0,0",
                                 "20261125 c=s",
                                 "0,0,4,0,0",
                                 "20261124 u=u1",
                                 "0,1,0,0,0",
                                 "20261125 u=u1",
                                 "0,-1,0,0,0",
                                 "20261126 t",
                                 "0,1,0,0,0",
                                 "20261126 u=u2",
                                 "0,1,0,0,0",
                                 "20261123 t",
                                 "0,0,0,1,0",
                                 "20261123 c=s",
                                 "0,0,0,1,0",
                                 "0 t",
                                 "0,2,0,0,0",
                                 NULL};
    assert_int_equal(compare(f, cells), 0);
    const char *const other[] = {"20261124 t", "2,1,5,0,0", NULL};
    assert_true(compare(f, other) >= 1);
    fold_free(f);
}

static void tokens_are_known_by_their_hash(void **state)
{
    (void)state;
    char hash[65];
    struct guard *g = guard_new();
    memset(hash, 'a', 64);
    hash[64] = '\0';
    struct identity who = {ROLE_REPORT, "north", "u01"};
    guard_add(g, hash, &who);
    assert_int_equal(guard_find(g, hash).role, ROLE_REPORT);
    assert_string_equal(guard_find(g, hash).unit, "u01");
    hash[63] = 'b';
    assert_int_equal(guard_find(g, hash).role, ROLE_NONE);
    assert_int_equal(guard_find(g, "").role, ROLE_NONE);
    assert_int_equal(role_find("admin"), ROLE_ADMIN);
    assert_int_equal(role_find("none"), ROLE_NONE);
    guard_clear(g);
    hash[63] = 'a';
    assert_int_equal(guard_find(g, hash).role, ROLE_NONE);
    guard_free(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges_have_their_days),
        cmocka_unit_test(sums_are_of_their_days),
        cmocka_unit_test(cells_are_absolute),
        cmocka_unit_test(cells_are_given_back),
        cmocka_unit_test(estimates_are_absolute_too),
        cmocka_unit_test(what_is_no_cell_changes_nothing),
        cmocka_unit_test(a_delta_holds_only_what_changed),
        cmocka_unit_test(views_are_judged),
        cmocka_unit_test(the_fold_counts_what_is_left_standing),
        cmocka_unit_test(tokens_are_known_by_their_hash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

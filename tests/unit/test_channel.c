/* What screens are sent: channels beside those of test_totals, and the messages without figures. */
#include "unit.h"

#include "channel.h"
#include "date.h"
#include "tallyd/version.h"

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
    catalogue_add(catalogue, DIM_CIRCLE, "c1", "C1", NULL);
    catalogue_add(catalogue, DIM_CIRCLE, "c2", "C2", NULL);
    board = (struct board){.catalogue = catalogue,
                           .totals = totals_new(),
                           .epoch = "e1",
                           .rev = 7,
                           .loaded = true,
                           .today = 20261124};
    set("20261124 t", "1,0,10,0,0");
    set("20261124 i=c1", "1,0,10,0,0");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    totals_free(board.totals);
    catalogue_free(catalogue);
    return 0;
}

/* Everybody who asked for the same, in the same order, shares one. */
static void a_channel_is_its_views(void **state)
{
    (void)state;
    static const struct view views[] = {{"all", DIM_TOTAL, false}, {"today", DIM_CIRCLE, false}},
                             other_range[] = {{"all", DIM_TOTAL, false},
                                              {"week", DIM_CIRCLE, false}},
                             other_by[] = {{"all", DIM_TOTAL, false}, {"today", DIM_UNIT, false}},
                             turned[] = {{"today", DIM_CIRCLE, false}, {"all", DIM_TOTAL, false}};
    struct channel *c = channel_new(views, 2, &board);
    assert_true(channel_is(c, views, 2));
    assert_false(channel_is(c, views, 1));
    assert_false(channel_is(c, other_range, 2));
    assert_false(channel_is(c, other_by, 2));
    assert_false(channel_is(c, turned, 2));
    assert_int_equal(channel_rev(c), 7);
    channel_free(c);
}

/* What is sent next is told from the figures held, never from those of the board. */
static void a_snapshot_is_of_the_figures_held(void **state)
{
    (void)state;
    static const struct view view = {"today", DIM_CIRCLE, false};
    static const char held[] =
        "\"views\":[{\"range\":\"today\",\"by\":\"circle\",\"totals\":{\"activities\":1,"
        "\"venues\":0,\"residents\":10,\"problems_raised\":0,\"problems_solved\":0,"
        "\"residents_unique\":0},\"groups\":[{\"id\":\"c1\",\"activities\":1,\"venues\":0,"
        "\"residents\":10,\"problems_raised\":0,\"problems_solved\":0,\"residents_unique\":0},"
        "{\"id\":\"c2\",\"activities\":0,\"venues\":0,\"residents\":0,\"problems_raised\":0,"
        "\"problems_solved\":0,\"residents_unique\":0}]}],\"events\":[]}";
    struct buf out = {0};
    struct channel *c = channel_new(&view, 1, &board);
    set("20261124 t", "9,0,90,0,0");
    board.rev = 8;
    channel_snapshot(c, &board, &out);
    assert_non_null(strstr(out.data, "\"rev\":7,"));
    assert_non_null(strstr(out.data, held));
    buf_reset(&out);
    channel_reset(c, &board);
    channel_snapshot(c, &board, &out);
    assert_non_null(strstr(out.data, "\"rev\":8,"));
    assert_non_null(strstr(out.data, "\"totals\":{\"activities\":9,"));
    channel_free(c);
    buf_free(&out);
}

/* A screen that saw revision 7 gets what came since, newest first, and nothing that is to come. */
static void the_feed_is_what_is_new(void **state)
{
    (void)state;
    static const struct view view = {"all", DIM_TOTAL, false};
    static char seven[] = "{\"id\":\"seven\"}", eight[] = "{\"id\":\"eight\"}",
                nine[] = "{\"id\":\"nine\"}";
    struct buf out = {0};
    struct channel *c = channel_new(&view, 1, &board);
    board.feed[FEED_SIZE - 3] = (struct feed_entry){7, seven, 0};
    board.feed[FEED_SIZE - 2] = (struct feed_entry){8, eight, 0};
    board.feed[FEED_SIZE - 1] = (struct feed_entry){9, nine, 0};
    channel_snapshot(c, &board, &out); /* of revision 7 */
    assert_non_null(strstr(out.data, "\"events\":[{\"id\":\"seven\",\"rev\":7}]}"));
    buf_reset(&out);
    board.rev = 9;
    channel_advance(c, &board, &out);
    assert_non_null(strstr(out.data, "\"prev\":7,"));
    assert_non_null(
        strstr(out.data, "\"events\":[{\"id\":\"nine\",\"rev\":9},{\"id\":\"eight\",\"rev\":8}]}"));
    channel_free(c);
    buf_free(&out);
}

/* Only ranges that move with the day go stale, and only when theirs is another. */
static void ranges_go_stale_with_their_day(void **state)
{
    (void)state;
    static const struct {
        struct view view;
        int32_t still, over; /* days on which it isn't and is stale */
    } cases[] = {
        {{"today", DIM_TOTAL, false}, 20261124, 20261125},
        {{"week", DIM_TOTAL, false}, 20261129, 20261130},
        {{"month", DIM_TOTAL, false}, 20261130, 20261201},
        {{"year", DIM_TOTAL, false}, 20261231, 20270101},
        {{"all", DIM_TOTAL, false}, 20270101, 0},
        {{"2026-11", DIM_TOTAL, false}, 20270101, 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        board.today = 20261124;
        struct channel *c = channel_new(&cases[i].view, 1, &board);
        board.today = cases[i].still;
        assert_false(channel_is_stale(c, &board));
        board.today = cases[i].over;
        assert_int_equal(cases[i].over && channel_is_stale(c, &board), cases[i].over != 0);
        channel_free(c);
    }
}

static void assert_status(const char *reason, int64_t as_of, const char *expected)
{
    struct buf out = {0};
    int64_t now;
    assert_true(date_parse("2026-11-24T12:00:00+08:00", 25, &now));
    struct board b = {.as_of = as_of ? now - as_of : 0};
    status_write(reason, 3, &b, now, "b1", &out);
    assert_string_equal(out.data, expected);
    buf_free(&out);
}

static void a_status_tells_up_from_down(void **state)
{
    (void)state;
#define NOW "\"now\":\"2026-11-24T12:00:00.000+08:00\",\"version\":\"" TALLYD_VERSION "+b1\""
    assert_status("", DATE_SECOND,
                  "{\"type\":\"status\",\"store\":\"up\",\"queued\":3,\"as_of\":"
                  "\"2026-11-24T11:59:59.000+08:00\"," NOW "}");
    assert_status("no \"route\"", 0,
                  "{\"type\":\"status\",\"store\":\"down\",\"queued\":3,\"as_of\":null," NOW
                  ",\"reason\":\"no \\\"route\\\"\"}");
}

static void an_error_is_json_whatever_it_says(void **state)
{
    (void)state;
    struct buf out = {0};
    live_error_write("bad_message", "a \"quote\"\n", &out);
    assert_string_equal(out.data, "{\"type\":\"error\",\"code\":\"bad_message\",\"message\":"
                                  "\"a \\\"quote\\\"\\n\"}");
    buf_free(&out);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_channel_is_its_views),      TEST(a_snapshot_is_of_the_figures_held),
        TEST(the_feed_is_what_is_new),     TEST(ranges_go_stale_with_their_day),
        TEST(a_status_tells_up_from_down), TEST(an_error_is_json_whatever_it_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

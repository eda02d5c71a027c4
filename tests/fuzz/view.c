/* view: what a screen says on /ws. What is refused is answered in JSON; views that are taken are
 * read the same again, and every message that they lead to is JSON. */
#include "fuzz.h"

#include "channel.h"
#include <string.h>

static const char *const cells[][2] = {
    {"0 t", "300,120,10000,0,450"},
    {"0 i=c1", "1,2,3,4,5"},
    {"20261123 t", "1,-1,30,2,1"},
    {"20261124 c=s01", "2,1,60,0,0"},
    {"20261124 t", "2,1,60,0,0"},
    {"20260101 u=u01", "1,0,5,0,0"},
    {"U* t", "12"},
    {"UD20261124 c=s01", "3"},
};

static void set_cells(struct totals *t, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        HOLD(totals_set(t, cells[i][0], strlen(cells[i][0]), cells[i][1], strlen(cells[i][1])));
}

/* The message that asks for these views. */
static void hold_same(const struct view *views, size_t count)
{
    struct buf text = {0};
    struct view again[VIEWS_MAX];
    char error[400];
    for (size_t i = 0; i < count; i++) {
        buf_addf(&text, "%s{\"range\":\"%s\"", i ? "," : "{\"views\":[", views[i].range);
        if (views[i].cells || views[i].by != DIM_TOTAL)
            buf_addf(&text, ",\"by\":\"%s\"",
                     views[i].cells ? "cell" : dimension_names[views[i].by]);
        buf_adds(&text, "}");
    }
    buf_adds(&text, "]}");
    HOLD(views_read(text.data, text.len, FUZZ_TODAY, again, error, sizeof error) == count);
    HOLD(memcmp(views, again, count * sizeof *views) == 0);
    buf_free(&text);
}

static void show(const struct view *views, size_t count)
{
    static char event[] = "{\"id\":\"a\",\"kind\":\"plan\"}";
    struct buf snapshot = {0}, delta = {0};
    struct board b = {.catalogue = fuzz_catalogue(),
                      .totals = totals_new(),
                      .epoch = "e1",
                      .rev = 7,
                      .as_of = FUZZ_NOW,
                      .today = FUZZ_TODAY};
    b.feed[FEED_SIZE - 1] = (struct feed_entry){8, event, 0};
    set_cells(b.totals, 0, 4);
    struct channel *c = channel_new(views, count, &b);
    HOLD(channel_is(c, views, count) && !channel_is_stale(c, &b));
    set_cells(b.totals, 4, sizeof cells / sizeof *cells);
    b.rev = 8;
    channel_advance(c, &b, &delta);
    fuzz_hold_json(delta.data, delta.len);
    channel_snapshot(c, &b, &snapshot);
    fuzz_hold_json(snapshot.data, snapshot.len);
    HOLD(channel_rev(c) == 8);
    channel_free(c);
    totals_free(b.totals);
    buf_free(&snapshot);
    buf_free(&delta);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct view views[VIEWS_MAX];
    char error[400] = "";
    fuzz_catalogue();
    size_t count = views_read((const char *)data, size, FUZZ_TODAY, views, error, sizeof error);
    HOLD(count <= VIEWS_MAX);
    if (count) {
        hold_same(views, count);
        show(views, count);
        return 0;
    }
    struct buf answer = {0};
    fuzz_hold_text(error);
    live_error_write("bad_message", error, &answer);
    fuzz_hold_json(answer.data, answer.len);
    buf_free(&answer);
    return 0;
}

/* member: what another daemon says to a district. What is taken adds up, and is kept so that it
 * reads the same again. */
#include "fuzz.h"

#include "member_wire.h"
#include "parts.h"
#include <string.h>

static const struct part part = {"c=s01", {"t", "i=c1"}, 2}, other = {"c=s02", {"t", "i=c1"}, 2};

static void put_all(struct totals *t, const struct part *p, const struct member_news *news)
{
    for (size_t i = 0; i < news->cell_count; i++)
        part_put(t, p, &news->cells[i]);
}

static void hold_sum(void *ctx, const struct cell *whole)
{
    const struct totals *t = ctx;
    struct cell one = *whole, two = *whole;
    totals_cell(t, part.dim, &one);
    totals_cell(t, other.dim, &two);
    for (int m = 0; m < METRIC_COUNT; m++)
        HOLD(whole->n[m] == one.n[m] + two.n[m]);
}

static void hold_kept(const struct member_news *news, const struct totals *t)
{
    struct member_news again;
    struct buf first = {0}, second = {0};
    member_write(news, t, part.dim, &first);
    fuzz_hold_json(first.data, first.len);
    HOLD(member_read(first.data, first.len, &again) && again.what == MEMBER_SNAPSHOT);
    HOLD(again.rev == news->rev && again.units == news->units);
    HOLD(strcmp(again.epoch, news->epoch) == 0);
    struct totals *same = totals_new();
    for (size_t i = 0; i < again.cell_count; i++)
        totals_put(same, part.dim, &again.cells[i]);
    member_write(&again, same, part.dim, &second);
    HOLD(first.len == second.len && memcmp(first.data, second.data, first.len) == 0);
    totals_free(same);
    member_news_clear(&again);
    buf_free(&first);
    buf_free(&second);
}

static void hold_events(const struct member_news *news)
{
    const cJSON *event;
    cJSON_ArrayForEach(event, news->events)
    {
        struct buf out = {0};
        int64_t at;
        if (member_event_write(event, "s01", &out, &at))
            fuzz_hold_json(out.data, out.len);
        buf_free(&out);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct member_news news;
    fuzz_catalogue(); /* sets the zone */
    if (!member_read((const char *)data, size, &news))
        return 0;
    if (news.what == MEMBER_SNAPSHOT || news.what == MEMBER_DELTA) {
        struct totals *t = totals_new(), *none = totals_new();
        put_all(t, &other, &news);
        put_all(t, &part, &news);
        totals_cells(t, "t", 0, hold_sum, t);
        hold_kept(&news, t);
        hold_events(&news);
        part_replace(t, &part, none);
        totals_cells(t, "i=c1", 0, hold_sum, t);
        totals_free(t);
        totals_free(none);
    }
    member_news_clear(&news);
    return 0;
}

#include "fuzz.h"

#include "catalogue.h"
#include "date.h"
#include "event_wire.h"
#include "utf8.h"
#include <stdbool.h>
#include <string.h>

static struct catalogue *make_catalogue(void)
{
    static const struct {
        enum dimension dim;
        const char *id, *name, *parent;
    } entries[] = {
        {DIM_CIRCLE, "c1", "南山圈", NULL},     {DIM_CIRCLE, "c2", "C2", NULL},
        {DIM_COMMUNITY, "s01", "一社", "c1"},   {DIM_COMMUNITY, "s02", "S2", "c2"},
        {DIM_UNIT, "u01", "卫生院", NULL},      {DIM_UNIT, "u02", "U2", NULL},
        {DIM_CATEGORY, "g1", "文化利民", NULL}, {DIM_CATEGORY, "g2", "G2", NULL},
        {DIM_PROJECT, "p1", "义诊", "g1"},      {DIM_PROJECT, "p2", "义诊", "g2"},
    };
    struct catalogue *c = catalogue_new("test", "Test");
    for (size_t i = 0; i < sizeof entries / sizeof *entries; i++)
        HOLD(catalogue_add(c, entries[i].dim, entries[i].id, entries[i].name, entries[i].parent));
    return c;
}

const struct catalogue *fuzz_catalogue(void)
{
    static struct catalogue *c;
    if (!c) {
        HOLD(date_zone("Asia/Shanghai"));
        HOLD(date_day(FUZZ_NOW) == FUZZ_TODAY);
        c = make_catalogue();
    }
    return c;
}

void fuzz_hold_text(const char *text)
{
    size_t len = strlen(text), n;
    uint32_t c;
    HOLD(len > 0);
    for (size_t at = 0; at < len; at += n)
        HOLD((n = utf8_next(text + at, len - at, &c)) > 0);
}

void fuzz_hold_faults(const struct faults *faults)
{
    char message[512];
    for (size_t i = 0; i < faults->count; i++) {
        fuzz_hold_text(fault_name(faults->list[i].code));
        fuzz_hold_text(fault_message(&faults->list[i], LANG_EN, message, sizeof message));
        fuzz_hold_text(fault_message(&faults->list[i], LANG_ZH, message, sizeof message));
    }
}

void fuzz_hold_json(const char *text, size_t len)
{
    struct faults faults = {0};
    cJSON *root = json_parse(text, len, -1, &faults);
    HOLD(root && faults.count == 0);
    cJSON_Delete(root);
}

static void hold_same(const struct event *a, const struct event *b)
{
    unsigned char x[EVENT_HASH], y[EVENT_HASH];
    HOLD(a->kind == b->kind && a->at == b->at && a->starts == b->starts);
    HOLD(a->residents == b->residents && a->shared == b->shared && a->cancelled == b->cancelled);
    HOLD(memcmp(a->has, b->has, sizeof a->has) == 0);
    HOLD(memcmp(a->metrics, b->metrics, sizeof a->metrics) == 0);
    HOLD(memcmp(a->has_metric, b->has_metric, sizeof a->has_metric) == 0);
    for (int f = 0; f < FIELD_COUNT; f++)
        HOLD(a->text[f] ? b->text[f] && strcmp(a->text[f], b->text[f]) == 0 : !b->text[f]);
    event_hash(a, a->text[FIELD_RESIDENT], x);
    event_hash(b, b->text[FIELD_RESIDENT], y);
    HOLD(memcmp(x, y, EVENT_HASH) == 0);
}

void fuzz_hold_written(const struct event *e)
{
    struct buf text = {0};
    struct faults faults = {0};
    struct event same;
    event_write(e, e->text[FIELD_RESIDENT], &text);
    HOLD(!memchr(text.data, '\n', text.len)); /* one line of a request, of the journal */
    cJSON *object = json_parse(text.data, text.len, 0, &faults);
    HOLD(object);
    event_read(object, &same, 0, &faults);
    event_check(&same, fuzz_catalogue(), FUZZ_NOW, 0, &faults);
    HOLD(faults.count == 0);
    hold_same(e, &same);
    event_clear(&same);
    cJSON_Delete(object);
    buf_free(&text);
}

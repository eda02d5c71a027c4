#include "fuzz.h"

#include "catalogue.h"
#include "date.h"
#include "json.h"
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

/* event: the body of POST /events, as an array and as lines. What is accepted is written, read
 * again and comes out as the same event, with an effect that the store and the fold understand. */
#include "fuzz.h"

#include "effect.h"
#include "event_wire.h"
#include "fold.h"
#include <string.h>

#define HASH "0123456789abcdef" /* stands in for a resident's keyed hash */

static void hold_effect(const struct event *e)
{
    struct buf line = {0};
    struct effect x;
    struct fold *f = fold_new();
    const char *resident = e->has[FIELD_RESIDENT] ? HASH : NULL;
    char key[EVENT_ID_MAX + 3];
    effect_of(e, fuzz_catalogue(), resident, NULL, &line);
    HOLD(effect_read(&x, line.data, line.len));
    HOLD(strlen(x.at) == EFFECT_AT_DIGITS);
    for (const char *cursor = x.dims; effect_next_dim(&cursor, key);)
        HOLD(strchr("icupg", key[0]) && key[1] == '=');
    HOLD(!e->text[FIELD_UNIT] || effect_has(&x, DIM_UNIT, e->text[FIELD_UNIT]));
    HOLD(fold_add(f, e->text[FIELD_ID], line.data, line.len));
    fold_finish(f);
    fold_free(f);
    buf_free(&line);
}

static void read_body(const char *body, size_t size, bool lines)
{
    struct faults faults = {0};
    struct events events;
    events_read(body, size, lines, &events, &faults);
    HOLD(faults.count > 0 || events.count > 0);
    HOLD(events.count <= EVENTS_MAX);
    size_t unread = faults.count;
    for (size_t i = 0; i < events.count; i++) {
        struct event *e = &events.list[i];
        size_t before = faults.count;
        if (e->kind < EVENT_KINDS)
            event_check(e, fuzz_catalogue(), FUZZ_NOW, (int)i, &faults);
        if (unread > 0 || faults.count > before)
            continue;
        fuzz_hold_written(e);
        hold_effect(e);
    }
    fuzz_hold_faults(&faults);
    events_clear(&events);
    faults_free(&faults);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_catalogue();
    read_body((const char *)data, size, false);
    read_body((const char *)data, size, true);
    return 0;
}

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

/* As the stream and the journal have it. */
static void hold_written(const struct event *e)
{
    unsigned char was[EVENT_HASH], is[EVENT_HASH];
    struct buf text = {0}, again = {0};
    struct faults faults = {0};
    struct event same;
    event_write(e, e->text[FIELD_RESIDENT], &text);
    HOLD(!memchr(text.data, '\n', text.len));
    cJSON *object = json_parse(text.data, text.len, 0, &faults);
    HOLD(object);
    event_read(object, &same, 0, &faults);
    HOLD(faults.count == 0);
    HOLD(strcmp(e->text[FIELD_ID], same.text[FIELD_ID]) == 0);
    event_hash(e, e->text[FIELD_RESIDENT], was);
    event_hash(&same, same.text[FIELD_RESIDENT], is);
    HOLD(memcmp(was, is, EVENT_HASH) == 0);
    event_write(&same, same.text[FIELD_RESIDENT], &again);
    HOLD(text.len == again.len && memcmp(text.data, again.data, text.len) == 0);
    event_clear(&same);
    cJSON_Delete(object);
    buf_free(&text);
    buf_free(&again);
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
        hold_written(e);
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

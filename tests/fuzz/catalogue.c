/* catalogue: the catalogue's file. What is refused is told with a line of the file; what is taken
 * is written as /catalogue's answer, and that reads as the same catalogue. */
#include "fuzz.h"

#include "catalogue_wire.h"
#include "event_wire.h"
#include <string.h>

static void hold_complaints(const struct complaints *c, const char *text, size_t size)
{
    int lines = 1;
    for (size_t i = 0; i < size; i++)
        lines += text[i] == '\n';
    HOLD(c->count > 0);
    for (size_t i = 0; i < c->count; i++) {
        HOLD(c->list[i].line >= 0 && c->list[i].line <= lines);
        fuzz_hold_text(c->list[i].message);
        if (c->list[i].field[0])
            fuzz_hold_text(c->list[i].field);
    }
}

static void hold_written(const struct catalogue *c)
{
    struct complaints complaints = {0};
    struct buf first = {0}, second = {0};
    char *opening;
    catalogue_write(c, &first);
    struct catalogue *again = catalogue_read(first.data, first.len, &opening, &complaints);
    HOLD(again && !opening && complaints.count == 0);
    catalogue_write(again, &second);
    HOLD(first.len == second.len && memcmp(first.data, second.data, first.len) == 0);
    catalogue_free(again);
    buf_free(&first);
    buf_free(&second);
}

/* As a start of the daemon judges it. */
static void judge_opening(const char *opening, const struct catalogue *c)
{
    struct faults faults = {0};
    struct events events;
    events_read(opening, strlen(opening), false, &events, &faults);
    for (size_t i = 0; i < events.count; i++)
        if (events.list[i].kind < EVENT_KINDS)
            event_check(&events.list[i], c, FUZZ_NOW, (int)i, &faults);
    fuzz_hold_faults(&faults);
    events_clear(&events);
    faults_free(&faults);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct complaints complaints = {0};
    char *opening = NULL;
    struct catalogue *c = catalogue_read((const char *)data, size, &opening, &complaints);
    if (c) {
        HOLD(complaints.count == 0);
        hold_written(c);
    } else {
        hold_complaints(&complaints, (const char *)data, size);
    }
    if (opening)
        judge_opening(opening, c);
    free(opening);
    catalogue_free(c);
    complaints_free(&complaints);
    return 0;
}

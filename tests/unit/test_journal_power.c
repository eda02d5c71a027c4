/* What the journal promises when the power is cut, and when a system call fails, at any one call
 * of its: what was acknowledged is there, under its number; what was refused isn't; the numbers
 * have no gap; and nothing is taken for damage. */
#include "unit.h"

#include "disk_model.h"
#include "journal_kit.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define APPENDS 60
#define EARLIER 30 /* records of an incarnation before */

enum outcome { OPEN, ACKNOWLEDGED, REFUSED };

struct append {
    struct world *world;
    unsigned id, count;
    /* As it stood when the power was cut. */
    enum outcome outcome;
    uint64_t first;
};

struct world {
    struct kit kit;
    char image[64];
    char earlier[JOURNAL_INCARNATION], present[JOURNAL_INCARNATION];
    struct append appends[APPENDS];
    unsigned called, refused;
    uint64_t durable; /* as it stood when the power was cut */
    uint64_t trimmed, earlier_trimmed;
    struct disk_plan plan;
};

static int set_up(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    const char *base = getenv("TMPDIR");
    kit_begin(&w->kit);
    snprintf(w->image, sizeof w->image, "%s/image-XXXXXX", base ? base : P_tmpdir);
    assert_non_null(mkdtemp(w->image));
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;
    kit_empty(w->image, true);
    kit_end(&w->kit);
    free(w);
    return 0;
}

/* --- the run ---- */

static unsigned text_len(unsigned id, unsigned i)
{
    return 12 + (id * 37 + i * 101) % 150;
}

static void make_text(char out[200], unsigned id, unsigned i)
{
    memset(out, 'a' + (int)(id % 26), text_len(id, i));
    out[text_len(id, i)] = '\0';
    out[snprintf(out, 12, "%u.%u", id, i)] = ' ';
}

static void on_durable(void *ctx, int status, uint64_t first)
{
    struct append *a = ctx;
    a->world->called++;
    a->world->refused += status != 0;
    if (disk_is_cut())
        return;
    a->outcome = status == 0 ? ACKNOWLEDGED : REFUSED;
    a->first = first;
    if (status == 0)
        a->world->durable = first + a->count - 1;
}

static void append(struct world *w, unsigned id)
{
    struct append *a = &w->appends[id];
    struct journal_record records[3];
    char texts[3][200];
    *a = (struct append){.world = w, .id = id, .count = 1 + id % 3};
    for (unsigned i = 0; i < a->count; i++) {
        make_text(texts[i], id, i);
        records[i] = (struct journal_record){texts[i], strlen(texts[i])};
    }
    if (journal_append(w->kit.journal, records, a->count, on_durable, a) == 0)
        return;
    w->called++;
    w->refused++;
    if (!disk_is_cut())
        a->outcome = REFUSED;
}

static void trim(struct world *w, const char *incarnation, uint64_t number, uint64_t *trimmed)
{
    if (!disk_is_cut())
        *trimmed = number;
    journal_trim(w->kit.journal, incarnation, number);
}

/* Small groups at a time, with some of what is behind being trimmed. WAIT: for a journal that
 * is in trouble, until it isn't. */
static void run(struct world *w, bool wait)
{
    for (unsigned id = 0; id < APPENDS;) {
        for (unsigned group = 1 + id % 4; group > 0 && id < APPENDS; group--)
            append(w, id++);
        if (id % 5 == 0)
            uv_run(&w->kit.loop, UV_RUN_NOWAIT);
        else
            while (w->called < id)
                uv_run(&w->kit.loop, UV_RUN_ONCE);
        if (wait)
            assert_true(kit_until(&w->kit, true));
        if (id > APPENDS / 3)
            trim(w, w->earlier, EARLIER / 2, &w->earlier_trimmed);
        if (id > APPENDS / 2)
            trim(w, w->present, w->durable / 2, &w->trimmed);
    }
}

/* --- the verdict ---- */

struct check {
    struct world *w;
    uint64_t next;
    bool found[APPENDS][3];
};

static void on_record(void *ctx, uint64_t number, const void *bytes, size_t len)
{
    struct check *c = ctx;
    unsigned id, i;
    char head[16], text[200];
    assert_int_equal(number, c->next);
    c->next++;
    snprintf(head, sizeof head, "%.*s", len < 15 ? (int)len : 15, (const char *)bytes);
    assert_int_equal(sscanf(head, "%u.%u", &id, &i), 2);
    make_text(text, id, i);
    assert_int_equal(len, strlen(text));
    assert_memory_equal(bytes, text, len);
    const struct append *a = &c->w->appends[id];
    assert_int_not_equal(a->outcome, REFUSED);
    if (a->outcome == ACKNOWLEDGED)
        assert_int_equal(number, a->first + i);
    assert_false(c->found[id][i]);
    c->found[id][i] = true;
}

static void check_present(struct world *w, const struct journal_run *run)
{
    struct check *c = calloc(1, sizeof *c);
    c->w = w;
    c->next = run->first;
    while (journal_read(w->kit.journal, run->incarnation, c->next, 7, 500, on_record, c) > 0)
        ;
    assert_int_equal(c->next, run->last + 1);
    assert_true(run->first <= w->trimmed + 1);
    for (unsigned id = 0; id < APPENDS; id++)
        for (unsigned i = 0; i < w->appends[id].count; i++)
            if (w->appends[id].outcome == ACKNOWLEDGED && w->appends[id].first + i > w->trimmed)
                assert_true(c->found[id][i]);
    free(c);
}

static void on_earlier(void *ctx, uint64_t number, const void *bytes, size_t len)
{
    char text[32];
    snprintf(text, sizeof text, "earlier %llu", (unsigned long long)number);
    assert_int_equal(len, strlen(text));
    assert_memory_equal(bytes, text, len);
    ++*(uint64_t *)ctx;
}

static void check_earlier(struct world *w, const struct journal_run *run)
{
    uint64_t next = run->first;
    while (journal_read(w->kit.journal, run->incarnation, next, 7, 500, on_earlier, &next) > 0)
        ;
    assert_int_equal(next, EARLIER + 1);
    assert_true(run->first <= w->earlier_trimmed + 1);
}

/* Opens what the power cut has left. */
static void judge(struct world *w)
{
    struct journal_run runs[8];
    bool is_earlier_there = false, is_present_there = false;
    w->kit.options.folder = w->image;
    assert_int_equal(kit_open(&w->kit), 0);
    size_t count = journal_runs(w->kit.journal, runs, COUNT_OF(runs));
    for (size_t i = 0; i + 1 < count; i++) {
        bool is_present = strcmp(runs[i].incarnation, w->present) == 0;
        (is_present ? check_present : check_earlier)(w, &runs[i]);
        is_earlier_there |= !is_present;
        is_present_there |= is_present;
    }
    assert_true(is_earlier_there);
    assert_true(is_present_there || w->durable == 0);
    assert_true(kit_append(&w->kit, "and on it goes") > 0);
    kit_close(&w->kit);
    w->kit.options.folder = w->kit.folder;
}

static void count_damaged(struct world *w)
{
    char folder[64];
    strcpy(folder, w->kit.folder);
    strcpy(w->kit.folder, w->image);
    assert_int_equal(kit_count(&w->kit, ".damaged"), 0);
    strcpy(w->kit.folder, folder);
}

/* One life of a journal by PLAN, and what is left of it; returns the number of calls. */
static unsigned live(struct world *w, const struct disk_plan *plan, bool wait)
{
    char text[32];
    struct kit *k = &w->kit;
    kit_empty(k->folder, false);
    kit_empty(w->image, false);
    w->called = w->refused = 0;
    w->durable = w->trimmed = w->earlier_trimmed = 0;
    w->plan = *plan;
    memset(w->appends, 0, sizeof w->appends);
    assert_int_equal(kit_open(k), 0);
    strcpy(w->earlier, journal_incarnation(k->journal));
    for (unsigned i = 1; i <= EARLIER; i++) {
        snprintf(text, sizeof text, "earlier %u", i);
        assert_int_equal(kit_append(k, text), i);
    }
    kit_close(k);
    disk_start(k->folder, w->image, plan);
    unsigned calls = 0;
    if (kit_open(k) == 0) { /* else it says why, and nothing was promised */
        strcpy(w->present, journal_incarnation(k->journal));
        run(w, wait);
        kit_close(k);
        calls = disk_stop();
        assert_int_equal(w->called, APPENDS);
    } else {
        disk_stop();
    }
    judge(w);
    count_damaged(w);
    return calls;
}

static void a_cut_at_every_call(void **state)
{
    struct world *w = *state;
    unsigned calls = live(w, &(struct disk_plan){.seed = 1}, false);
    assert_true(calls > 60);
    assert_int_equal(w->refused, 0);
    for (unsigned cut = 1; cut <= calls; cut++)
        for (unsigned seed = 1; seed <= 6; seed++)
            live(w, &(struct disk_plan){.seed = seed * 1000 + cut, .cut_at = cut}, false);
}

static void a_failure_at_every_call(void **state)
{
    struct world *w = *state;
    static const int errors[] = {EIO, ENOSPC};
    unsigned calls = live(w, &(struct disk_plan){.seed = 2}, false), refused = 0;
    for (unsigned at = 1; at <= calls; at++)
        for (unsigned seed = 1; seed <= 9; seed++) {
            struct disk_plan plan = {.seed = seed * 1000 + at,
                                     .fail_at = at,
                                     .fail_count = 1,
                                     .error = errors[seed % 2],
                                     .cut_at = seed > 3 ? at + seed - 3 : 0};
            live(w, &plan, false);
            refused += w->refused;
        }
    assert_true(refused > calls); /* failures were noticed */
}

/* Nor do two in a row bring anything back: what can't be cut off is voided by a new segment. */
static void two_failures_at_every_call(void **state)
{
    struct world *w = *state;
    unsigned calls = live(w, &(struct disk_plan){.seed = 3}, false);
    for (unsigned at = 1; at <= calls; at++)
        for (unsigned seed = 1; seed <= 4; seed++) {
            struct disk_plan plan = {.seed = seed * 1000 + at,
                                     .fail_at = at,
                                     .fail_count = 2,
                                     .error = EIO,
                                     .cut_at = seed < 4 ? at + 2 * seed : 0};
            live(w, &plan, false);
        }
}

/* The disk is bad for some calls, and good again: so is the journal, without being opened anew. */
static void a_bad_time(void **state)
{
    struct world *w = *state;
    for (unsigned at = 10; at < 100; at += 9) {
        struct disk_plan plan = {.seed = at, .fail_at = at, .fail_count = 1 + at % 5, .error = EIO};
        live(w, &plan, true);
        assert_int_equal(w->appends[APPENDS - 1].outcome, ACKNOWLEDGED);
    }
}

int main(void)
{
    if (access("/dev/shm", W_OK) == 0)
        setenv("TMPDIR", "/dev/shm", 0);
    setenv("UV_THREADPOOL_SIZE", "1", 1); /* the same calls in the same order, mostly */
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_cut_at_every_call),
        TEST(a_failure_at_every_call),
        TEST(two_failures_at_every_call),
        TEST(a_bad_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

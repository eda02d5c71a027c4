/* What whoever uses the journal relies on while nothing is broken: order, numbers, incarnations,
 * bounds, the lock. */
#include "unit.h"

#include "journal_kit.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int set_up(void **state)
{
    struct kit *k = malloc(sizeof *k);
    kit_begin(k);
    *state = k;
    return 0;
}

static int tear_down(void **state)
{
    kit_end(*state);
    free(*state);
    return 0;
}

static void check_all(struct kit *k, const char *expected)
{
    char *text = kit_read_all(k);
    assert_string_equal(text, expected);
    free(text);
}

static void calls_back_in_order(void **state)
{
    struct kit *k = *state;
    struct kit_append a[40] = {0};
    unsigned calls = 0;
    assert_int_equal(kit_open(k), 0);
    for (size_t i = 0; i < COUNT_OF(a); i++) {
        a[i].calls = &calls;
        assert_int_equal(kit_start(k, &a[i], "r", 1 + i % 3), 0);
    }
    assert_int_equal(journal_durable(k->journal), 0);
    uint64_t next = 1;
    for (size_t i = 0; i < COUNT_OF(a); i++) {
        kit_wait(k, &a[i]);
        assert_int_equal(a[i].status, 0);
        assert_int_equal(a[i].order, i);
        assert_int_equal(a[i].first, next);
        next += 1 + i % 3;
    }
    assert_int_equal(journal_durable(k->journal), next - 1);
    assert_int_equal(journal_last(k->journal), next - 1);
}

static void waits_for_company(void **state)
{
    struct kit *k = *state;
    struct kit_append a = {0}, b = {0};
    k->options.gather_ms = 30;
    assert_int_equal(kit_open(k), 0);
    assert_int_equal(kit_start(k, &a, "a", 1), 0);
    uv_run(&k->loop, UV_RUN_NOWAIT);
    assert_int_equal(kit_start(k, &b, "b", 1), 0);
    kit_wait(k, &a);
    assert_true(b.is_done); /* one sync for both */
}

static void reads_earlier_incarnations(void **state)
{
    struct kit *k = *state;
    char first[JOURNAL_INCARNATION];
    assert_int_equal(kit_open(k), 0);
    strcpy(first, journal_incarnation(k->journal));
    assert_int_equal(kit_append(k, "a"), 1);
    assert_int_equal(kit_append(k, "b"), 2);
    kit_close(k);
    assert_int_equal(kit_open(k), 0);
    assert_string_not_equal(first, journal_incarnation(k->journal));
    assert_int_equal(kit_append(k, "c"), 1);
    kit_close(k);
    assert_int_equal(kit_open(k), 0);
    kit_close(k); /* nothing came: nothing stays of it */
    assert_int_equal(kit_count(k, ".j"), 2);
    assert_int_equal(kit_open(k), 0);
    assert_int_equal(kit_append(k, "d"), 1);

    struct journal_run runs[4];
    assert_int_equal(journal_runs(k->journal, runs, COUNT_OF(runs)), 3);
    assert_string_equal(runs[0].incarnation, first);
    assert_int_equal(runs[0].first, 1);
    assert_int_equal(runs[0].last, 2);
    assert_string_equal(runs[2].incarnation, journal_incarnation(k->journal));
    assert_int_equal(journal_runs(k->journal, runs, 2), 2);
    assert_string_equal(runs[0].incarnation, first);
    assert_string_equal(runs[1].incarnation, journal_incarnation(k->journal));
    check_all(k, "1=a 2=b | 1=c | 1=d");
}

/* Enough records for several segments. */
static void fill(struct kit *k, unsigned count)
{
    struct kit_append *a = calloc(count, sizeof *a);
    for (unsigned i = 0; i < count; i++) {
        char text[100];
        snprintf(text, sizeof text, "record %u, long enough to be worth its place", i + 1);
        assert_int_equal(kit_start(k, &a[i], text, 1), 0);
        if (i % 10 == 9)
            kit_wait(k, &a[i]);
    }
    for (unsigned i = 0; i < count; i++) {
        kit_wait(k, &a[i]);
        assert_int_equal(a[i].status, 0);
        assert_int_equal(a[i].first, i + 1);
    }
    free(a);
}

static void check_from(struct kit *k, const char *incarnation, unsigned from, unsigned last)
{
    struct buf expected = {0};
    for (unsigned i = from; i <= last; i++)
        buf_addf(&expected, "%s%u=record %u, long enough to be worth its place",
                 i > from ? " " : "", i, i);
    char *text = kit_read(k, incarnation, from);
    assert_string_equal(text, expected.data);
    free(text);
    buf_free(&expected);
}

static void reads_from_any_number(void **state)
{
    struct kit *k = *state;
    char incarnation[JOURNAL_INCARNATION];
    assert_int_equal(kit_open(k), 0);
    strcpy(incarnation, journal_incarnation(k->journal));
    fill(k, 500);
    for (int reopened = 0; reopened < 2; reopened++) {
        for (unsigned from = 500; from >= 1; from -= from > 20 ? 20 : 1)
            check_from(k, incarnation, from, 500);
        char *text = kit_read(k, incarnation, 501);
        assert_string_equal(text, "");
        free(text);
        kit_close(k);
        assert_int_equal(kit_open(k), 0);
    }
}

static void reads_on_as_it_grows(void **state)
{
    struct kit *k = *state;
    assert_int_equal(kit_open(k), 0);
    const char *incarnation = journal_incarnation(k->journal);
    for (unsigned i = 1; i <= 200; i++) {
        char text[32], expected[64];
        snprintf(text, sizeof text, "text %u", i);
        snprintf(expected, sizeof expected, "%u=text %u", i, i);
        assert_int_equal(kit_append(k, text), i);
        char *got = kit_read(k, incarnation, i);
        assert_string_equal(got, expected);
        free(got);
    }
}

static void on_size(void *ctx, uint64_t number, const void *bytes, size_t len)
{
    (void)number;
    assert_int_equal(len, JOURNAL_RECORD_MAX);
    assert_int_equal(((const unsigned char *)bytes)[len - 1], 0xfe);
    ++*(unsigned *)ctx;
}

static void takes_records_up_to_their_limit(void **state)
{
    struct kit *k = *state;
    k->options.segment_bytes = 4 << 20;
    k->options.max_bytes = 64 << 20;
    assert_int_equal(kit_open(k), 0);
    unsigned char *bytes = malloc(JOURNAL_RECORD_MAX + 1);
    memset(bytes, 0xfe, JOURNAL_RECORD_MAX + 1); /* as a record's magic begins */
    struct journal_record one = {bytes, JOURNAL_RECORD_MAX}, r[4] = {one, one, one, one};
    assert_int_equal(journal_append(k->journal, &(struct journal_record){bytes, 0}, 1, NULL, NULL),
                     -EINVAL);
    assert_int_equal(journal_append(k->journal, &one, 0, NULL, NULL), -EINVAL);
    assert_int_equal(journal_append(k->journal, r, 4, NULL, NULL), -EMSGSIZE);
    one.len++;
    assert_int_equal(journal_append(k->journal, &one, 1, NULL, NULL), -EMSGSIZE);
    free(bytes);
}

static void on_big_durable(void *ctx, int status, uint64_t first)
{
    (void)first;
    assert_int_equal(status, 0);
    ++*(unsigned *)ctx;
}

static void keeps_large_records(void **state)
{
    struct kit *k = *state;
    unsigned done = 0, read = 0;
    k->options.segment_bytes = 4 << 20;
    k->options.max_bytes = 64 << 20;
    assert_int_equal(kit_open(k), 0);
    unsigned char *bytes = malloc(JOURNAL_RECORD_MAX);
    memset(bytes, 0xfe, JOURNAL_RECORD_MAX);
    struct journal_record one = {bytes, JOURNAL_RECORD_MAX};
    for (unsigned i = 0; i < 10; i++)
        assert_int_equal(journal_append(k->journal, &one, 1, on_big_durable, &done), 0);
    while (done < 10)
        uv_run(&k->loop, UV_RUN_ONCE);
    while (journal_read(k->journal, journal_incarnation(k->journal), read + 1, 100, 3 << 20,
                        on_size, &read) > 0)
        ;
    assert_int_equal(read, 10);
    free(bytes);
}

static void trims_what_is_covered(void **state)
{
    struct kit *k = *state;
    struct journal_run runs[2];
    char old[JOURNAL_INCARNATION], incarnation[JOURNAL_INCARNATION];
    assert_int_equal(kit_open(k), 0);
    strcpy(old, journal_incarnation(k->journal));
    fill(k, 200);
    kit_close(k);
    assert_int_equal(kit_open(k), 0);
    strcpy(incarnation, journal_incarnation(k->journal));
    fill(k, 200);
    uint64_t before = journal_size(k->journal);
    journal_trim(k->journal, old, 100);
    assert_int_equal(journal_runs(k->journal, runs, 2), 2);
    assert_in_range(runs[0].first, 2, 101);
    check_from(k, old, (unsigned)runs[0].first, 200);
    journal_trim(k->journal, old, 200);
    assert_int_equal(journal_runs(k->journal, runs, 2), 1);
    journal_trim(k->journal, incarnation, 200);
    assert_int_equal(kit_append(k, "more"), 201); /* and the files are gone when that is done */
    kit_close(k);
    assert_int_equal(kit_open(k), 0);
    assert_true(journal_size(k->journal) < before / 4);
    assert_int_equal(journal_runs(k->journal, runs, 2), 2);
    assert_string_equal(runs[0].incarnation, incarnation);
    assert_int_equal(runs[0].last, 201);
    char *text = kit_read(k, incarnation, 201);
    assert_string_equal(text, "201=more");
    free(text);
}

/* Appends until that is refused; the last number that was taken. */
static uint64_t fill_up(struct kit *k)
{
    char text[90];
    uint64_t last = 0, number;
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    for (size_t len = sizeof text - 1; len > 0; len = len > 8 ? len / 2 : 0, text[len] = '\0')
        while ((number = kit_append(k, text)) > 0)
            last = number;
    return last;
}

static void stays_within_its_bound(void **state)
{
    struct kit *k = *state;
    char incarnation[JOURNAL_INCARNATION];
    k->options.max_bytes = 10 * 4096;
    assert_int_equal(kit_open(k), 0);
    strcpy(incarnation, journal_incarnation(k->journal));
    assert_string_equal(journal_trouble(k->journal), "");
    uint64_t last = fill_up(k);
    assert_in_range(last, 9 * 30, 10 * 40);
    assert_true(journal_size(k->journal) <= k->options.max_bytes);
    assert_false(journal_accepts(k->journal));
    assert_string_equal(journal_trouble(k->journal), "the journal is as large as it may be");
    struct kit_append a = {0};
    assert_int_equal(
        kit_start(k, &a, "a text that is too long for what is left, as it is on purpose", 1),
        -ENOSPC);
    kit_close(k);

    /* Nor does it take more after a restart, but it opens, so that it can be emptied. */
    assert_int_equal(kit_open(k), 0);
    assert_true(journal_size(k->journal) <= k->options.max_bytes);
    fill_up(k);
    assert_true(journal_size(k->journal) <= k->options.max_bytes);
    journal_trim(k->journal, incarnation, last);
    assert_true(kit_until(k, true));
    assert_true(kit_append(k, "room again") > 0);
}

static void bounds_its_memory(void **state)
{
    struct kit *k = *state;
    unsigned done = 0, taken = 0;
    int status;
    k->options.segment_bytes = 4 << 20;
    k->options.max_bytes = 256 << 20;
    assert_int_equal(kit_open(k), 0);
    void *bytes = calloc(1, JOURNAL_RECORD_MAX);
    struct journal_record one = {bytes, JOURNAL_RECORD_MAX};
    while ((status = journal_append(k->journal, &one, 1, on_big_durable, &done)) == 0)
        taken++;
    assert_int_equal(status, -EAGAIN);
    assert_int_equal(taken, JOURNAL_WAITING_MAX / JOURNAL_RECORD_MAX - 1);
    kit_close(k); /* what waits is written first */
    assert_int_equal(done, taken);
    free(bytes);
}

static void on_late(void *ctx, int status, uint64_t first)
{
    struct kit *k = ctx;
    struct kit_append a = {0};
    assert_int_equal(status, 0);
    assert_int_equal(first, 1);
    if (k->closing) /* a disk may be quicker than the test */
        assert_int_equal(kit_start(k, &a, "too late", 1), -ECANCELED);
}

static void closes_with_appends_pending(void **state)
{
    struct kit *k = *state;
    struct kit_append a[3] = {0};
    assert_int_equal(kit_open(k), 0);
    assert_int_equal(
        journal_append(k->journal, &(struct journal_record){"first", 5}, 1, on_late, k), 0);
    uv_run(&k->loop, UV_RUN_NOWAIT); /* under way, or about to be */
    for (size_t i = 0; i < COUNT_OF(a); i++)
        assert_int_equal(kit_start(k, &a[i], "a", 1), 0);
    kit_close(k);
    for (size_t i = 0; i < COUNT_OF(a); i++)
        assert_true(a[i].is_done && a[i].status == 0 && a[i].first == i + 2);
    assert_int_equal(kit_open(k), 0);
    check_all(k, "1=first 2=a 3=a 4=a");
}

static void has_one_owner(void **state)
{
    struct kit *k = *state;
    char error[200], expected[300];
    assert_int_equal(kit_open(k), 0);
    snprintf(expected, sizeof expected, "%s: in use by another process (pid %ld)", k->folder,
             (long)getpid());
    assert_null(journal_open(&k->loop, &k->options, error, sizeof error));
    assert_string_equal(error, expected);
    kit_close(k);
    assert_int_equal(kit_open(k), 0);
}

static void names_what_it_cannot_open(void **state)
{
    struct kit *k = *state;
    char folder[100], error[200], expected[200];
    struct journal_options options = k->options;
    options.folder = folder;
    snprintf(folder, sizeof folder, "%s/none/journal", k->folder);
    snprintf(expected, sizeof expected, "%s: No such file or directory", folder);
    assert_null(journal_open(&k->loop, &options, error, sizeof error));
    assert_string_equal(error, expected);

    snprintf(folder, sizeof folder, "%s/journal", k->folder);
    kit_save(folder, "", 0);
    snprintf(expected, sizeof expected, "%s: Not a directory", folder);
    assert_null(journal_open(&k->loop, &options, error, sizeof error));
    assert_string_equal(error, expected);
}

static void makes_a_private_folder(void **state)
{
    struct kit *k = *state;
    char folder[100];
    struct stat st;
    snprintf(folder, sizeof folder, "%s/new", k->folder);
    k->options.folder = folder;
    assert_int_equal(kit_open(k), 0);
    assert_int_equal(stat(folder, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    kit_close(k);
    kit_empty(folder, true);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(calls_back_in_order),         TEST(waits_for_company),
        TEST(reads_earlier_incarnations),  TEST(reads_from_any_number),
        TEST(reads_on_as_it_grows),        TEST(takes_records_up_to_their_limit),
        TEST(keeps_large_records),         TEST(trims_what_is_covered),
        TEST(stays_within_its_bound),      TEST(bounds_its_memory),
        TEST(closes_with_appends_pending), TEST(has_one_owner),
        TEST(names_what_it_cannot_open),   TEST(makes_a_private_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

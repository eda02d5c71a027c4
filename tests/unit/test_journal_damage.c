/* What a journal makes of segments that aren't as they were written: never a wrong record, never
 * a crash, and nothing lost but what was hit. */
#include "unit.h"

#include "journal_kit.h"
#include "log.h"
#include "segment.h"
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Thousands of journals are opened here, and none has to survive a power cut. */
int fdatasync(int fd)
{
    (void)fd;
    return 0;
}

int fsync(int fd)
{
    (void)fd;
    return 0;
}

#define WRITES 4 /* each of three records */
#define TOTAL  (3 * WRITES)

/* One closed segment of TOTAL records, as it was left. */
struct sample {
    struct kit kit;
    char path[256], incarnation[JOURNAL_INCARNATION];
    unsigned char *bytes;
    size_t len;
    size_t ends[TOTAL + 1]; /* where record i ends; [0]: the header */
    char *texts[TOTAL + 1]; /* "i=TEXT" */
};

static const char *write_name(unsigned i)
{
    static const char *const names[WRITES] = {"first", "a second write", "3", "the last one"};
    return names[i];
}

static void note_records(struct sample *s)
{
    s->ends[0] = SEGMENT_HEADER;
    for (unsigned i = 1; i <= TOTAL; i++) {
        const unsigned char *at = s->bytes + s->ends[i - 1];
        uint32_t len = segment_record_len(at);
        struct buf text = {0};
        buf_addf(&text, "%u=%.*s", i, (int)len, (const char *)at + SEGMENT_RECORD_HEAD);
        s->texts[i] = buf_take(&text, NULL);
        s->ends[i] = s->ends[i - 1] + len + SEGMENT_OVERHEAD;
    }
    assert_int_equal(s->ends[TOTAL], s->len);
}

static int set_up(void **state)
{
    struct sample *s = calloc(1, sizeof *s);
    kit_begin(&s->kit);
    assert_int_equal(kit_open(&s->kit), 0);
    strcpy(s->incarnation, journal_incarnation(s->kit.journal));
    for (unsigned i = 0; i < WRITES; i++) {
        struct kit_append a = {0};
        assert_int_equal(kit_start(&s->kit, &a, write_name(i), 3), 0);
        kit_wait(&s->kit, &a);
        assert_int_equal(a.status, 0);
    }
    kit_close(&s->kit);
    kit_segment(&s->kit, s->incarnation, 1, s->path);
    s->bytes = kit_load(s->path, &s->len);
    note_records(s);
    *state = s;
    return 0;
}

static int tear_down(void **state)
{
    struct sample *s = *state;
    kit_end(&s->kit);
    for (unsigned i = 1; i <= TOTAL; i++)
        free(s->texts[i]);
    free(s->bytes);
    free(s);
    return 0;
}

/* Sends what is logged thousands of times to nowhere; the descriptor to turn it back with. */
static int hush(void)
{
    int saved = dup(STDERR_FILENO), nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, STDERR_FILENO);
    close(nowhere);
    return saved;
}

static void unhush(int saved)
{
    dup2(saved, STDERR_FILENO);
    close(saved);
}

/* Puts BYTES in the segment's place; what can then be read must be all of the sample but the
 * records from GONE to GONE_LAST (0: none). */
static void check(struct sample *s, const void *bytes, size_t len, unsigned gone,
                  unsigned gone_last)
{
    struct buf expected = {0};
    for (unsigned i = 1; i <= TOTAL; i++)
        if (gone == 0 || i < gone || i > gone_last)
            buf_addf(&expected, "%s%s", expected.len ? " " : "", s->texts[i]);
    kit_empty(s->kit.folder, false);
    kit_save(s->path, bytes, len);
    int saved = hush();
    assert_int_equal(kit_open(&s->kit), 0);
    char *text = kit_read_all(&s->kit);
    unhush(saved);
    if (strcmp(text, expected.data ? expected.data : "") != 0)
        print_message("len %zu, records %u to %u hit\n", len, gone, gone_last);
    assert_string_equal(text, expected.data ? expected.data : "");
    free(text);
    kit_close(&s->kit);
    buf_free(&expected);
}

/* The record that byte AT belongs to; 0: the header. */
static unsigned record_at(const struct sample *s, size_t at)
{
    unsigned i = 0;
    while (at >= s->ends[i])
        i++;
    return i;
}

static void every_flipped_bit(void **state)
{
    struct sample *s = *state;
    for (size_t bit = 0; bit < s->len * 8; bit++) {
        unsigned hit = record_at(s, bit / 8);
        s->bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        /* The last write can't be told from one that never ended. */
        bool is_last = hit > TOTAL - 3;
        check(s, s->bytes, s->len, hit, is_last ? TOTAL : hit);
        s->bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        assert_int_equal(kit_count(&s->kit, ".j.damaged"), !is_last);
    }
}

/* How many whole records the first LEN bytes hold. */
static unsigned whole_records(const struct sample *s, size_t len)
{
    unsigned whole = 0;
    while (whole < TOTAL && s->ends[whole + 1] <= len)
        whole++;
    return whole;
}

static void every_length(void **state)
{
    struct sample *s = *state;
    for (size_t len = 0; len <= s->len; len++)
        check(s, s->bytes, len, whole_records(s, len) + 1, TOTAL);
}

/* The same, as a preallocated file shows it: zeros from there on. */
static void every_length_with_zeros_behind(void **state)
{
    struct sample *s = *state;
    unsigned char *bytes = calloc(1, 4096);
    for (size_t len = SEGMENT_HEADER; len <= s->len; len++) {
        memcpy(bytes, s->bytes, len);
        unsigned whole = whole_records(s, len);
        if (whole < TOTAL && memcmp(bytes, s->bytes, s->ends[whole + 1]) == 0)
            whole++; /* a checksum's last bytes are zeros themselves */
        check(s, bytes, 4096, whole + 1, TOTAL);
        assert_int_equal(kit_count(&s->kit, ".damaged"), 0);
    }
    free(bytes);
}

/* A numbers game with a fixed seed, so that a failure can be had again. */
static unsigned draw(unsigned *seed, unsigned below)
{
    *seed = *seed * 1103515245 + 12345;
    return (*seed >> 8) % below;
}

static void any_spoilt_stretch(void **state)
{
    struct sample *s = *state;
    unsigned seed = 7;
    unsigned char *bytes = malloc(s->len);
    for (unsigned round = 0; round < 1000; round++) {
        size_t from = SEGMENT_HEADER + draw(&seed, (unsigned)s->len - SEGMENT_HEADER);
        size_t n = 1 + draw(&seed, (unsigned)(s->len - from));
        memcpy(bytes, s->bytes, s->len);
        for (size_t i = from; i < from + n; i++)
            bytes[i] = (unsigned char)~bytes[i];
        unsigned first = record_at(s, from), last = record_at(s, from + n - 1);
        check(s, bytes, s->len, first, first > TOTAL - 3 ? TOTAL : last);
    }
    free(bytes);
}

/* Whole records in the wrong place: by number they are stale, whatever their checksum says. */
static void a_record_in_anothers_place(void **state)
{
    struct sample *s = *state;
    size_t size = s->ends[3] - s->ends[2];
    unsigned char *bytes = malloc(s->len + size);
    memcpy(bytes, s->bytes, s->len);
    memcpy(bytes + s->len, s->bytes + s->ends[2], size); /* record 3 again, at the end */
    check(s, bytes, s->len + size, 0, 0);
    memcpy(bytes + s->ends[2], s->bytes + s->ends[3], s->len - s->ends[3]); /* 3 cut out */
    check(s, bytes, s->len - size, 3, 3);
    assert_int_equal(kit_count(&s->kit, ".damaged"), 1);
    free(bytes);
}

static void a_strange_file(void **state)
{
    struct sample *s = *state;
    char path[256];
    snprintf(path, sizeof path, "%s/notes.txt", s->kit.folder);
    kit_save(path, "mine", 4);
    assert_int_equal(kit_open(&s->kit), 0);
    kit_close(&s->kit);
    assert_int_equal(access(path, F_OK), 0);
}

/* --- several segments ---- */

static char log_text[20000];

/* Runs F with what is logged going to log_text. */
static void with_log(struct kit *k, void (*f)(struct kit *k, void *ctx), void *ctx)
{
    FILE *file = tmpfile();
    fflush(stderr);
    int saved = dup(STDERR_FILENO);
    dup2(fileno(file), STDERR_FILENO);
    f(k, ctx);
    unhush(saved);
    ssize_t n = pread(fileno(file), log_text, sizeof log_text - 1, 0);
    log_text[n > 0 ? n : 0] = '\0';
    fclose(file);
}

static unsigned count_in_log(const char *needle)
{
    unsigned count = 0;
    for (const char *at = log_text; (at = strstr(at, needle)); at++)
        count++;
    return count;
}

struct lost {
    const char *incarnation;
    uint64_t next;
    unsigned given, jumps;
};

static void on_record(void *ctx, uint64_t number, const void *bytes, size_t len)
{
    struct lost *l = ctx;
    char text[32];
    snprintf(text, sizeof text, "record %llu", (unsigned long long)number);
    assert_int_equal(len, strlen(text));
    assert_memory_equal(bytes, text, len);
    l->jumps += number != l->next;
    l->next = number + 1;
    l->given++;
}

static void read_twice(struct kit *k, void *ctx)
{
    struct lost *l = ctx;
    assert_int_equal(kit_open(k), 0);
    for (int round = 0; round < 2; round++) {
        l->next = 1;
        l->given = l->jumps = 0;
        while (journal_read(k->journal, l->incarnation, l->next, 10, 1000, on_record, l) > 0)
            ;
    }
}

static void says_once_what_is_lost(void **state)
{
    struct sample *s = *state;
    struct kit *k = &s->kit;
    char incarnation[JOURNAL_INCARNATION], path[256], text[32];
    kit_empty(k->folder, false);
    assert_int_equal(kit_open(k), 0);
    strcpy(incarnation, journal_incarnation(k->journal));
    for (unsigned i = 1; i <= 400; i++) {
        snprintf(text, sizeof text, "record %u", i);
        assert_int_equal(kit_append(k, text), i);
    }
    kit_close(k);
    kit_segment(k, incarnation, 2, path);
    size_t len;
    unsigned char *bytes = kit_load(path, &len);
    memset(bytes + 1000, 0, 200); /* a stretch in the middle */
    memset(bytes + len - 300, 0xff, 300);
    kit_save(path, bytes, len);
    free(bytes);

    struct lost l = {.incarnation = incarnation};
    with_log(k, read_twice, &l);
    assert_int_equal(count_in_log("event=journal_damaged"), 1);
    assert_int_equal(count_in_log("event=journal_lost"), 2);
    assert_int_equal(l.jumps, 2);
    assert_in_range(l.given, 400 - 24, 400 - 10);
    assert_int_equal(l.next, 401);

    /* The segment goes when it is covered; what was damaged stays for whoever looks into it. */
    journal_trim(k->journal, incarnation, 400);
    kit_close(k);
    assert_int_not_equal(access(path, F_OK), 0);
    strcat(path, ".damaged");
    unsigned char *kept = kit_load(path, &len);
    assert_int_equal(kept[len - 1], 0xff);
    free(kept);
}

/* Segments made by hand, as a failure may leave them. */
static void lay_segment(struct kit *k, uint32_t index, uint64_t first, uint64_t number,
                        const char *const *texts)
{
    struct segment_header header = {.index = index, .first = first, .generation = 1};
    memset(header.incarnation, 0xab, SEGMENT_ID);
    int folder = open(k->folder, O_RDONLY | O_DIRECTORY);
    int fd = segment_prepare(folder, 4096);
    assert_int_equal(segment_start(folder, fd, &header), 0);
    uint64_t offset = SEGMENT_HEADER;
    for (; *texts; texts++, number++) {
        unsigned char bytes[200];
        size_t n = segment_put(bytes, *texts, (uint32_t)strlen(*texts));
        segment_seal(bytes, segment_seed(header.incarnation), number, 0);
        assert_int_equal(segment_write(fd, bytes, n, offset), 0);
        offset += n;
    }
    close(fd);
    close(folder);
}

static void check_text(struct kit *k, const char *expected)
{
    assert_int_equal(kit_open(k), 0);
    char *text = kit_read_all(k);
    assert_string_equal(text, expected);
    free(text);
    kit_close(k);
    assert_int_equal(kit_count(k, ".damaged"), 0);
}

/* The write of c and d failed, though they have reached the disk; their numbers went to others. */
static void voids_what_a_failed_write_left(void **state)
{
    struct kit *k = &((struct sample *)*state)->kit;
    kit_empty(k->folder, false);
    lay_segment(k, 1, 1, 1, (const char *const[]){"a", "b", "c", "d", NULL});
    lay_segment(k, 2, 3, 3, (const char *const[]){"C", NULL});
    check_text(k, "1=a 2=b 3=C");
    lay_segment(k, 3, 4, 0, (const char *const[]){NULL}); /* nothing was added any more */
    check_text(k, "1=a 2=b 3=C");
    kit_empty(k->folder, false);
    lay_segment(k, 1, 1, 1, (const char *const[]){"a", "b", NULL});
    lay_segment(k, 2, 3, 3, (const char *const[]){"c", "d", NULL});
    lay_segment(k, 3, 3, 3, (const char *const[]){"e", NULL});
    lay_segment(k, 4, 3, 3, (const char *const[]){NULL});
    check_text(k, "1=a 2=b");
}

/* Where the header doesn't say what is due, a number that none can follow would hide the rest. */
static void passes_over_the_highest_number(void **state)
{
    struct kit *k = &((struct sample *)*state)->kit;
    kit_empty(k->folder, false);
    lay_segment(k, 1, 0, UINT64_MAX, (const char *const[]){"a", "b", "c", "d", NULL});
    int saved = hush();
    assert_int_equal(kit_open(k), 0);
    unhush(saved);
    char *text = kit_read_all(k);
    assert_string_equal(text, "1=c 2=d");
    free(text);
}

static void refuses_another_version(void **state)
{
    struct sample *s = *state;
    char expected[600];
    unsigned char header[SEGMENT_HEADER];
    memcpy(header, s->bytes, sizeof header);
    header[8] = 9;
    uint32_t crc = 0;
    for (size_t i = 0; i < 60; i++) { /* CRC32C, bit by bit */
        crc = i == 0 ? UINT32_MAX : crc;
        crc ^= header[i];
        for (int bit = 0; bit < 8; bit++)
            crc = (crc >> 1) ^ (crc & 1 ? UINT32_C(0x82f63b78) : 0);
    }
    for (int i = 0; i < 4; i++)
        header[60 + i] = (unsigned char)(~crc >> (8 * i));
    kit_save(s->path, header, sizeof header);
    assert_int_equal(kit_open(&s->kit), -1);
    snprintf(expected, sizeof expected, "%s: %s-00000001.j: made by another version", s->kit.folder,
             s->incarnation);
    assert_string_equal(s->kit.error, expected);
    size_t len;
    free(kit_load(s->path, &len));
    assert_int_equal(len, SEGMENT_HEADER); /* and is left as it is */
}

int main(void)
{
    log_bound(UINT_MAX, 0); /* what is repeated here is told each time */
    if (access("/dev/shm", W_OK) == 0)
        setenv("TMPDIR", "/dev/shm", 0); /* in memory it takes a tenth of the time */
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(every_flipped_bit),
        TEST(every_length),
        TEST(every_length_with_zeros_behind),
        TEST(any_spoilt_stretch),
        TEST(a_record_in_anothers_place),
        TEST(a_strange_file),
        TEST(says_once_what_is_lost),
        TEST(voids_what_a_failed_write_left),
        TEST(passes_over_the_highest_number),
        TEST(refuses_another_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

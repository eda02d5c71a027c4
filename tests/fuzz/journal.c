/* journal: segments as they are found on disk. The first byte says what is done to the rest before
 * it is put there: checksums and header are made good (nothing would get past them otherwise), and
 * it is cut into two segments. Whatever stands there: what is read is in the files and in order,
 * the same each time, and a second scan finds what the first one left. */
#include "fuzz.h"

#include "buf.h"
#include "crc32c.h"
#include "cursor.h"
#include "log.h"
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MEND_HEADER  1
#define MEND_RECORDS 2
#define CUT          4
#define SEGMENTS     2

static const unsigned char incarnation[SEGMENT_ID] = "tallyd fuzz seg";
static char folder[64];

/* No segment here has to survive a power cut. */
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

/* Damage is told thousands of times a second (linked in log_write's place). */
void __wrap_log_write(enum log_level level, const char *event, ...);
void __wrap_log_write(enum log_level level, const char *event, ...)
{
    (void)level;
    HOLD(*event);
}

/* --- the files ---- */

static void put32(unsigned char *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (unsigned char)(value >> 8 * i);
}

static void mend_header(unsigned char *at, size_t size, uint32_t index)
{
    static const unsigned char start[] = {'t', 'a', 'l', 'l', 'y', 'j', 'n', 'l', 1, 0, 0, 0};
    if (size < SEGMENT_HEADER)
        return;
    memcpy(at, start, sizeof start);
    put32(at + 12, index);
    memcpy(at + 16, incarnation, SEGMENT_ID);
    put32(at + 60, crc32c(0, at, 60));
}

static void mend_records(unsigned char *bytes, size_t size)
{
    uint32_t seed = segment_seed(incarnation);
    for (size_t at = SEGMENT_HEADER; at + SEGMENT_OVERHEAD <= size;) {
        uint32_t len = segment_record_len(bytes + at);
        if (len == 0 || len > size - at - SEGMENT_OVERHEAD) {
            at++;
            continue;
        }
        at += SEGMENT_RECORD_HEAD + len;
        put32(bytes + at,
              crc32c(seed, bytes + at - SEGMENT_RECORD_HEAD - len, SEGMENT_RECORD_HEAD + len));
        at += 4;
    }
}

static void put_segment(unsigned char *bytes, size_t size, uint32_t index, unsigned how)
{
    char name[SEGMENT_NAME];
    segment_name(incarnation, index, name);
    if (how & MEND_HEADER)
        mend_header(bytes, size, index);
    if (how & MEND_RECORDS)
        mend_records(bytes, size);
    int dir = open(folder, O_RDONLY | O_DIRECTORY);
    int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    HOLD(fd >= 0 && write(fd, bytes, size) == (ssize_t)size);
    close(fd);
    close(dir);
}

static void empty_folder(void)
{
    int dir = open(folder, O_RDONLY | O_DIRECTORY);
    for (uint32_t i = 1; i <= SEGMENTS; i++) {
        char name[SEGMENT_NAME], second[SEGMENT_NAME + 8];
        segment_name(incarnation, i, name);
        snprintf(second, sizeof second, "%s.damaged", name);
        unlinkat(dir, name, 0);
        unlinkat(dir, second, 0);
    }
    close(dir);
}

static void drop_folder(void)
{
    empty_folder();
    rmdir(folder);
}

static void make_folder(void)
{
    const char *base = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/fuzz-XXXXXX", base && strlen(base) < 40 ? base : P_tmpdir);
    HOLD(mkdtemp(folder));
    atexit(drop_folder);
}

/* --- reading them ---- */

/* All that can be read, as the records' own bytes, one behind the other. */
static void read_run(const struct shelf *s, struct shelf_run *run, const uint8_t *data, size_t size,
                     struct buf *out)
{
    struct cursor c;
    struct segment_record record;
    uint64_t first, last, before = 0;
    shelf_range(run, &first, &last);
    cursor_init(&c);
    bool is_there = cursor_seek(&c, s, run, 1) == 0;
    while (is_there && cursor_next(&c, s, &record) > 0) {
        HOLD(record.number > before && record.number >= first && record.number <= last);
        HOLD(record.len >= 1 && record.len <= SEGMENT_RECORD_MAX);
        HOLD(memmem(data, size, record.payload, record.len));
        before = record.number;
        buf_addf(out, "%llu ", (unsigned long long)record.number);
        buf_add(out, record.payload, record.len);
    }
    cursor_clear(&c);
}

/* Opens the shelf and reads all of it, twice. Returns what was read. */
static struct buf read_shelf(const uint8_t *data, size_t size)
{
    struct shelf s;
    struct buf once = {0}, twice = {0};
    char which[SEGMENT_NAME];
    int dir = open(folder, O_RDONLY | O_DIRECTORY);
    if (shelf_open(&s, dir, which) == 0) {
        HOLD(s.count <= 1);
        for (size_t i = 0; i < s.count; i++) {
            read_run(&s, s.runs[i], data, size, &once);
            read_run(&s, s.runs[i], data, size, &twice);
        }
        HOLD(once.len == twice.len && (!once.len || !memcmp(once.data, twice.data, once.len)));
        shelf_close(&s);
    }
    close(dir);
    buf_free(&twice);
    return once;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!*folder)
        make_folder();
    if (size == 0)
        return 0;
    unsigned how = data[0];
    size_t n = size - 1, half = how & CUT ? n / 2 : n;
    unsigned char *bytes = mem_alloc(n + 1);
    memcpy(bytes, data + 1, n);
    put_segment(bytes, half, 1, how);
    if (how & CUT)
        put_segment(bytes + half, n - half, 2, how);
    struct buf first = read_shelf(bytes, n), second = read_shelf(bytes, n);
    HOLD(first.len == second.len && (!first.len || !memcmp(first.data, second.data, first.len)));
    buf_free(&first);
    buf_free(&second);
    free(bytes);
    empty_folder();
    return 0;
}

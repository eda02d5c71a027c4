#include "unit.h"

#include "journal_kit.h"
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BITE 7 /* records that are read at once */

void kit_begin(struct kit *k)
{
    const char *base = getenv("TMPDIR");
    memset(k, 0, sizeof *k);
    snprintf(k->folder, sizeof k->folder, "%s/journal-XXXXXX",
             base && strlen(base) < 40 ? base : P_tmpdir);
    assert_non_null(mkdtemp(k->folder));
    assert_int_equal(uv_loop_init(&k->loop), 0);
    k->options =
        (struct journal_options){.folder = k->folder, .max_bytes = 1 << 20, .segment_bytes = 4096};
}

int kit_open(struct kit *k)
{
    k->journal = journal_open(&k->loop, &k->options, k->error, sizeof k->error);
    return k->journal ? 0 : -1;
}

static void on_closed(void *ctx)
{
    *(bool *)ctx = true;
}

void kit_close(struct kit *k)
{
    bool is_closed = false;
    if (!k->journal)
        return;
    k->closing = true;
    journal_close(k->journal, on_closed, &is_closed);
    while (!is_closed)
        uv_run(&k->loop, UV_RUN_ONCE);
    k->journal = NULL;
    k->closing = false;
}

void kit_empty(const char *folder, bool it)
{
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir));)
        if (entry->d_name[0] != '.')
            unlinkat(dirfd(dir), entry->d_name, 0);
    closedir(dir);
    if (it)
        assert_int_equal(rmdir(folder), 0);
}

void kit_end(struct kit *k)
{
    kit_close(k);
    uv_run(&k->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&k->loop), 0);
    kit_empty(k->folder, true);
}

/* --- appending ---- */

static void on_durable(void *ctx, int status, uint64_t first)
{
    struct kit_append *a = ctx;
    assert_false(a->is_done);
    a->is_done = true;
    a->status = status;
    a->first = first;
    if (a->calls)
        a->order = (*a->calls)++;
}

int kit_start(struct kit *k, struct kit_append *a, const char *text, size_t count)
{
    struct journal_record records[64];
    char texts[64][96];
    assert_in_range(count, 1, 64);
    for (size_t i = 0; i < count; i++) {
        snprintf(texts[i], sizeof texts[i], i ? "%s.%zu" : "%s", text, i);
        records[i] = (struct journal_record){texts[i], strlen(texts[i])};
    }
    a->is_done = false;
    int status = journal_append(k->journal, records, count, on_durable, a);
    assert_false(a->is_done); /* never from inside */
    return status;
}

void kit_wait(struct kit *k, struct kit_append *a)
{
    while (!a->is_done)
        assert_true(uv_run(&k->loop, UV_RUN_ONCE) != 0 || a->is_done);
}

uint64_t kit_append(struct kit *k, const char *text)
{
    struct kit_append a = {0};
    if (kit_start(k, &a, text, 1) != 0)
        return 0;
    kit_wait(k, &a);
    return a.status == 0 ? a.first : 0;
}

static void on_too_late(uv_timer_t *timer)
{
    *(bool *)timer->data = true;
}

static void on_timer_closed(uv_handle_t *handle)
{
    *(bool *)handle->data = true;
}

bool kit_until(struct kit *k, bool accepts)
{
    uv_timer_t timer;
    bool is_late = false;
    uv_timer_init(&k->loop, &timer);
    timer.data = &is_late;
    uv_timer_start(&timer, on_too_late, 10000, 0);
    while (!is_late && journal_accepts(k->journal) != accepts)
        uv_run(&k->loop, UV_RUN_ONCE);
    bool is_closed = false;
    timer.data = &is_closed;
    uv_close((uv_handle_t *)&timer, on_timer_closed);
    while (!is_closed)
        uv_run(&k->loop, UV_RUN_ONCE);
    return !is_late;
}

/* --- reading ---- */

static void on_record(void *ctx, uint64_t number, const void *bytes, size_t len)
{
    struct {
        struct buf *out;
        uint64_t last;
    } *r = ctx;
    assert_true(number > r->last);
    r->last = number;
    buf_addf(r->out, "%s%llu=%.*s", r->out->len ? " " : "", (unsigned long long)number, (int)len,
             (const char *)bytes);
}

char *kit_read(struct kit *k, const char *incarnation, uint64_t from)
{
    struct buf out = {0};
    struct {
        struct buf *out;
        uint64_t last;
    } r = {&out, from - 1};
    while (journal_read(k->journal, incarnation, r.last + 1, BITE, 1000, on_record, &r) > 0)
        ;
    return buf_take(&out, NULL);
}

char *kit_read_all(struct kit *k)
{
    struct journal_run runs[16];
    struct buf out = {0};
    size_t count = journal_runs(k->journal, runs, COUNT_OF(runs));
    for (size_t i = 0; i < count; i++) {
        char *text =
            runs[i].last >= runs[i].first ? kit_read(k, runs[i].incarnation, runs[i].first) : NULL;
        if (text)
            buf_addf(&out, "%s%s", out.len ? " | " : "", text);
        free(text);
    }
    return buf_take(&out, NULL);
}

/* --- files ---- */

static bool ends_in(const char *name, const char *ending)
{
    size_t n = strlen(name), m = strlen(ending);
    return n >= m && strcmp(name + n - m, ending) == 0;
}

size_t kit_count(const struct kit *k, const char *ending)
{
    size_t count = 0;
    DIR *dir = opendir(k->folder);
    for (struct dirent *entry; (entry = readdir(dir));)
        count += ends_in(entry->d_name, ending);
    closedir(dir);
    return count;
}

char *kit_segment(const struct kit *k, const char *incarnation, unsigned index, char out[256])
{
    snprintf(out, 256, "%s/%s-%08u.j", k->folder, incarnation, index);
    return out;
}

unsigned char *kit_load(const char *path, size_t *len)
{
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    struct stat st;
    assert_int_equal(fstat(fd, &st), 0);
    *len = (size_t)st.st_size;
    unsigned char *bytes = malloc(*len + 1);
    assert_int_equal(read(fd, bytes, *len), (ssize_t)*len);
    close(fd);
    return bytes;
}

void kit_save(const char *path, const void *bytes, size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, len), (ssize_t)len);
    close(fd);
}

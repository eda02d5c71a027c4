#include "journal.h"

#include "buf.h"
#include "digest.h"
#include "flow.h"
#include "log.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK         "lock"
#define SEGMENTS_MIN 4 /* within the bound; with fewer none could be given up to make room */

_Static_assert(JOURNAL_RECORD_MAX == SEGMENT_RECORD_MAX, "two names of one limit");
_Static_assert(JOURNAL_INCARNATION == 2 * SEGMENT_ID + 1, "hex digits of an incarnation");

/* --- opening ---- */

/* The folder, made if need be, with its entry in its parent on disk; or a negative errno. */
static int open_folder(const char *path)
{
    bool made = mkdir(path, 0700) == 0;
    if (!made && errno != EEXIST)
        return -errno;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || !made)
        return fd < 0 ? -errno : fd;
    int parent = openat(fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int status = parent < 0 ? -errno : segment_sync_folder(parent);
    if (parent >= 0)
        close(parent);
    if (status == 0)
        return fd;
    close(fd);
    return status;
}

static void say_owner(int lock, char *error, size_t error_size)
{
    char pid[24];
    ssize_t n = pread(lock, pid, sizeof pid - 1, 0);
    pid[n > 0 ? n : 0] = '\0';
    pid[strspn(pid, "0123456789")] = '\0';
    if (*pid)
        snprintf(error, error_size, "in use by another process (pid %s)", pid);
    else
        snprintf(error, error_size, "in use by another process");
}

/* Who holds the lock owns the folder; it ends with the process, however that dies. */
static int take_lock(int folder, char *error, size_t error_size)
{
    int fd = openat(folder, LOCK, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        snprintf(error, error_size, "lock: %s", strerror(errno));
        return -1;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK)
            say_owner(fd, error, error_size);
        else
            snprintf(error, error_size, "lock: %s", strerror(errno));
        close(fd);
        return -1;
    }
    char pid[24];
    int n = snprintf(pid, sizeof pid, "%ld\n", (long)getpid());
    /* For the words of who comes second only: nothing rests on it. */
    if (ftruncate(fd, 0) != 0 || pwrite(fd, pid, (size_t)n, 0) != n)
        log_write(LOG_WARN, "journal_failed", "doing", "note the owner", NULL);
    return fd;
}

static uint64_t next_generation(const struct shelf *s)
{
    uint64_t newest = s->count ? s->runs[s->count - 1]->generation : 0;
    return newest + 1;
}

static int set_up(struct journal *j, const char *path, char *error, size_t error_size)
{
    char which[SEGMENT_NAME];
    unsigned char id[SEGMENT_ID];
    j->folder = open_folder(path);
    if (j->folder < 0) {
        snprintf(error, error_size, "%s", strerror(-j->folder));
        return -1;
    }
    j->lock = take_lock(j->folder, error, error_size);
    if (j->lock < 0)
        return -1;
    int status = shelf_open(&j->shelf, j->folder, which);
    if (status != 0) {
        snprintf(error, error_size, "%s%s%s", which, *which ? ": " : "",
                 status == -ENOTSUP ? "made by another version" : strerror(-status));
        return -1;
    }
    digest_random(id, sizeof id);
    j->run = shelf_begin(&j->shelf, id, next_generation(&j->shelf));
    return 0;
}

/* Trouble that may pass, such as a full disk, is no reason not to open: what is there can be read,
 * and must be, if the journal is ever to be emptied. A folder where nothing may be written has
 * already refused the lock. */
struct journal *journal_open(uv_loop_t *loop, const struct journal_options *options, char *error,
                             size_t error_size)
{
    struct journal *j = mem_alloc(sizeof *j);
    flow_init(j);
    j->loop = loop;
    j->max_bytes = options->max_bytes;
    j->segment_bytes = options->segment_bytes;
    if (j->segment_bytes > j->max_bytes / SEGMENTS_MIN)
        j->segment_bytes = j->max_bytes / SEGMENTS_MIN;
    j->gather_ms = options->gather_ms;
    char reason[200] = "its bound is too small";
    if (j->segment_bytes > SEGMENT_HEADER + SEGMENT_OVERHEAD &&
        set_up(j, options->folder, reason, sizeof reason) == 0) {
        flow_begin(j);
        return j;
    }
    snprintf(error, error_size, "%s: %s", options->folder, reason);
    flow_clear(j);
    free(j);
    return NULL;
}

void journal_close(struct journal *j, void (*on_closed)(void *ctx), void *ctx)
{
    j->on_closed = on_closed;
    j->ctx = ctx;
    flow_end(j);
}

/* --- where it stands ---- */

const char *journal_incarnation(const struct journal *j)
{
    return j->run->incarnation;
}

uint64_t journal_last(const struct journal *j)
{
    return j->durable + j->flying + j->waiting_records;
}

uint64_t journal_durable(const struct journal *j)
{
    return j->durable;
}

uint64_t journal_size(const struct journal *j)
{
    return flow_size(j);
}

/* Some room is left for the next append, not only for the smallest. */
static bool is_near_full(const struct journal *j)
{
    return flow_room(j) < j->segment_bytes / 64;
}

bool journal_accepts(const struct journal *j)
{
    return !j->closing && j->held < JOURNAL_WAITING_MAX && !is_near_full(j);
}

const char *journal_trouble(const struct journal *j)
{
    if (journal_accepts(j))
        return "";
    if (j->closing)
        return "closing";
    if (is_near_full(j))
        return j->is_ill ? strerror(-j->error) : "the journal is as large as it may be";
    return "the disk is too slow";
}

/* --- appending ---- */

/* What the records take, laid out; or a negative errno if they can't be an append. */
static int64_t measure(const struct journal *j, const struct journal_record *records, size_t count)
{
    size_t room = j->segment_bytes - SEGMENT_HEADER, len = 0;
    for (size_t i = 0; i < count; i++) {
        if (records[i].len == 0)
            return -EINVAL;
        if (records[i].len > JOURNAL_RECORD_MAX)
            return -EMSGSIZE;
        len += records[i].len + SEGMENT_OVERHEAD;
        if (len > room)
            return -EMSGSIZE;
    }
    return count > 0 ? (int64_t)len : -EINVAL;
}

static int may_append(const struct journal *j, size_t len)
{
    if (j->closing)
        return -ECANCELED;
    if (len > flow_room(j))
        return -ENOSPC;
    return j->held > 0 && j->held + len > JOURNAL_WAITING_MAX ? -EAGAIN : 0;
}

int journal_append(struct journal *j, const struct journal_record *records, size_t count,
                   journal_on_durable on_durable, void *ctx)
{
    int64_t len = measure(j, records, count);
    int status = len < 0 ? (int)len : may_append(j, (size_t)len);
    if (status != 0)
        return status;
    struct append *append = mem_resize(NULL, sizeof *append + (size_t)len);
    *append =
        (struct append){.on_durable = on_durable, .ctx = ctx, .count = count, .len = (size_t)len};
    unsigned char *at = append->bytes;
    for (size_t i = 0; i < count; i++)
        at += segment_put(at, records[i].bytes, (uint32_t)records[i].len);
    STAILQ_INSERT_TAIL(&j->waiting, append, link);
    j->held += append->len;
    j->waiting_bytes += append->len;
    j->waiting_records += count;
    flow_added(j);
    return 0;
}

/* --- reading ---- */

static struct journal_run describe(const struct journal *j, const struct shelf_run *run)
{
    struct journal_run out;
    memcpy(out.incarnation, run->incarnation, JOURNAL_INCARNATION);
    shelf_range(run, &out.first, &out.last);
    if (run == j->run) {
        out.last = j->durable;
        if (run->count == 0)
            out.first = j->durable + 1;
    }
    return out;
}

size_t journal_runs(const struct journal *j, struct journal_run *out, size_t max)
{
    size_t n = 0;
    for (size_t i = 0; i < j->shelf.count && n + 1 < max; i++)
        if (j->shelf.runs[i] != j->run)
            out[n++] = describe(j, j->shelf.runs[i]);
    if (n < max)
        out[n++] = describe(j, j->run);
    return n;
}

long journal_read(struct journal *j, const char *incarnation, uint64_t from, size_t count,
                  size_t max_bytes,
                  void (*each)(void *ctx, uint64_t number, const void *bytes, size_t len),
                  void *ctx)
{
    struct shelf_run *run = shelf_find(&j->shelf, incarnation);
    if (!run)
        return 0;
    int status = cursor_seek(&j->cursor, &j->shelf, run, from);
    size_t given = 0, bytes = 0;
    struct segment_record record;
    while (status == 0 && given < count) {
        int found = cursor_next(&j->cursor, &j->shelf, &record);
        if (found <= 0) {
            status = found;
            break;
        }
        if (given > 0 && bytes + record.len > max_bytes) {
            cursor_unread(&j->cursor, &record);
            break;
        }
        each(ctx, record.number, record.payload, record.len);
        bytes += record.len;
        given++;
    }
    if (status == 0 || given > 0)
        return (long)given;
    log_write(LOG_ERROR, "journal_unreadable", "incarnation", incarnation, "from",
              log_num((long long)from), "reason", strerror(-status), NULL);
    return -EIO;
}

/* --- trimming ---- */

void journal_trim(struct journal *j, const char *incarnation, uint64_t number)
{
    struct shelf_run *run = shelf_find(&j->shelf, incarnation);
    if (!run)
        return;
    size_t before = j->shelf.doomed_count;
    while (run->count > 0) {
        struct shelf_segment *segment = run->segments[0];
        if (segment == j->current || segment->last > number)
            break;
        if (segment == j->cursor.segment)
            cursor_clear(&j->cursor);
        shelf_doom(&j->shelf, run, 0);
    }
    if (run->count == 0 && run != j->run) {
        if (run == j->cursor.run)
            cursor_clear(&j->cursor);
        shelf_forget(&j->shelf, run);
    }
    if (j->shelf.doomed_count > before)
        flow_nudge(j);
}

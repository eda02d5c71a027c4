#include "flow.h"

#include "log.h"
#include "stats.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BATCH_MAX    (4 * 1024 * 1024) /* bytes of one write */
#define GATHER_BYTES (256 * 1024)      /* enough to be written without waiting for more */
#define RETRY_FIRST  100               /* ms */
#define RETRY_MAX    2000

static void proceed(struct journal *j);
static void on_written(uv_work_t *work, int status);
static void on_kept(uv_work_t *work, int status);

/* --- room ---- */

uint64_t flow_size(const struct journal *j)
{
    return j->shelf.bytes + j->spare_bytes;
}

static uint64_t segments_left(const struct journal *j)
{
    uint64_t size = flow_size(j);
    return size < j->max_bytes ? (j->max_bytes - size) / j->segment_bytes : 0;
}

static bool is_at_bound(const struct journal *j)
{
    return j->spare_bytes == 0 && !j->keeping && j->shelf.doomed_count == 0 &&
           segments_left(j) == 0;
}

uint64_t flow_room(const struct journal *j)
{
    if (!j->current)
        return 0;
    uint64_t segments = (j->spare >= 0) + (j->resting ? 0 : segments_left(j));
    uint64_t room = j->segment_bytes - j->filled + segments * (j->segment_bytes - SEGMENT_HEADER);
    return room > j->waiting_bytes ? room - j->waiting_bytes : 0;
}

static bool fits(const struct journal *j, const struct append *append)
{
    return j->current && j->filled + append->len <= j->segment_bytes;
}

/* --- failing and recovering ---- */

static void on_retry(uv_timer_t *timer)
{
    struct journal *j = timer->data;
    j->resting = false;
    proceed(j);
}

static void rest(struct journal *j)
{
    unsigned doublings = j->fails > 6 ? 5 : j->fails - 1;
    uint64_t wait = (uint64_t)RETRY_FIRST << doublings;
    j->resting = true;
    uv_timer_start(&j->retry, on_retry, wait > RETRY_MAX ? RETRY_MAX : wait, 0);
}

static void fail(struct journal *j, const char *doing, int error)
{
    if (!j->is_ill || j->error != error)
        log_write(LOG_ERROR, "journal_failed", "doing", doing, "reason", strerror(-error), NULL);
    j->is_ill = true;
    j->error = error;
    j->fails++;
}

static void recover(struct journal *j)
{
    if (j->is_ill)
        log_write(LOG_INFO, "journal_recovered", NULL);
    j->is_ill = false;
}

static void answer(struct journal *j)
{
    struct append *append;
    while ((append = STAILQ_FIRST(&j->answers))) {
        STAILQ_REMOVE_HEAD(&j->answers, link);
        j->held -= append->len;
        append->on_durable(append->ctx, append->status, append->first);
        free(append);
    }
}

static struct append *take_waiting(struct journal *j, struct appends *to)
{
    struct append *append = STAILQ_FIRST(&j->waiting);
    STAILQ_REMOVE_HEAD(&j->waiting, link);
    STAILQ_INSERT_TAIL(to, append, link);
    j->waiting_bytes -= append->len;
    j->waiting_records -= append->count;
    return append;
}

/* Refuses what waits for a segment that can't be made. */
static void refuse(struct journal *j, int status)
{
    answer(j);
    for (struct append *head; (head = STAILQ_FIRST(&j->waiting)) && !fits(j, head);) {
        take_waiting(j, &j->answers)->status = status;
        answer(j);
    }
}

/* --- writing ---- */

static void set_up_write(struct journal *j, bool roll)
{
    struct write_job *job = &j->write;
    job->roll = roll;
    job->first = j->durable + 1;
    if (roll) {
        job->spare = j->spare;
        j->spare = -1;
        j->filled = SEGMENT_HEADER;
        job->header = (struct segment_header){
            .index = ++j->index, .first = job->first, .generation = j->run->generation};
        memcpy(job->header.incarnation, j->run->id, SEGMENT_ID);
    }
    size_t bytes = 0;
    for (struct append *head; (head = STAILQ_FIRST(&j->waiting));) {
        if (j->filled + head->len > j->segment_bytes ||
            (bytes > 0 && bytes + head->len > BATCH_MAX))
            break;
        take_waiting(j, &job->batch);
        bytes += head->len;
        j->filled += head->len;
        j->flying += head->count;
    }
}

static void run_write(uv_work_t *work)
{
    struct journal *j = work->data;
    write_job_run(&j->write);
}

static void start_write(struct journal *j, bool roll)
{
    set_up_write(j, roll);
    j->writing = true;
    j->write_began = uv_hrtime();
    uv_queue_work(j->loop, &j->write_work, run_write, on_written);
}

/* The new segment's header voids what an empty one before it was there to void. */
static void drop_empty(struct journal *j)
{
    for (size_t i = j->run->count; i-- > 0;) {
        struct shelf_segment *segment = j->run->segments[i];
        if (segment != j->current && segment->last < segment->first)
            shelf_doom(&j->shelf, j->run, i);
    }
}

static void settle_roll(struct journal *j)
{
    const struct segment_header *header = &j->write.header;
    j->current = NULL;
    j->spare_bytes = 0;
    if (!j->write.rolled)
        return;
    j->current = shelf_add(&j->shelf, j->run, header->index, header->first, j->segment_bytes);
    drop_empty(j);
    if (j->write.status == 0)
        recover(j);
}

static void settle_batch(struct journal *j)
{
    const struct write_job *job = &j->write;
    shelf_mark(j->current, job->first, job->offset - job->out.len);
    j->durable += j->flying;
    j->current->last = j->durable;
    j->current->end = job->offset;
    j->fails = 0;
    recover(j);
}

static void settle_failure(struct journal *j)
{
    const struct write_job *job = &j->write;
    if (j->current && job->voided) {
        j->shelf.bytes -= j->current->size - job->offset;
        j->current->size = job->offset;
    }
    fail(j, j->current ? "write" : "new segment", job->status);
    j->current = NULL;
    if (j->fails > 1)
        rest(j);
}

static void settle_write(struct journal *j)
{
    struct write_job *job = &j->write;
    struct append *append;
    STAILQ_FOREACH(append, &job->batch, link)
    {
        append->status = job->status;
    }
    if (job->roll)
        settle_roll(j);
    if (job->status != 0)
        settle_failure(j);
    else if (j->flying > 0)
        settle_batch(j);
    j->flying = 0;
    STAILQ_CONCAT(&j->answers, &job->batch);
}

static void on_written(uv_work_t *work, int status)
{
    struct journal *j = work->data;
    (void)status; /* never cancelled */
    j->writing = false;
    stats_time(TIMED_SYNC, uv_hrtime() - j->write_began);
    settle_write(j);
    if (j->write.voided)
        answer(j);
    proceed(j);
}

/* --- keeping: the next segment, and those no longer needed ---- */

/* Half a segment ahead, or as soon as it is waited for. */
static bool wants_spare(const struct journal *j)
{
    const struct append *head = STAILQ_FIRST(&j->waiting);
    if (j->spare_bytes > 0)
        return false;
    if (j->closing || j->current)
        return (head && !fits(j, head)) || !STAILQ_EMPTY(&j->answers) ||
               (!j->closing && j->filled > j->segment_bytes / 2);
    return true;
}

static void note_full(struct journal *j, bool is_full)
{
    if (is_full && !j->is_full)
        log_write(LOG_WARN, "journal_full", "bytes", log_num((long long)flow_size(j)), "max_bytes",
                  log_num((long long)j->max_bytes), NULL);
    j->is_full = is_full;
}

/* False: there is nothing to be done. */
static bool set_up_keep(struct journal *j)
{
    struct keep_job *job = &j->keep;
    bool wanted = wants_spare(j);
    note_full(j, wanted && is_at_bound(j));
    job->size = wanted && segments_left(j) > 0 ? j->segment_bytes : 0;
    job->doomed = j->shelf.doomed;
    job->doomed_count = j->shelf.doomed_count;
    if (job->size == 0 && job->doomed_count == 0)
        return false;
    j->shelf.doomed = NULL;
    j->shelf.doomed_count = 0;
    return true;
}

static void run_keep(uv_work_t *work)
{
    struct journal *j = work->data;
    keep_job_run(&j->keep);
}

/* What couldn't be deleted comes before what was doomed since. */
static void settle_doomed(struct journal *j)
{
    struct keep_job *job = &j->keep;
    size_t left = 0, more = j->shelf.doomed_count;
    for (size_t i = 0; i < job->doomed_count; i++) {
        if (job->doomed[i].done)
            j->shelf.bytes -= job->doomed[i].size;
        else
            job->doomed[left++] = job->doomed[i];
    }
    if (left + more > 0) {
        job->doomed = mem_resize(job->doomed, (left + more) * sizeof *job->doomed);
        if (more > 0)
            memcpy(job->doomed + left, j->shelf.doomed, more * sizeof *job->doomed);
    }
    free(j->shelf.doomed);
    j->shelf.doomed = job->doomed;
    j->shelf.doomed_count = left + more;
    job->doomed = NULL;
    if (job->deleted != 0) {
        fail(j, "delete", job->deleted);
        rest(j);
    }
}

static void settle_keep(struct journal *j)
{
    struct keep_job *job = &j->keep;
    settle_doomed(j);
    if (job->size == 0)
        return;
    if (job->spare >= 0) {
        j->spare = job->spare;
        j->spare_bytes = j->segment_bytes;
        if (j->current && !j->resting) {
            j->fails = 0;
            recover(j);
        }
        return;
    }
    fail(j, "next segment", job->spare);
    rest(j);
}

static void on_kept(uv_work_t *work, int status)
{
    struct journal *j = work->data;
    (void)status;
    j->keeping = false;
    settle_keep(j);
    if (j->keep.size > 0 && j->spare < 0 && !j->writing)
        refuse(j, j->keep.spare);
    proceed(j);
}

static void start_keep(struct journal *j)
{
    if (j->keeping || j->resting || !set_up_keep(j))
        return;
    j->keeping = true;
    uv_queue_work(j->loop, &j->keep_work, run_keep, on_kept);
}

/* --- the way on ---- */

static void on_handle_closed(uv_handle_t *handle)
{
    struct journal *j = handle->data;
    if (--j->handles > 0)
        return;
    void (*on_closed)(void *ctx) = j->on_closed;
    void *ctx = j->ctx;
    free(j);
    on_closed(ctx);
}

void flow_clear(struct journal *j)
{
    if (j->spare >= 0)
        unlinkat(j->folder, SEGMENT_SPARE, 0);
    int fds[] = {j->spare, j->write.fd, j->folder, j->lock};
    for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
        if (fds[i] >= 0)
            close(fds[i]);
    buf_free(&j->write.out);
    cursor_clear(&j->cursor);
    shelf_close(&j->shelf);
}

/* Leaves no file without records, and no space that was preallocated for more. */
static void close_files(struct journal *j)
{
    uint64_t first, last;
    shelf_range(j->run, &first, &last);
    while (last < first && j->run->count > 0)
        shelf_doom(&j->shelf, j->run, 0);
    if (shelf_delete(j->folder, j->shelf.doomed, j->shelf.doomed_count) != 0 ||
        (j->write.fd >= 0 && ftruncate(j->write.fd, (off_t)j->write.offset) != 0))
        log_write(LOG_WARN, "journal_failed", "doing", "tidy", "reason", strerror(errno), NULL);
    flow_clear(j);
}

static void finish(struct journal *j)
{
    if (!j->closing || j->finished || j->writing || j->keeping || !STAILQ_EMPTY(&j->waiting) ||
        !STAILQ_EMPTY(&j->answers))
        return;
    j->finished = true;
    close_files(j);
    j->handles = 2;
    uv_close((uv_handle_t *)&j->gather, on_handle_closed);
    uv_close((uv_handle_t *)&j->retry, on_handle_closed);
}

static void proceed(struct journal *j)
{
    if (!j->writing) {
        if (is_at_bound(j))
            refuse(j, -ENOSPC);
        const struct append *head = STAILQ_FIRST(&j->waiting);
        bool roll = j->spare >= 0 && (!j->current || (head && !fits(j, head)));
        if (roll || (head && fits(j, head)))
            start_write(j, roll);
    }
    start_keep(j);
    finish(j);
}

static void on_gathered(uv_timer_t *timer)
{
    proceed(timer->data);
}

void flow_nudge(struct journal *j)
{
    uv_timer_start(&j->gather, on_gathered, 0, 0);
}

void flow_added(struct journal *j)
{
    if (j->waiting_bytes >= GATHER_BYTES)
        flow_nudge(j);
    else if (!j->writing && !uv_is_active((uv_handle_t *)&j->gather))
        uv_timer_start(&j->gather, on_gathered, j->gather_ms, 0);
}

/* --- beginning and end ---- */

void flow_init(struct journal *j)
{
    STAILQ_INIT(&j->waiting);
    STAILQ_INIT(&j->answers);
    STAILQ_INIT(&j->write.batch);
    cursor_init(&j->cursor);
    j->folder = j->lock = j->spare = j->write.fd = -1;
    j->write_work.data = j->keep_work.data = j;
}

void flow_begin(struct journal *j)
{
    uv_timer_init(j->loop, &j->gather);
    uv_timer_init(j->loop, &j->retry);
    j->gather.data = j->retry.data = j;
    j->write.folder = j->keep.folder = j->folder;
    j->write.seed = j->run->seed;
    if (set_up_keep(j)) {
        keep_job_run(&j->keep);
        settle_keep(j);
    }
    if (j->spare >= 0) {
        set_up_write(j, true);
        write_job_run(&j->write);
        settle_write(j);
    }
    if (!j->current)
        flow_nudge(j);
}

void flow_end(struct journal *j)
{
    j->closing = true;
    j->resting = false;
    uv_timer_stop(&j->retry);
    flow_nudge(j);
}

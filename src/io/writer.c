#include "writer.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* A segment that was left is never written again, whether the new one comes about or not: if the
 * new one's header has reached the disk, it voids whatever would be added to the old one. */
static int roll(struct write_job *job)
{
    if (job->fd >= 0)
        close(job->fd);
    job->fd = -1;
    int status = segment_start(job->folder, job->spare, &job->header);
    if (status != 0)
        return status;
    job->fd = job->spare;
    job->offset = SEGMENT_HEADER;
    job->rolled = true;
    segment_name(job->header.incarnation, job->header.index, job->name);
    return 0;
}

static void lay_out(struct write_job *job)
{
    struct append *append;
    uint32_t place = 0;
    buf_reset(&job->out);
    STAILQ_FOREACH(append, &job->batch, link)
    {
        append->first = job->first + place;
        unsigned char *at = append->bytes;
        for (size_t i = 0; i < append->count; i++, place++)
            at += segment_seal(at, job->seed, job->first + place, place);
        buf_add(&job->out, append->bytes, append->len);
    }
}

static int write_batch(struct write_job *job)
{
    lay_out(job);
    int status = segment_write(job->fd, job->out.data, job->out.len, job->offset);
    if (status == 0) {
        job->offset += job->out.len;
        return 0;
    }
    close(job->fd);
    job->fd = -1;
    job->voided = segment_cut(job->folder, job->name, job->offset) == 0;
    return status;
}

void write_job_run(struct write_job *job)
{
    job->rolled = false;
    job->voided = true;
    job->status = job->roll ? roll(job) : 0;
    if (job->status == 0 && !STAILQ_EMPTY(&job->batch))
        job->status = write_batch(job);
}

void keep_job_run(struct keep_job *job)
{
    job->deleted = shelf_delete(job->folder, job->doomed, job->doomed_count);
    job->spare = job->size ? segment_prepare(job->folder, job->size) : -1;
}

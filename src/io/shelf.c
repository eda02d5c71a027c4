#include "shelf.h"

#include "buf.h"
#include "digest.h"
#include "log.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DAMAGED_NAME (SEGMENT_NAME + 8)

/* --- runs ---- */

struct shelf_run *shelf_begin(struct shelf *s, const unsigned char id[SEGMENT_ID],
                              uint64_t generation)
{
    struct shelf_run *run = mem_alloc(sizeof *run);
    memcpy(run->id, id, SEGMENT_ID);
    digest_hex(id, SEGMENT_ID, run->incarnation);
    run->seed = segment_seed(id);
    run->generation = generation;
    s->runs = mem_resize(s->runs, (s->count + 1) * sizeof(struct shelf_run *));
    return s->runs[s->count++] = run;
}

struct shelf_run *shelf_find(const struct shelf *s, const char *incarnation)
{
    for (size_t i = 0; i < s->count; i++)
        if (strcmp(s->runs[i]->incarnation, incarnation) == 0)
            return s->runs[i];
    return NULL;
}

void shelf_range(const struct shelf_run *run, uint64_t *first, uint64_t *last)
{
    *first = run->count ? run->segments[0]->first : 1;
    *last = *first - 1;
    for (size_t i = run->count; i-- > 0;) {
        const struct shelf_segment *segment = run->segments[i];
        if (segment->last < segment->first)
            continue;
        *last = segment->last;
        return;
    }
}

static void free_segment(struct shelf_segment *segment)
{
    free(segment->marks);
    free(segment);
}

static void free_run(struct shelf_run *run)
{
    for (size_t i = 0; i < run->count; i++)
        free_segment(run->segments[i]);
    free(run->segments);
    free(run);
}

void shelf_forget(struct shelf *s, struct shelf_run *run)
{
    size_t i = 0;
    while (s->runs[i] != run)
        i++;
    s->count--;
    memmove(s->runs + i, s->runs + i + 1, (s->count - i) * sizeof(struct shelf_run *));
    free_run(run);
}

void shelf_close(struct shelf *s)
{
    for (size_t i = 0; i < s->count; i++)
        free_run(s->runs[i]);
    free(s->runs);
    free(s->doomed);
    *s = (struct shelf){.folder = -1};
}

/* --- segments ---- */

struct shelf_segment *shelf_add(struct shelf *s, struct shelf_run *run, uint32_t index,
                                uint64_t first, uint64_t size)
{
    struct shelf_segment *segment = mem_alloc(sizeof *segment);
    segment->index = index;
    segment->first = first;
    segment->last = first - 1;
    segment->end = SEGMENT_HEADER;
    segment->size = size;
    if (run->count == run->room) {
        run->room = run->room ? 2 * run->room : 8;
        run->segments = mem_resize(run->segments, run->room * sizeof(struct shelf_segment *));
    }
    run->segments[run->count++] = segment;
    s->bytes += size;
    return segment;
}

void shelf_mark(struct shelf_segment *segment, uint64_t number, uint64_t offset)
{
    size_t n = segment->mark_count;
    if (n > 0 && offset - segment->marks[n - 1].offset < SHELF_STRIDE)
        return;
    segment->marks = mem_resize(segment->marks, (n + 1) * sizeof *segment->marks);
    segment->marks[n] = (struct shelf_mark){number, offset};
    segment->mark_count = n + 1;
}

/* Returns OUT. */
static char *damaged_name(const char *name, char out[DAMAGED_NAME])
{
    snprintf(out, DAMAGED_NAME, "%s.damaged", name);
    return out;
}

void shelf_damaged(const struct shelf *s, const struct shelf_run *run,
                   struct shelf_segment *segment)
{
    if (segment->damaged)
        return;
    char name[SEGMENT_NAME], second[DAMAGED_NAME];
    segment_name(run->id, segment->index, name);
    damaged_name(name, second);
    /* A link costs no space and reads nothing from a disk that may be dying. */
    segment->damaged = true;
    segment->kept = linkat(s->folder, name, s->folder, second, 0) == 0 || errno == EEXIST;
    log_write(LOG_ERROR, "journal_damaged", "file", name, "kept",
              segment->kept ? second : strerror(errno), NULL);
}

/* --- deleting ---- */

void shelf_doom(struct shelf *s, struct shelf_run *run, size_t i)
{
    struct shelf_segment *segment = run->segments[i];
    s->doomed = mem_resize(s->doomed, (s->doomed_count + 1) * sizeof *s->doomed);
    struct shelf_doomed *doomed = &s->doomed[s->doomed_count++];
    *doomed =
        (struct shelf_doomed){.size = segment->size, .keep = segment->damaged && !segment->kept};
    segment_name(run->id, segment->index, doomed->name);
    run->count--;
    memmove(run->segments + i, run->segments + i + 1,
            (run->count - i) * sizeof(struct shelf_segment *));
    free_segment(segment);
}

/* One after the other, each on disk before the next: a later segment's header may be what voids
 * records of an earlier one, so the earlier one must be gone first. */
int shelf_delete(int folder, struct shelf_doomed *doomed, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char second[DAMAGED_NAME];
        int status = doomed[i].keep ? renameat(folder, doomed[i].name, folder,
                                               damaged_name(doomed[i].name, second))
                                    : unlinkat(folder, doomed[i].name, 0);
        if (status != 0 && errno != ENOENT)
            return -errno;
        status = segment_sync_folder(folder);
        if (status != 0)
            return status;
        doomed[i].done = true;
    }
    return 0;
}

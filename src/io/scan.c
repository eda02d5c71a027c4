/* scan: how the shelf is filled when the journal is opened: every segment is walked from end to
 * end and what isn't as it was written is judged: void, torn or damaged. */
#include "shelf.h"

#include "buf.h"
#include "log.h"
#include "walk.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* One segment being looked at. Of what stands behind LIMIT nothing is valid; UINT64_MAX: there is
 * no later segment, and how far its writes were synced has to be inferred. */
struct scan {
    struct shelf *shelf;
    struct shelf_run *run;
    struct shelf_segment *segment;
    struct walk walk;
    uint64_t limit;
    uint64_t missing; /* the first number that isn't there though later ones are; 0: none */
    uint64_t end;     /* where it is missing, */
    size_t marks;     /* and how many marks stand before */
    bool damaged;
};

/* The first number by the header, or 0 where that can't be told. */
static int read_first(struct scan *s, uint64_t *first)
{
    struct segment_header header;
    int status = segment_read_header(s->walk.fd, &header);
    if (status == -ENOTSUP)
        return status;
    if (status == 0 && header.index == s->segment->index &&
        memcmp(header.incarnation, s->run->id, SEGMENT_ID) == 0) {
        *first = header.first;
        s->run->generation = header.generation;
        return 0;
    }
    s->damaged = true;
    *first = s->segment->index == 1;
    return 0;
}

/* A record stands where number EXPECTED should, behind SPOILT bytes more. */
static void compare(struct scan *s, const struct segment_record *record, uint64_t expected,
                    uint64_t spoilt)
{
    if (record->number > expected && s->missing == 0) {
        s->missing = expected;
        s->end = s->segment->end;
        s->marks = s->segment->mark_count;
    }
    /* Its write began only after the one before it had been synced. */
    bool is_later_write = s->missing && record->number - record->place > s->missing;
    if (is_later_write || (spoilt > 0 && record->number == expected))
        s->damaged = true;
}

static int walk_all(struct scan *s)
{
    struct segment_record record;
    struct shelf_segment *segment = s->segment;
    struct walk *w = &s->walk;
    uint64_t expected = w->next, spoilt = 0;
    int found;
    while ((found = walk_next(w, &record)) > 0) {
        if (segment->first == 0)
            segment->first = expected = record.number;
        compare(s, &record, expected, w->spoilt - spoilt);
        shelf_mark(segment, record.number, w->offset - record.len - SEGMENT_OVERHEAD);
        segment->end = w->offset;
        segment->last = record.number;
        expected = w->next;
        spoilt = w->spoilt;
    }
    return found;
}

/* The last write didn't end: it was never acknowledged, and what of it stands behind the first gap
 * is given up, so that the numbers have none. */
static void note_torn(struct scan *s)
{
    struct shelf_segment *segment = s->segment;
    char name[SEGMENT_NAME];
    if (s->missing) {
        segment->last = s->missing - 1;
        segment->end = s->end;
        segment->mark_count = s->marks;
    }
    segment_name(s->run->id, segment->index, name);
    log_write(LOG_INFO, "journal_torn_tail", "file", name, "last",
              log_num((long long)segment->last), NULL);
}

/* Says what the walk has shown. */
static void judge(struct scan *s)
{
    struct shelf_segment *segment = s->segment;
    bool is_closed = s->limit != UINT64_MAX; /* all up to the limit was synced once */
    if (segment->first == 0) {
        segment->first = is_closed ? s->limit + 1 : 1;
        segment->last = segment->first - 1;
    }
    if (is_closed && (s->missing || segment->last < s->limit))
        s->damaged = true;
    if (s->damaged)
        shelf_damaged(s->shelf, s->run, segment);
    else if (!is_closed && (s->missing || s->walk.spoilt > 0))
        note_torn(s);
}

/* Gives back what was preallocated and never written, lest every crash cost a segment's size. */
static void shorten(struct scan *s)
{
    struct shelf_segment *segment = s->segment;
    uint64_t filled = s->walk.filled;
    if (s->limit != UINT64_MAX || filled >= segment->size)
        return;
    char name[SEGMENT_NAME];
    segment_name(s->run->id, segment->index, name);
    int fd = openat(s->shelf->folder, name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd >= 0 && ftruncate(fd, (off_t)filled) == 0) {
        s->shelf->bytes -= segment->size - filled;
        segment->size = filled;
    }
    if (fd >= 0)
        close(fd);
}

static int scan_segment(struct shelf *shelf, struct shelf_run *run, struct shelf_segment *segment,
                        uint64_t *limit)
{
    struct scan s = {.shelf = shelf, .run = run, .segment = segment, .limit = *limit};
    char name[SEGMENT_NAME];
    segment_name(run->id, segment->index, name);
    int fd = openat(shelf->folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return -errno;
    walk_open(&s.walk, fd, run->seed, segment->size, SEGMENT_HEADER, 0);
    s.walk.tolerant = true;
    s.walk.limit = *limit;
    int status = read_first(&s, &segment->first);
    s.walk.next = segment->first;
    segment->last = segment->first - (segment->first > 0);
    if (status == 0)
        status = walk_all(&s);
    if (status == 0) {
        if (segment->first > 0 && segment->first - 1 < *limit)
            *limit = segment->first - 1;
        judge(&s);
        shorten(&s);
    }
    walk_close(&s.walk);
    return status;
}

/* From the last segment to the first, as each says what is void before it. */
static int scan_run(struct shelf *shelf, struct shelf_run *run, char which[SEGMENT_NAME])
{
    uint64_t limit = UINT64_MAX, first, last;
    for (size_t i = run->count; i-- > 0;) {
        int status = scan_segment(shelf, run, run->segments[i], &limit);
        if (status != 0) {
            segment_name(run->id, run->segments[i]->index, which);
            return status;
        }
    }
    shelf_range(run, &first, &last);
    while (last < first && run->count > 0)
        shelf_doom(shelf, run, 0);
    return 0;
}

/* --- the folder ---- */

static struct shelf_run *find_run(struct shelf *s, const unsigned char id[SEGMENT_ID])
{
    for (size_t i = 0; i < s->count; i++)
        if (memcmp(s->runs[i]->id, id, SEGMENT_ID) == 0)
            return s->runs[i];
    return shelf_begin(s, id, 0);
}

static int note_file(struct shelf *s, const char *name)
{
    unsigned char id[SEGMENT_ID];
    uint32_t index;
    struct stat st;
    if (strcmp(name, SEGMENT_SPARE) == 0 && unlinkat(s->folder, name, 0) != 0)
        return -errno;
    if (!segment_is_name(name, id, &index))
        return 0;
    if (fstatat(s->folder, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return -errno;
    if (S_ISREG(st.st_mode))
        shelf_add(s, find_run(s, id), index, 1, (uint64_t)st.st_size);
    return 0;
}

static int list_files(struct shelf *s, char which[SEGMENT_NAME])
{
    int fd = openat(s->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir) {
        int status = -errno;
        if (fd >= 0)
            close(fd);
        return status;
    }
    int status = 0;
    for (struct dirent *entry; status == 0 && (errno = 0, entry = readdir(dir));) {
        status = note_file(s, entry->d_name);
        if (status != 0)
            snprintf(which, SEGMENT_NAME, "%.*s", SEGMENT_NAME - 1, entry->d_name);
    }
    if (status == 0)
        status = -errno;
    closedir(dir);
    return status;
}

static int by_index(const void *a, const void *b)
{
    const struct shelf_segment *const *x = a, *const *y = b;
    return (*x)->index < (*y)->index ? -1 : (*x)->index > (*y)->index;
}

static int by_generation(const void *a, const void *b)
{
    const struct shelf_run *const *x = a, *const *y = b;
    if ((*x)->generation != (*y)->generation)
        return (*x)->generation < (*y)->generation ? -1 : 1;
    return strcmp((*x)->incarnation, (*y)->incarnation);
}

int shelf_open(struct shelf *s, int folder, char which[SEGMENT_NAME])
{
    *s = (struct shelf){.folder = folder};
    which[0] = '\0';
    int status = list_files(s, which);
    for (size_t i = 0; i < s->count && status == 0; i++) {
        struct shelf_run *run = s->runs[i];
        qsort(run->segments, run->count, sizeof(struct shelf_segment *), by_index);
        status = scan_run(s, run, which);
    }
    for (size_t i = s->count; i-- > 0 && status == 0;)
        if (s->runs[i]->count == 0)
            shelf_forget(s, s->runs[i]);
    if (s->count > 1 && status == 0)
        qsort(s->runs, s->count, sizeof(struct shelf_run *), by_generation);
    if (status != 0)
        shelf_close(s);
    return status;
}

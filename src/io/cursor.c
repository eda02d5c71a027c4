#include "cursor.h"

#include "log.h"
#include <errno.h>
#include <fcntl.h>

void cursor_init(struct cursor *c)
{
    *c = (struct cursor){.walk.fd = -1};
}

void cursor_clear(struct cursor *c)
{
    walk_close(&c->walk);
    c->run = NULL;
    c->segment = NULL;
}

/* The first segment that holds NUMBER or a later one; NULL: none does. */
static struct shelf_segment *find_segment(const struct shelf_run *run, uint64_t number)
{
    for (size_t i = 0; i < run->count; i++) {
        struct shelf_segment *segment = run->segments[i];
        if (segment->last >= number && segment->last >= segment->first)
            return segment;
    }
    return NULL;
}

/* The mark at or before NUMBER. */
static struct shelf_mark find_mark(const struct shelf_segment *segment, uint64_t number)
{
    struct shelf_mark found = {segment->first, SEGMENT_HEADER};
    size_t low = 0, high = segment->mark_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (segment->marks[middle].number <= number) {
            found = segment->marks[middle];
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return found;
}

static int open_segment(struct cursor *c, const struct shelf *s, struct shelf_segment *segment)
{
    char name[SEGMENT_NAME];
    segment_name(c->run->id, segment->index, name);
    int fd = openat(s->folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return -errno;
    struct shelf_mark mark = find_mark(segment, c->next);
    walk_close(&c->walk);
    walk_open(&c->walk, fd, c->run->seed, segment->end, mark.offset, mark.number);
    c->walk.tolerant = segment->damaged;
    c->segment = segment;
    return 0;
}

int cursor_seek(struct cursor *c, const struct shelf *s, struct shelf_run *run, uint64_t from)
{
    uint64_t first, last;
    shelf_range(run, &first, &last);
    if (from < first)
        from = first;
    if (c->run == run && c->segment && c->next == from)
        return 0;
    cursor_clear(c);
    c->run = run;
    c->next = from;
    struct shelf_segment *segment = find_segment(run, from);
    return segment ? open_segment(c, s, segment) : 0;
}

static void tell_lost(struct cursor *c, uint64_t first, uint64_t last)
{
    if (last <= c->run->told)
        return;
    if (first <= c->run->told)
        first = c->run->told + 1;
    c->run->told = last;
    log_write(LOG_ERROR, "journal_lost", "incarnation", c->run->incarnation, "number",
              log_num((long long)first), "last", log_num((long long)last), NULL);
}

static void note_damage(struct cursor *c, const struct shelf *s)
{
    shelf_damaged(s, c->run, c->segment);
    c->walk.tolerant = true;
}

/* In the segment where it stands: the first record from c->next on; 0 where it ends. */
static int next_here(struct cursor *c, const struct shelf *s, struct segment_record *record)
{
    c->walk.size = c->segment->end;
    c->walk.limit = c->segment->last;
    int found;
    do
        found = walk_next(&c->walk, record);
    while (found > 0 && record->number < c->next);
    bool is_short = found == 0 && c->walk.next <= c->segment->last;
    if (c->walk.spoilt > 0 || is_short)
        note_damage(c, s);
    return found;
}

int cursor_next(struct cursor *c, const struct shelf *s, struct segment_record *record)
{
    while (c->run) {
        int found = c->segment ? next_here(c, s, record) : 0;
        if (found < 0)
            return found;
        if (found > 0) {
            if (record->number > c->next)
                tell_lost(c, c->next, record->number - 1);
            c->next = record->number + 1;
            return 1;
        }
        struct shelf_segment *segment = c->segment;
        uint64_t beyond = segment && segment->last >= c->next ? segment->last + 1 : c->next;
        struct shelf_segment *other = find_segment(c->run, beyond);
        if (!other)
            return beyond > c->next ? -EIO : 0;
        int status = open_segment(c, s, other);
        if (status != 0)
            return status;
    }
    return 0;
}

void cursor_unread(struct cursor *c, const struct segment_record *record)
{
    c->walk.offset -= record->len + SEGMENT_OVERHEAD;
    c->walk.next = record->number;
    c->next = record->number;
}

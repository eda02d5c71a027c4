/* cursor: reads a run's records on from any number, over its segments, for journal_read. Private
 * to this floor. */
#ifndef TALLYD_CURSOR_H
#define TALLYD_CURSOR_H

#include "shelf.h"
#include "walk.h"

struct cursor {
    struct shelf_run *run; /* NULL: nowhere */
    struct shelf_segment *segment;
    struct walk walk;
    uint64_t next; /* the number that is read next, unless it is lost */
};

void cursor_init(struct cursor *c);
/* Leaves the place where it stands; to be called before that segment or run is taken away. */
void cursor_clear(struct cursor *c);

/* Stands before record FROM of the run: no more than a stride is searched, and nothing where the
 * last call of cursor_next left off. Returns 0 or a negative errno. */
int cursor_seek(struct cursor *c, const struct shelf *s, struct shelf_run *run, uint64_t from);
/* 1 and RECORD, borrowed until the next call; 0 at the end; or a negative errno. Numbers that are
 * lost are passed over and logged once. */
int cursor_next(struct cursor *c, const struct shelf *s, struct segment_record *record);
/* Steps back before the record that cursor_next gave last. */
void cursor_unread(struct cursor *c, const struct segment_record *record);

#endif

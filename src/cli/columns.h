/* columns: what a sheet's head line says, in Chinese or English, in the words that offices use:
 * which column holds which field of an event. A head may mean different fields of different kinds
 * (活动编号 is an activity's own id, and in a reach's row that of the activity it speaks of), so it
 * is asked by kind. */
#ifndef TALLYCTL_COLUMNS_H
#define TALLYCTL_COLUMNS_H

#include "buf.h"
#include "csv.h"
#include "event.h"
#include <stdbool.h>
#include <stddef.h>

enum {
    COLUMN_UNKNOWN = -1,
    COLUMN_IGNORED = -2, /* known to say nothing about the event: the row's serial number, the
                            error that an earlier import wrote there */
    COLUMN_OTHER = -3    /* known, but not for an event of this kind */
};

/* The kinds that a sheet may hold, as a set of 1u << kind: what only an admin may send, and what
 * takes events back, isn't done by the sheet. */
#define COLUMNS_KINDS                                                                              \
    (1u << EVENT_ACTIVITY | 1u << EVENT_REACH | 1u << EVENT_VENUE | 1u << EVENT_PROBLEM |          \
     1u << EVENT_PLAN)

/* The field that HEAD names in a row of this kind, or one of the above. */
int column_find(const char *head, enum event_kind kind);
/* Adds every name that is known for these kinds: "编号/id, 时间/日期/at, …". */
void column_names(unsigned kinds, struct buf *out);

struct columns {
    char **heads; /* as they stand in the sheet, cleaned; "" where there is none */
    size_t count;
    int kind_column;  /* the one that tells each row's kind; -1: none */
    int error_column; /* the one that an earlier import wrote; -1: none */
    int (*fields)[EVENT_KINDS];
    bool chinese; /* the heads are */
};

/* Reads the head line of a sheet whose rows are of KIND, or of any kind if it has a column that
 * tells. C is to be freed either way. False with what is wrong in ERROR, in
 * lines: unknown columns (unless IGNORE_UNKNOWN), two for one field, none for what must be. */
bool columns_read(struct columns *c, const struct csv_row *head, enum event_kind kind,
                  bool ignore_unknown, struct buf *error);
/* The head of the column that holds FIELD in a row of this kind; the field's name if none does. */
const char *columns_head(const struct columns *c, enum event_kind kind, enum field field);
void columns_free(struct columns *c);

#endif

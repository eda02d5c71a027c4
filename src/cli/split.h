/* split: takes input apart into its events, as it comes: a JSON array, or JSON texts one on each
 * line (a single one may be spread over lines). The raw text of each is kept, so that the daemon
 * judges what the sender wrote and not what a parser made of it. */
#ifndef TALLYCTL_SPLIT_H
#define TALLYCTL_SPLIT_H

#include "buf.h"
#include <stdbool.h>
#include <stddef.h>

#define SPLIT_ITEM_MAX (1024UL * 1024)

enum split_step {
    SPLIT_MORE, /* all bytes taken */
    SPLIT_ITEM, /* item holds an event, item_line where it starts */
    SPLIT_BAD   /* trouble says why there is no going on; item_line says where */
};

/* A zeroed struct is a splitter at its start; split_clear when done. */
struct splitter {
    struct buf item;
    long item_line; /* from 1 */
    const char *trouble;
    long newlines;
    int depth;
    bool in_string, escaped;
    bool array, begun, closed;
    bool lines; /* the first text was whole on its line: every line's end ends one */
    bool comma; /* in an array: a further element is due */
    bool ready; /* item was given out and is cleared by the next call */
};

/* Takes bytes (moving *bytes and *n on) until an event is whole or none are left. */
enum split_step split_next(struct splitter *s, const char **bytes, size_t *n);
/* The input has ended: gives the last event, or SPLIT_MORE if there is none. */
enum split_step split_end(struct splitter *s);
void split_clear(struct splitter *s);

#endif

/* parts: the figures of a whole as the sum of its parts', cell by cell: a district's of its
 * streets'. Parts tell absolute cells; what a cell differs by from the one before goes to each
 * whole. Estimates of unique residents are added as they are: who was in two streets is in both. */
#ifndef TALLYD_PARTS_H
#define TALLYD_PARTS_H

#include "catalogue.h"
#include "event.h"
#include "totals.h"

#define PART_WHOLES 2

/* Groups of the totals: the part's own, and those that it counts for. Plain value. */
struct part {
    char dim[EVENT_ID_MAX + 3];
    char wholes[PART_WHOLES][EVENT_ID_MAX + 3];
    int whole_count;
};

/* Of a community of the catalogue: it counts for the total, and for its circle if it has one. */
void part_of(const struct entry *community, struct part *out);

/* The part's cell is now C. */
void part_put(struct totals *t, const struct part *p, const struct cell *c);
/* The part's cells are now those that FRESH has of it, and no others. */
void part_replace(struct totals *t, const struct part *p, const struct totals *fresh);

#endif

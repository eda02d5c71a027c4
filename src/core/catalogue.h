/* catalogue: who and what the alliance is made of: circles, communities, units, categories and
 * projects, by ids that never change. Built once, then read-only. */
#ifndef TALLYD_CATALOGUE_H
#define TALLYD_CATALOGUE_H

#include "metric.h"
#include <stdbool.h>
#include <stddef.h>

struct catalogue;

struct entry {
    char *id, *name;
    const struct entry *parent; /* a community's circle, a project's category; else NULL */
    const struct entry **leads; /* a project's lead units */
    size_t lead_count;
    char *round, *status; /* a project's; else NULL. status: preparing, running, done */
    bool retired;         /* it has a history, and takes no new events */
    int line;             /* where it stands in its file; 0: nowhere */
};

/* Empty, to be filled; ALLIANCE_ID and NAME are copied. */
struct catalogue *catalogue_new(const char *alliance_id, const char *name);
void catalogue_free(struct catalogue *c);

/* Adds one. PARENT_ID: a community's circle or a project's category, which must be there
 * already. Returns the entry, or NULL if the id stands already in that dimension or the parent
 * isn't there. */
struct entry *catalogue_add(struct catalogue *c, enum dimension dim, const char *id,
                            const char *name, const char *parent_id);
/* Names a lead unit of a project; -1 if there is no such unit. */
int catalogue_lead(struct catalogue *c, struct entry *project, const char *unit_id);

/* Where in its file a dimension's list begins; 0 until it is set. */
void catalogue_set_line(struct catalogue *c, enum dimension dim, int line);
int catalogue_line(const struct catalogue *c, enum dimension dim);

const char *catalogue_id(const struct catalogue *c);
const char *catalogue_name(const struct catalogue *c);
/* NULL if the dimension has no such id. */
const struct entry *catalogue_find(const struct catalogue *c, enum dimension dim, const char *id);
size_t catalogue_count(const struct catalogue *c, enum dimension dim);
/* In the file's order. */
const struct entry *catalogue_at(const struct catalogue *c, enum dimension dim, size_t i);

#endif

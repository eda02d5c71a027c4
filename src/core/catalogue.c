#include "catalogue.h"

#include "buf.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

/* The entry stands first, so that the one given out is the node that is freed. */
struct node {
    struct entry entry;
    UT_hash_handle hh;
};

/* One dimension: found by id, walked in the order of adding, which uthash keeps in its list;
 * the array is for going to a place at once. */
struct shelf {
    struct node *by_id;
    struct node **list;
    size_t count;
    int line;
};

struct catalogue {
    char *id, *name;
    struct shelf shelves[DIM_COUNT];
};

/* Which dimension's entries have a parent, and in which dimension it stands. */
static const enum dimension parents[DIM_COUNT] = {
    [DIM_COMMUNITY] = DIM_CIRCLE,
    [DIM_PROJECT] = DIM_CATEGORY,
};

struct catalogue *catalogue_new(const char *alliance_id, const char *name)
{
    struct catalogue *c = mem_alloc(sizeof *c);
    c->id = mem_string(alliance_id);
    c->name = mem_string(name);
    return c;
}

static void node_free(struct node *n)
{
    free(n->entry.id);
    free(n->entry.name);
    free(n->entry.leads);
    free(n->entry.round);
    free(n->entry.status);
    free(n);
}

void catalogue_free(struct catalogue *c)
{
    if (!c)
        return;
    for (int dim = 0; dim < DIM_COUNT; dim++) {
        struct shelf *s = &c->shelves[dim];
        HASH_CLEAR(hh, s->by_id);
        for (size_t i = 0; i < s->count; i++)
            node_free(s->list[i]);
        free(s->list);
    }
    free(c->id);
    free(c->name);
    free(c);
}

static struct node *shelf_find(const struct shelf *s, const char *id)
{
    struct node *found = NULL;
    HASH_FIND_STR(s->by_id, id, found);
    return found;
}

static void shelf_add(struct shelf *s, struct node *n)
{
    HASH_ADD_KEYPTR(hh, s->by_id, n->entry.id, strlen(n->entry.id), n);
    s->list = mem_resize(s->list, (s->count + 1) * sizeof(struct node *));
    s->list[s->count++] = n;
}

struct entry *catalogue_add(struct catalogue *c, enum dimension dim, const char *id,
                            const char *name, const char *parent_id)
{
    const struct entry *parent = NULL;
    if (parents[dim] != DIM_TOTAL) {
        parent = catalogue_find(c, parents[dim], parent_id);
        if (!parent)
            return NULL;
    }
    if (dim == DIM_TOTAL || shelf_find(&c->shelves[dim], id))
        return NULL;
    struct node *n = mem_alloc(sizeof *n);
    n->entry.id = mem_string(id);
    n->entry.name = mem_string(name);
    n->entry.parent = parent;
    shelf_add(&c->shelves[dim], n);
    return &n->entry;
}

int catalogue_lead(struct catalogue *c, struct entry *project, const char *unit_id)
{
    const struct entry *unit = catalogue_find(c, DIM_UNIT, unit_id);
    if (!unit)
        return -1;
    size_t count = project->lead_count + 1;
    project->leads = mem_resize(project->leads, count * sizeof(struct entry *));
    project->leads[count - 1] = unit;
    project->lead_count = count;
    return 0;
}

void catalogue_set_line(struct catalogue *c, enum dimension dim, int line)
{
    c->shelves[dim].line = line;
}

int catalogue_line(const struct catalogue *c, enum dimension dim)
{
    return c->shelves[dim].line;
}

const char *catalogue_id(const struct catalogue *c)
{
    return c->id;
}

const char *catalogue_name(const struct catalogue *c)
{
    return c->name;
}

const struct entry *catalogue_find(const struct catalogue *c, enum dimension dim, const char *id)
{
    struct node *n = id ? shelf_find(&c->shelves[dim], id) : NULL;
    return n ? &n->entry : NULL;
}

size_t catalogue_count(const struct catalogue *c, enum dimension dim)
{
    return c->shelves[dim].count;
}

const struct entry *catalogue_at(const struct catalogue *c, enum dimension dim, size_t i)
{
    return i < c->shelves[dim].count ? &c->shelves[dim].list[i]->entry : NULL;
}

#include "guard.h"

#include "buf.h"
#include "digest.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const role_names[] = {"none", "view", "report", "admin"};

struct token {
    char hash[DIGEST_HEX];
    struct identity who;
};

struct guard {
    struct token *list;
    size_t count, cap;
};

enum role role_find(const char *name)
{
    for (int r = ROLE_VIEW; r <= ROLE_ADMIN; r++)
        if (!strcmp(role_names[r], name))
            return (enum role)r;
    return ROLE_NONE;
}

struct guard *guard_new(void)
{
    return mem_alloc(sizeof(struct guard));
}

void guard_free(struct guard *g)
{
    if (!g)
        return;
    free(g->list);
    free(g);
}

void guard_clear(struct guard *g)
{
    g->count = 0;
}

void guard_add(struct guard *g, const char *hash, const struct identity *who)
{
    if (strlen(hash) != DIGEST_HEX - 1)
        return;
    if (g->count == g->cap) {
        g->cap = g->cap ? g->cap * 2 : 16;
        g->list = mem_resize(g->list, g->cap * sizeof *g->list);
    }
    struct token *t = &g->list[g->count++];
    snprintf(t->hash, sizeof t->hash, "%s", hash);
    t->who = *who;
}

size_t guard_count(const struct guard *g)
{
    return g->count;
}

struct identity guard_find(const struct guard *g, const char *hash)
{
    struct identity found = {ROLE_NONE, "", ""};
    if (strlen(hash) != DIGEST_HEX - 1)
        return found;
    /* All are compared: the time says nothing about which one matched. */
    for (size_t i = 0; i < g->count; i++)
        if (digest_equal(g->list[i].hash, hash, DIGEST_HEX - 1))
            found = g->list[i].who;
    return found;
}

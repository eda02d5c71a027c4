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

struct session {
    char hash[DIGEST_HEX];
    struct identity who;
    int64_t created, seen;
};

struct guard {
    struct token *list;
    size_t count, cap;
    struct session *sessions;
    size_t session_count, session_cap;
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
    free(g->sessions);
    free(g);
}

void guard_clear(struct guard *g)
{
    g->count = 0;
    g->session_count = 0;
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

static const struct identity *find_name(const struct guard *g, const char *name)
{
    const struct identity *found = NULL;
    for (size_t i = 0; i < g->count && !found; i++)
        if (!strcmp(g->list[i].who.name, name))
            found = &g->list[i].who;
    return found;
}

bool guard_has(const struct guard *g, const char *name)
{
    return find_name(g, name) != NULL;
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

/* --- sessions ----------------------------------------------------------------------------- */

void guard_add_session(struct guard *g, const char *hash, const char *name, int64_t created,
                       int64_t seen)
{
    const struct identity *who = find_name(g, name);
    if (!who || strlen(hash) != DIGEST_HEX - 1)
        return;
    if (g->session_count == g->session_cap) {
        g->session_cap = g->session_cap ? g->session_cap * 2 : 16;
        g->sessions = mem_resize(g->sessions, g->session_cap * sizeof *g->sessions);
    }
    struct session *s = &g->sessions[g->session_count++];
    *s = (struct session){.who = *who, .created = created, .seen = seen};
    snprintf(s->hash, sizeof s->hash, "%s", hash);
}

static struct session *find_session(const struct guard *g, const char *hash)
{
    struct session *found = NULL;
    if (strlen(hash) != DIGEST_HEX - 1)
        return NULL;
    for (size_t i = 0; i < g->session_count; i++)
        if (digest_equal(g->sessions[i].hash, hash, DIGEST_HEX - 1))
            found = &g->sessions[i];
    return found;
}

void guard_end_session(struct guard *g, const char *hash)
{
    struct session *s = find_session(g, hash);
    if (s)
        *s = g->sessions[--g->session_count];
}

struct identity guard_session(struct guard *g, const char *hash, int64_t now, bool *due)
{
    struct session *s = find_session(g, hash);
    *due = false;
    if (!s || now >= s->created + GUARD_SESSION)
        return (struct identity){ROLE_NONE, "", ""};
    if (now >= s->seen + GUARD_SEEN) {
        *due = true;
        s->seen = now;
    }
    return s->who;
}

struct guard_use guard_uses(const struct guard *g, const char *name, int64_t now)
{
    struct guard_use use = {0, 0};
    for (size_t i = 0; i < g->session_count; i++) {
        const struct session *s = &g->sessions[i];
        if (strcmp(s->who.name, name) != 0 || now >= s->created + GUARD_SESSION)
            continue;
        use.sessions++;
        use.seen = s->seen > use.seen ? s->seen : use.seen;
    }
    return use;
}

/* guard: who may do what. Tokens are known by the SHA-256 of their text only; looking one up
 * takes the same time whatever it holds. */
#ifndef TALLYD_GUARD_H
#define TALLYD_GUARD_H

#include <stdbool.h>
#include <stddef.h>

enum role { ROLE_NONE, ROLE_VIEW, ROLE_REPORT, ROLE_ADMIN };
extern const char *const role_names[]; /* "none", "view", "report", "admin" */
enum role role_find(const char *name); /* ROLE_NONE if there is none of that name */

/* Plain value. */
struct identity {
    enum role role;
    char name[65]; /* the token's name */
    char unit[65]; /* "" if it may report for any */
};

struct guard;

struct guard *guard_new(void);
void guard_free(struct guard *g);
/* Replaces the whole set: clear, then add each. HASH is 64 hex digits. */
void guard_clear(struct guard *g);
void guard_add(struct guard *g, const char *hash, const struct identity *who);
size_t guard_count(const struct guard *g);
/* Who bears the token whose SHA-256 in hex is HASH; role ROLE_NONE if nobody does. */
struct identity guard_find(const struct guard *g, const char *hash);

#endif

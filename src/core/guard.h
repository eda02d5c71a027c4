/* guard: who may do what. Tokens, and the sessions that stand for one, are known by the SHA-256 of
 * their text only; looking one up takes the same time whatever it holds. */
#ifndef TALLYD_GUARD_H
#define TALLYD_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GUARD_SESSION INT64_C(15552000) /* s that a session lives: 180 days */
#define GUARD_SEEN    3600 /* s within which it needn't be noted again that it is used */

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
bool guard_has(const struct guard *g, const char *name); /* a token of that name */
/* Who bears the token whose SHA-256 in hex is HASH; role ROLE_NONE if nobody does. */
struct identity guard_find(const struct guard *g, const char *hash);

/* What is known of all sessions of one token. SEEN 0: none was ever used. */
struct guard_use {
    size_t sessions;
    int64_t seen;
};

/* A session of the token NAME, which must have been added before: role and unit are always the
 * token's. CREATED, SEEN in s since 1970. */
void guard_add_session(struct guard *g, const char *hash, const char *name, int64_t created,
                       int64_t seen);
void guard_end_session(struct guard *g, const char *hash);
/* Whose session it is; role ROLE_NONE if it is none, or too old. *DUE: that it is used hasn't been
 * noted for an hour, and is now. */
struct identity guard_session(struct guard *g, const char *hash, int64_t now, bool *due);
struct guard_use guard_uses(const struct guard *g, const char *name, int64_t now);

#endif

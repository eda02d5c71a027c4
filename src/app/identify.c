#include "identify.h"

#include "api.h"
#include "audit.h"
#include "cookie.h"
#include "date.h"
#include "limit.h"
#include "log.h"
#include <string.h>
#include <strings.h>

static char *hash_of(const char *secret, char hash[DIGEST_HEX])
{
    unsigned char digest[DIGEST_SIZE];
    digest_sha256(secret, strlen(secret), digest);
    return digest_hex(digest, sizeof digest, hash);
}

struct identity identity_of_token(const struct alliance *alliance, const char *token)
{
    char hash[DIGEST_HEX];
    return guard_find(alliance->guard, hash_of(token, hash));
}

struct identity identity_of_cookie(struct alliance *alliance, const char *cookie)
{
    char secret[COOKIE_TEXT], hash[DIGEST_HEX];
    int64_t now = date_now() / DATE_SECOND;
    bool due = false;
    if (!cookie_find(cookie, alliance->cookie, secret))
        return (struct identity){ROLE_NONE, "", ""};
    struct identity who = guard_session(alliance->guard, hash_of(secret, hash), now, &due);
    if (due)
        store_access(alliance->store, NULL, NULL, "seen", hash, log_num(now), NULL);
    return who;
}

bool cookie_hash(struct call *c, char hash[DIGEST_HEX])
{
    char secret[COOKIE_TEXT];
    if (!cookie_find(request_header(c->request, "cookie", NULL), c->alliance->cookie, secret))
        return false;
    hash_of(secret, hash);
    return true;
}

/* --- from where --------------------------------------------------------------------------- */

bool origin_allowed(const struct alliance *alliance, const char *host, const char *origin)
{
    const char *name = strstr(origin, "://");
    if (name && host && !strcmp(name + 3, host))
        return true;
    for (char **o = alliance->app->config.http_origins; o && *o; o++)
        if (!strcmp(*o, origin))
            return true;
    return false;
}

/* Only what changes something is judged. Programs, which send no cookie, need no Origin either. */
static bool origin_fits(struct call *c, const char *token)
{
    bool twice = false;
    const char *origin = request_header(c->request, "origin", &twice);
    if (strcmp(request_method(c->request), "POST") != 0)
        return true;
    if (twice)
        return false;
    if (!origin)
        return token || !request_header(c->request, "cookie", &twice);
    return origin_allowed(c->alliance, request_header(c->request, "host", NULL), origin);
}

/* --- who ---------------------------------------------------------------------------------- */

/* The bearer token; NULL if there is none, as where a proxy has asked for something else; "" if
 * there are two. */
static const char *bearer(struct request *r)
{
    bool twice = false;
    const char *header = request_header(r, "authorization", &twice);
    if (twice)
        return "";
    if (!header)
        return NULL;
    if (strncasecmp(header, "Bearer ", 7) != 0)
        return NULL;
    header += 7;
    return header + strspn(header, " ");
}

bool is_reporter(struct alliance *alliance, struct request *r)
{
    const char *token = bearer(r);
    struct identity who = token ? identity_of_token(alliance, token)
                                : identity_of_cookie(alliance, request_header(r, "cookie", NULL));
    return who.role >= ROLE_REPORT;
}

/* A cookie that stands for nothing any more is no guess at one: tokens and codes are counted. */
int note_refused(struct alliance *alliance, const char *peer, const char *outcome)
{
    int wait = limits_is_locked(alliance->app, peer);
    audit_refused(alliance, peer, wait ? "locked" : outcome);
    if (!wait && limits_refused(alliance->app, peer))
        audit_refused(alliance, peer, "locked_out");
    return wait;
}

static void refuse_token(struct call *c)
{
    int wait = note_refused(c->alliance, request_peer(c->request), "bad_token");
    if (wait)
        answer_too_many(c, wait);
    else
        answer_trouble(c, TROUBLE_BAD_TOKEN, NULL, -1);
}

static void refuse_nobody(struct call *c, const char *token, const char *cookie)
{
    if ((token || cookie) && !c->alliance->guard_known)
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
    else if (token)
        refuse_token(c);
    else
        answer_trouble(c, TROUBLE_NO_TOKEN, NULL, -1);
}

bool identify(struct call *c)
{
    enum role least = c->route->role;
    if (request_is_owner(c->request)) {
        c->who = (struct identity){ROLE_ADMIN, "owner", ""};
        return true;
    }
    const char *token = bearer(c->request);
    const char *cookie = token ? NULL : request_header(c->request, "cookie", NULL);
    if (!origin_fits(c, token)) {
        answer_trouble(c, TROUBLE_BAD_ORIGIN, NULL, -1);
        return false;
    }
    if (least == ROLE_NONE)
        return true;
    c->who =
        token ? identity_of_token(c->alliance, token) : identity_of_cookie(c->alliance, cookie);
    if (c->who.role == ROLE_NONE && !token && least == ROLE_VIEW &&
        c->alliance->app->config.viewers_open)
        return true;
    if (c->who.role == ROLE_NONE)
        refuse_nobody(c, token, cookie);
    else if (c->who.role < least)
        answer_trouble(c, TROUBLE_FORBIDDEN, NULL, -1);
    else
        return true;
    return false;
}

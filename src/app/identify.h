/* identify: who asks, by the bearer token or else by the cookie of a session; and whether what
 * changes something comes from a page that may. A browser sends our cookie along with requests that
 * other sites' pages make, so with a cookie a POST must say that it comes from a page of ours. */
#ifndef TALLYD_IDENTIFY_H
#define TALLYD_IDENTIFY_H

#include "answer.h"
#include "digest.h"

/* Is a page of ORIGIN one that this daemon serves to HOST, or one that the configuration lists? */
bool origin_allowed(const struct alliance *alliance, const char *host, const char *origin);

struct identity identity_of_token(const struct alliance *alliance, const char *token);
/* COOKIE is the header as sent, or NULL. That the session is used is noted. */
struct identity identity_of_cookie(struct alliance *alliance, const char *cookie);
/* SHA-256 in hex of the session's secret that the request's cookie bears; false if it has none. */
bool cookie_hash(struct call *c, char hash[DIGEST_HEX]);

/* A token or code that nobody has came from PEER; OUTCOME as in audit_refused. 0, or the seconds
 * for which the address isn't even heard. */
int note_refused(struct alliance *alliance, const char *peer, const char *outcome);
/* Is it a reporter or an admin who asks? Their token is what limits them, not their address. */
bool is_reporter(struct alliance *alliance, struct request *r);

/* Fills c->who and judges it by the route. False once the call has been answered. */
bool identify(struct call *c);

#endif

/* limit: how much of the daemon one address, token or device may take, and for how long an address
 * that guesses tokens and codes is refused unheard. Over a limit a caller is told when to come back
 * (429 too_many, Retry-After). Loopback isn't limited unless limits.loopback says so. A PEER is as
 * request_peer gives it; "" (the owner's socket) is never limited. An IPv6 address stands for its
 * /64, which is what one subscriber has. */
#ifndef TALLYD_LIMIT_H
#define TALLYD_LIMIT_H

#include "answer.h"

struct limits;

struct limits *limits_new(const struct config *config);
void limits_free(struct limits *l);
/* The settings were read again. What was spent stays spent. */
void limits_reload(struct limits *l, const struct config *config);

/* Each asks for leave and gives 0, or the seconds after which to come again. Whoever asks answers
 * with answer_too_many. */
int limits_request(struct app *app, const char *peer); /* any request */
int limits_open(struct app *app, const char *peer);    /* a POST without a token */
int limits_events(struct alliance *a, const char *token, size_t events); /* TOKEN: its name */
int limits_device(struct app *app, const unsigned char *hash, size_t n); /* its keyed hash */

/* A sign-in was refused: a token or code that nobody has. True if that locks the address out. */
bool limits_refused(struct app *app, const char *peer);
/* Must this address's sign-ins be refused unheard? 0, or the seconds that it stays so. Look a token
 * up first: a good one is never refused. */
int limits_is_locked(struct app *app, const char *peer);

/* 429 with Retry-After. */
void answer_too_many(struct call *c, int seconds);

#endif

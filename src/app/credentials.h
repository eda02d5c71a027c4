/* credentials: what the store knows of tokens and its secret, remembered in the state folder, so
 * that a daemon which starts while the store is away still knows its reporters. Only hashes of
 * tokens stand there, readable by the owner alone. */
#ifndef TALLYD_CREDENTIALS_H
#define TALLYD_CREDENTIALS_H

#include "app.h"

/* The store's tokens as it gives them: name, JSON, name, JSON … */
void credentials_take(struct app *app, const redisReply *pairs);
void credentials_take_secret(struct app *app, const unsigned char secret[STORE_SECRET]);
/* A backup's secret, 64 hex digits, in place of the store's own. */
void credentials_restore(struct app *app, const char *hex);
/* What was known when the daemon last ran; nothing if it never did. */
void credentials_load(struct app *app);

#endif

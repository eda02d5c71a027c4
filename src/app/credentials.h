/* credentials: what the store knows of tokens and its secret, remembered in the state folder, so
 * that a daemon which starts while the store is away still knows its reporters. Only hashes of
 * tokens and sessions stand there, readable by the owner alone. */
#ifndef TALLYD_CREDENTIALS_H
#define TALLYD_CREDENTIALS_H

#include "alliance.h"

/* The store's tokens and sessions as it gives them: name, JSON, name, JSON …, and by hashes.
 * True if they are others than before. */
bool credentials_take(struct alliance *alliance, const redisReply *tokens,
                      const redisReply *sessions);
/* A token that another daemon has made a moment ago. */
void credentials_note(struct alliance *alliance, const char *name, const char *json);
void credentials_take_secret(struct alliance *alliance, const unsigned char secret[STORE_SECRET]);
/* A backup's secret, 64 hex digits, in place of the store's own. */
void credentials_restore(struct alliance *alliance, const char *hex);
/* What was known when the daemon last ran; nothing if it never did. */
void credentials_load(struct alliance *alliance);

#endif

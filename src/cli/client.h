/* client: HTTP to the daemon by libcurl, over TCP or by the owner's socket in a state folder.
 * It also puts the daemon's refusals into words, the same for every verb. */
#ifndef TALLYCTL_CLIENT_H
#define TALLYCTL_CLIENT_H

#include "buf.h"
#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct client;

/* Where the daemon is, taken apart for those who speak something else than HTTP to it. */
struct client_place {
    bool tls;
    char *host; /* name or address; "localhost" on the owner's socket */
    long port;
    char *base;           /* what stands before every path; "" as a rule */
    char *socket;         /* the owner's socket, or NULL */
    const char *token;    /* borrowed; NULL if there is none */
    const char *alliance; /* its id; borrowed; NULL: the daemon's first */
    char *name;           /* for messages: the URL or the socket's path */
};

/* What came back. STATUS 0: nothing, and TROUBLE says why. */
struct reply {
    int status;
    struct buf body;
    long retry_after; /* seconds; 0 if not said */
    char trouble[320];
};

/* URL or STATE, the other NULL. ALLIANCE and TOKEN are borrowed; NULL: none. Paths are given as
 * those of the daemon's first alliance, and asked of that one. NULL with a reason in ERROR if the
 * address makes no sense. */
struct client *client_new(const char *url, const char *state, const char *alliance,
                          const char *token, char *error, size_t error_size);
void client_free(struct client *c);
const struct client_place *client_place(const struct client *c);
/* Has the daemon ever answered? */
bool client_reached(const struct client *c);

/* One request; REPLY is overwritten, its memory used again. Bodies are JSON. */
void client_get(struct client *c, const char *path, struct reply *reply);
void client_post(struct client *c, const char *path, const char *body, size_t len,
                 struct reply *reply);
/* A good answer's body goes to OUT as it comes; any other into REPLY. */
void client_stream(struct client *c, const char *path, FILE *out, struct reply *reply);
/* A GET whose answer is JSON. Gives the tree (caller cJSON_Delete's); or NULL, the reason said,
 * and the exit code in *code. */
cJSON *client_json(struct client *c, const char *path, int *code);
void reply_free(struct reply *reply);

/* A field of an answer: "" and 0 where it isn't there or is something else. */
const char *field_text(const cJSON *object, const char *key);
int64_t field_number(const cJSON *object, const char *key);

/* VALUE as part of a URL's query. Caller frees. */
char *client_escape(const char *value);

/* Says on stderr why REPLY isn't what was wanted, each fault on its line; returns the exit code.
 * WHERE names the event with that index for the reader ("line 17"), or is NULL. */
int client_complain(const struct client *c, const struct reply *reply,
                    const char *(*where)(void *ctx, int index), void *ctx);
/* The same where the command line's own values went along: 422 is bad usage. */
int client_complain_asked(const struct client *c, const struct reply *reply);

#endif

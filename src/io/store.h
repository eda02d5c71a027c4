/* store: the alliance's keys in a Redis: the scripts that count and read, the load of all
 * counters, and the stream of changes that every daemon follows. Two connections: one for calls,
 * one that waits for changes. Whatever goes wrong with either, the store is "down" with a reason
 * until all of it works again. */
#ifndef TALLYD_STORE_H
#define TALLYD_STORE_H

#include "link.h"
#include "mark.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STORE_HASH   16 /* bytes of an event's content hash */
#define STORE_SECRET 32

struct store;

/* Borrowed for the call. Strings with a length have no NUL behind them. */
struct store_text {
    const char *text;
    size_t len;
};

struct store_loaded {
    const char *epoch, *newest; /* newest: id of the newest event, "-": none */
    uint64_t rev;
    size_t feed_count, cell_count;
    const struct redisReply *reply; /* for store_feed_at, store_cell_at */
};
/* "REV JSON" of the I-th entry of the feed, oldest first. */
struct store_text store_feed_at(const struct store_loaded *l, size_t i);
void store_cell_at(const struct store_loaded *l, size_t i, struct store_text *field,
                   struct store_text *value);

struct store_change {
    uint64_t prev, rev;
    struct store_text cells; /* lines "FIELD\tVALUE" */
    struct store_text feed;  /* lines "REV JSON", oldest first */
};

struct store_handler {
    void *ctx;
    /* Down with a reason, or up: loaded and following. */
    void (*state)(void *ctx, bool up, const char *reason);
    void (*loaded)(void *ctx, const struct store_loaded *l);
    /* The next change. Return false if it doesn't follow what was shown: the store loads anew. */
    bool (*changed)(void *ctx, const struct store_change *change);
    /* Proof that what was given here is, or will be once this call's load is, all that the store
     * held at the instant AT. It comes anew at each heartbeat, never by being asked for. */
    void (*complete)(void *ctx, int64_t at);
    /* What was shown last, for the store to tell whether its history goes on from there. */
    void (*shown)(void *ctx, uint64_t *rev, const char **newest, const char **epoch);
    /* Incarnations of journals that have ended here, and their last numbers: what of them the
     * store lacks may have been shown. */
    size_t (*journalled)(void *ctx, struct mark out[MARKS_MAX]);
    /* The tokens and sessions, whole, when they are read (at each heartbeat): name, JSON, name,
     * JSON …, and the same by the hash of a session. */
    void (*tokens)(void *ctx, const redisReply *tokens, const redisReply *sessions);
    /* The store's secret, once it is known. */
    void (*secret)(void *ctx, const unsigned char secret[STORE_SECRET]);
};

struct store_options {
    struct route *route; /* borrowed */
    const char *alliance;
    unsigned timeout_ms;
    struct store_handler handler;
};

struct store *store_open(uv_loop_t *loop, const struct store_options *options);
void store_close(struct store *s);
bool store_is_up(const struct store *s);
/* Why it is down; "" while it is up. */
const char *store_reason(const struct store *s);

/* --- counting ---- */

struct store_item {
    const char *id;
    const unsigned char *hash; /* STORE_HASH bytes */
    const char *effect, *json;
};

struct store_batch {
    const char *incarnation; /* "-": none */
    uint64_t first;          /* sequence number of the first item */
    const struct store_item *items;
    size_t count;
    bool reject;  /* conflicts go to the rejected stream */
    bool rebuild; /* events of the stream, counted again beside the live counters */
};

/* STORE_AGAIN: nothing was done, send it again; STORE_FAILED: unknown whether it was counted. */
enum store_verdict { STORE_OK, STORE_GAP, STORE_AGAIN, STORE_FAILED };

struct store_applied {
    enum store_verdict verdict;
    uint64_t rev, done;  /* done: last sequence applied (also with STORE_GAP) */
    const char *letters; /* one an item, as apply.lua has them; borrowed for the call */
};
typedef void (*store_on_applied)(void *ctx, const struct store_applied *a);

/* 0, or -1 (no callback) while the store is down. ITEMS are copied. */
int store_apply(struct store *s, const struct store_batch *batch, store_on_applied on_done,
                void *ctx);

/* --- asking ---- */

/* REPLY NULL: the store went down meanwhile, or refused. The callback itself may be NULL. */
typedef link_reply store_on_reply;

/* page.lua and query.lua with their arguments (strings closed by NULL); -1 while down. Clients
 * wait: whatever the link's patience, REPLY is NULL before 4.5 s are over. */
int store_page(struct store *s, store_on_reply on_reply, void *ctx, ...) __attribute__((sentinel));
int store_query(struct store *s, store_on_reply on_reply, void *ctx, ...) __attribute__((sentinel));
/* query.lua for who has time. */
int store_walk(struct store *s, store_on_reply on_reply, void *ctx, ...) __attribute__((sentinel));
/* swap.lua: puts rebuilt counters in the live ones' place. */
int store_swap(struct store *s, store_on_reply on_reply, void *ctx);
/* load.lua's answer once more, for comparing. */
int store_cells(struct store *s, store_on_reply on_reply, void *ctx);
/* access.lua, for clients: tokens, codes and sessions, problems that wait. */
int store_access(struct store *s, store_on_reply on_reply, void *ctx, ...)
    __attribute__((sentinel));
/* A plain command on one of the alliance's keys: COMMAND prefix:SUFFIX args… */
int store_command(struct store *s, store_on_reply on_reply, void *ctx, const char *command,
                  const char *suffix, ...) __attribute__((sentinel));
/* A command that is about no key of the alliance: INFO, CONFIG GET, WAIT; words closed by NULL. */
int store_say(struct store *s, store_on_reply on_reply, void *ctx, ...) __attribute__((sentinel));
/* HMGET prefix:SUFFIX of COUNT fields. */
int store_hash_get(struct store *s, store_on_reply on_reply, void *ctx, const char *suffix,
                   const char *const *fields, size_t count);
/* Replaces the store's secret: for a restore, before any event. */
void store_set_secret(struct store *s, const unsigned char secret[STORE_SECRET]);
/* Reads tokens and sessions now instead of at the next heartbeat. */
void store_read_tokens(struct store *s);

#endif

/* What the files of the store share: store.c (connections, state), store_follow.c (load, changes),
 * store_calls.c (scripts, counting, asking). Private to these three: store.h is what others use. */
#ifndef TALLYD_STORE_PRIVATE_H
#define TALLYD_STORE_PRIVATE_H

#include "store.h"

#include <sys/queue.h>

#define KEY_SIZE 160

enum script {
    SCRIPT_APPLY,
    SCRIPT_LOAD,
    SCRIPT_PAGE,
    SCRIPT_QUERY,
    SCRIPT_SWAP,
    SCRIPT_ACCESS,
    SCRIPTS
};

enum key {
    KEY_META,
    KEY_IDS,
    KEY_EVENTS,
    KEY_CELLS,
    KEY_VOIDS,
    KEY_TIMELINE,
    KEY_PROBLEMS,
    KEY_AGENDA,
    KEY_REACHED,
    KEY_CHANGES,
    KEY_APPLIED,
    KEY_REJECTED,
    KEY_UNIQUE,
    KEY_TOKENS,
    KEY_CODES,
    KEY_SESSIONS,
    KEY_PENDING,
    KEY_SECRET,
    KEY_NEW_META, /* counters that are being rebuilt beside the live ones */
    KEY_NEW_CELLS,
    KEY_NEW_VOIDS,
    KEY_NEW_TIMELINE,
    KEY_NEW_PROBLEMS,
    KEY_NEW_AGENDA,
    KEY_NEW_REACHED,
    KEY_NEW_CHANGES,
    KEY_NEW_APPLIED,
    KEYS
};

/* An instant by the wall clock, and its place in order, which no setting of that clock changes. */
struct moment {
    uint64_t order;
    int64_t at;
};

struct store {
    uv_loop_t *loop;
    struct store_handler handler;
    struct link *call, *follow;
    char keys[KEYS][KEY_SIZE], prefix[KEY_SIZE];
    char sha[SCRIPTS][41];
    uv_timer_t heartbeat;
    bool prepared; /* scripts are there, policy is right */
    bool loading, loaded, following, up, closed;
    uint64_t rev; /* last change given to the handler */
    bool asking;  /* a heartbeat's question is under way: since then, with that rev */
    struct moment asked_at;
    uint64_t asked;
    int behind;     /* heartbeats that found the follower behind the store */
    uint64_t known; /* the store's rev as the last heartbeat told it */
    uint64_t ahead; /* what the store held then and the follower has yet to bring; 0: nothing */
    struct moment ahead_at, load_at;
    struct moment proven; /* the last given to the handler as complete */
    char reason[240];
    TAILQ_HEAD(questions, question) impatient; /* by when their askers have waited long enough */
};

/* A command being put together. */
struct args {
    const char **text;
    size_t *len;
    size_t count, cap;
};

void args_add(struct args *a, const char *text, size_t len);
void args_adds(struct args *a, const char *text);
/* EVALSHA, the script's SHA and its keys. */
void args_script(struct store *s, struct args *a, enum script script);
/* Sends and frees them. */
int args_send(struct store *s, struct args *a, link_reply on_reply, void *ctx);

/* Works out whether the store is up and tells if that has changed; REASON or NULL. */
void store_tell(struct store *s, const char *reason);
/* The store answers, but not as it must: the connection begins anew, ever more slowly. */
void store_fail(struct store *s, const char *reason);
/* No answer, or an error, which makes the store fail. */
bool store_is_error(struct store *s, const redisReply *reply);
/* A SCRIPT FLUSH, or a server that started anew, has forgotten them; then nothing was done. */
bool store_is_noscript(const redisReply *reply);
void store_send_scripts(struct store *s, link_reply on_reply);

/* Tells those who have waited long enough that there is no answer. */
void store_give_up(struct store *s);

void store_read_secret(struct store *s);
void store_load(struct store *s);
void store_follow_on(struct store *s);

struct moment store_moment(void);
/* What is shown is all that the store held then. */
void store_complete(struct store *s, struct moment then);
/* The store held REV then: shown already, or complete once the follower has brought it. */
void store_held(struct store *s, uint64_t rev, struct moment then);

#endif

/* live: WebSocket sessions. A session looks at one channel (an ordered list of views); all
 * sessions of a channel are sent the same ready-made frames. A screen that can take no frame now
 * is not queued for: when it can, it gets the channel's newest snapshot. */
#ifndef TALLYD_LIVE_H
#define TALLYD_LIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LIVE_NAME 65 /* bytes of a name, with its NUL */

struct live;
struct session;

/* A ready-made message, shared and counted. The text stands behind LWS_PRE bytes of room, whose
 * last HEAD bytes are the frame's header. */
struct frame {
    int refs;
    unsigned head;
    size_t len;
    unsigned char room[]; /* LWS_PRE bytes, then len bytes of UTF-8 */
};
struct frame *frame_new(const char *text, size_t len); /* copies; refs 1 */
void frame_unref(struct frame *f);

/* A channel belongs to the floors above; live only keeps the pointer for a session. */
struct channel;

/* Who asks for a session. HOST, ORIGIN and COOKIE as sent (NULL: none), TOKEN the bearer token or
 * NULL, PEER the address. NAME is for the answer: by whose leave, so that it can be taken back;
 * "": nobody's in particular. */
struct visitor {
    const char *host, *origin, *token, *cookie, *peer;
    bool owner; /* came by the state folder's socket */
    char name[LIVE_NAME];
};

struct live_handler {
    void *ctx;
    /* May this handshake (to /ws) go on? Returns 0 or an HTTP status to refuse with. */
    int (*admit)(void *ctx, struct visitor *v);
    /* The channel a new session starts on; holds a reference for it. */
    struct channel *(*join)(void *ctx);
    /* A whole text message came. Gives the new channel to switch to (a reference for this
     * session; the old one's is dropped by live through leave), or NULL with a malloc'ed error
     * message to send. */
    struct channel *(*message)(void *ctx, const char *text, size_t len, char **error);
    void (*leave)(void *ctx, struct channel *c); /* drops a session's reference */
    /* The channel's newest snapshot: a borrowed frame and the revision it holds; NULL while there
     * is none yet (nothing loaded): the session is sent it by live_publish later. */
    struct frame *(*snapshot)(void *ctx, struct channel *c, uint64_t *rev);
};

/* To every session of C: those that have PREV are sent DELTA (NULL: there is none, snapshot for
 * all), those that lag or have nothing get the snapshot as soon as they can take it. Written at
 * once where the socket isn't choked, else when writable. REV is what they then have. */
void live_publish(struct live *l, struct channel *c, struct frame *delta, uint64_t prev,
                  uint64_t rev);
/* To every session, behind what it is sent now; a session that can't take it is skipped until it
 * can, and then sent the newest status only. */
void live_status(struct live *l, struct frame *status);
/* Ends the sessions by the leave of those who may no longer. */
void live_check(struct live *l, bool (*may)(void *ctx, const char *name), void *ctx);
size_t live_count(const struct live *l);

#endif

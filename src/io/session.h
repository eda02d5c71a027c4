/* session: one screen's WebSocket, as live drives it. Private to this floor. It never holds more
 * than one frame on its way out and one message on its way in: what comes in between is made up
 * for by the channel's newest snapshot. */
#ifndef TALLYD_SESSION_H
#define TALLYD_SESSION_H

#include "buf.h"
#include "conn.h"
#include "live.h"

#include <uthash.h>

#define SESSION_MESSAGE_MAX 16384   /* bytes; a longer message is a bad one, */
#define SESSION_FLOOD_MAX   1048576 /* and beyond this it is the end */
#define SESSION_PATIENCE    60      /* s that a screen may take nothing */
#define SESSION_ASK         30      /* s from one ping to the next */
#define SESSION_ANSWER      10      /* s by which something must have come since */

enum {
    CLOSE_POLICY = 1008,
    CLOSE_TOO_LARGE = 1009,
    CLOSE_RESTART = 1012,
};

/* The sessions of one channel, in no order. */
struct room {
    struct channel *channel;
    struct session **sessions;
    size_t count, cap;
    UT_hash_handle hh;
};

struct live {
    struct live *next; /* of the server's */
    struct live_handler handler;
    struct room *rooms; /* by channel */
    size_t count;
    struct frame *status; /* the newest, or NULL */
    uint32_t status_turn; /* counts them */
    uint32_t clock;       /* s, counted by live_sweep; never 0 */
    uint8_t turn;         /* the next session's */
};

struct session {
    /* What each push looks at, side by side. */
    struct live *live;
    struct conn *conn;
    struct frame *sending;         /* on its way, its first SENT bytes gone */
    struct frame *words;           /* an error to tell first, or NULL */
    uint64_t rev;                  /* what it was sent last, if INFORMED */
    uint32_t status_turn, stalled; /* STALLED: since when it takes nothing; 0: it does */
    bool informed, lagging, unfit, closing;

    uint8_t strikes;
    uint8_t turn;      /* in which second of SESSION_ASK it is asked: not all at once */
    uint16_t farewell; /* close with this code as soon as it can be told */
    struct room *room;
    size_t place; /* in the room */
    size_t sent;
    struct buf message; /* what has come of a message */
    uint32_t asked;     /* since when it owes an answer to a ping; 0: it doesn't */
    uint32_t received;  /* bytes of the message so far */
};

struct live *live_new(const struct live_handler *handler);
/* Says goodbye, with this code, to at most so many of those who haven't heard it yet; gives how
 * many more might have been. */
size_t live_dismiss(struct live *l, uint16_t code, size_t most);
/* Once a second: asks who is due, and ends those that have taken or said nothing for too long. */
void live_sweep(struct live *l);
void live_free(struct live *l);
/* Puts the session into the channel's room, out of the one it was in; takes the reference. */
void live_move(struct session *s, struct channel *c);
void live_leave(struct session *s);

struct frame *frame_ref(struct frame *f);

/* What the library tells. Each returns 0, or -1 to have the connection closed. */
int session_open(struct live *l, struct conn *c);
int session_receive(struct session *s, const char *bytes, size_t n);
int session_writable(struct session *s);
void session_close(struct session *s);

/* Reads what offering it something will read. Many in a row are fetched from memory side by side;
 * between two sends each would be waited for. */
void session_look(const struct session *s);
/* A delta from PREV to REV is there (or NULL: only snapshots lead there). */
void session_offer(struct session *s, struct frame *delta, uint64_t prev, uint64_t rev);
/* Something came from it: it is there. */
void session_heard(struct session *s);
/* Pings it, unless it is busy taking something. */
void session_ask(struct session *s);
/* Sends what it lacks as far as it can take it. */
void session_flush(struct session *s);

#endif

/* link: one connection to a Redis: connect, sign in, commands with a deadline, and another try
 * when it breaks, ever more slowly. hiredis does the talking; its libuv adapter is ours, because
 * the one it ships doesn't notice a refused or reset connection. */
#ifndef TALLYD_LINK_H
#define TALLYD_LINK_H

#include "address.h"
#include <hiredis/hiredis.h>
#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

struct link;
struct route;

struct link_handler {
    void *ctx;
    void (*up)(void *ctx);                       /* signed in, answers PING */
    void (*down)(void *ctx, const char *reason); /* was up, or couldn't be reached */
};

/* Starts connecting to ADDRESS (borrowed). */
struct link *link_open(uv_loop_t *loop, const struct address *address, const char *name,
                       unsigned timeout_ms, struct link_handler handler);
/* The same to wherever the route (borrowed) says that the store is. */
struct link *link_open_on(uv_loop_t *loop, struct route *route, const char *name,
                          unsigned timeout_ms, struct link_handler handler);
/* Closes; callbacks of pending commands are called with NULL; up and down are called no more.
 * Frees itself when the loop has closed its handles. */
void link_close(struct link *l);

/* REPLY is borrowed for the call; NULL: the connection broke, whether the command was carried
 * out is unknown. Called exactly once, never inside link_send. */
typedef void (*link_reply)(void *ctx, const redisReply *reply);

/* Sends a command; 0, or -1 (and no callback) while the link isn't up. No answer within
 * TIMEOUT_MS (0: the link's own) breaks the connection. */
int link_send(struct link *l, link_reply on_reply, void *ctx, unsigned timeout_ms, int argc,
              const char **argv, const size_t *argvlen);
/* The same from a format of blanks and %s, %b as hiredis has it. */
int link_sendf(struct link *l, link_reply on_reply, void *ctx, const char *format, ...);

bool link_is_up(const struct link *l);
/* An answer is long in coming, though not so long yet that the connection is given up. */
bool link_is_late(const struct link *l);
/* What it is used for works: the next break is answered at once again, not slowly. */
void link_good(struct link *l);
/* Breaks the connection, to begin anew. */
void link_reset(struct link *l, const char *reason);
/* From the route: it leads elsewhere now. The link breaks off and begins there, AT_ONCE or at the
 * pace of any other retry. */
void link_moved(struct link *l, const char *reason, bool at_once);

#endif

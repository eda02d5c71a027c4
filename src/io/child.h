/* child: the private Redis: a redis-server of our own on a unix socket in the state folder, with
 * an append-only file that is fsynced before each answer. It is our direct child, is started
 * again if it ends, and dies with us however we die. */
#ifndef TALLYD_CHILD_H
#define TALLYD_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

struct child;

/* Makes FOLDER (0700) if need be and starts PROGRAM there. NULL with a reason in ERROR if the
 * folder can't be made or the socket's path is too long for the system. */
struct child *child_open(uv_loop_t *loop, const char *program, const char *folder, char *error,
                         size_t error_size);
/* The path of its unix socket. */
const char *child_socket(const struct child *c);
/* 0 while it isn't running. */
int child_pid(const struct child *c);
/* Ends it (TERM, KILL after 8 s) and calls ON_CLOSED once from the loop; then frees itself. */
void child_close(struct child *c, void (*on_closed)(void *ctx), void *ctx);

#endif

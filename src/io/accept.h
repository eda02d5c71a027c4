/* accept: the listening sockets. They are ours, not the library's, so that a cap on connections
 * and want of file descriptors make it wait in peace instead of spinning, and so that the owner's
 * unix socket is known by where it came in and by nothing that a client says. */
#ifndef TALLYD_ACCEPT_H
#define TALLYD_ACCEPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <uv.h>

struct listener {
    uv_poll_t poll;
    struct acceptor *acceptor;
    int fd; /* -1: not open */
    bool owner, on;
};

struct acceptor {
    uv_loop_t *loop;
    struct listener tcp, owner;
    int spare; /* given up to turn a client away when descriptors run out */
    bool full;
    uint64_t quiet_until; /* ms: the same complaint isn't logged before */
    char address[80];     /* where TCP really listens */
    char *path;           /* of the owner's socket */
    /* Takes the socket. Set before acceptor_open. */
    void (*take)(void *ctx, int fd, const struct sockaddr *from, bool owner);
    void *ctx;
    void (*on_closed)(void *ctx); /* all handles are gone */
    int handles;
};

/* Lets the process have so many files open, or nearly, if the system lets us. Gives how many. */
long acceptor_files(long want);
/* Binds. ADDRESS "127.0.0.1:8080", "[::1]:0", which counts unless there is a socket that listens
 * already, GIVEN (else -1); SOCKET a path or NULL. Returns 0, or -1 with the reason; then nothing
 * is left open. */
int acceptor_open(struct acceptor *a, const char *address, int given, const char *socket,
                  char *error, size_t error_size);
void acceptor_start(struct acceptor *a, uv_loop_t *loop);
/* No more by TCP, until there is room again; the owner always comes in. */
void acceptor_full(struct acceptor *a, bool full);
/* Logs the event, unless another was within the last 10 s. */
void acceptor_complain(struct acceptor *a, const char *event);
/* Once a second: tries again what had to wait. */
void acceptor_tick(struct acceptor *a);
/* Calls ON_CLOSED from the loop if it was started. */
void acceptor_close(struct acceptor *a, void (*on_closed)(void *ctx));

#endif

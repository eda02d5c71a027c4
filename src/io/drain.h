/* drain: sockets whose answer has gone out before their request had come in. Closed at once, the
 * kernel would reset them and the client might never see the answer; so they are read to their
 * end for a while, and what they send is thrown away. */
#ifndef TALLYD_DRAIN_H
#define TALLYD_DRAIN_H

#include <stddef.h>
#include <stdint.h>
#include <uv.h>

struct drain {
    uv_loop_t *loop;
    struct drained *first;
    size_t count;
};

/* Takes a second hold of the socket (the first stays the caller's, to close as ever) and ends its
 * sending side. Does nothing if too many linger already. */
void drain_add(struct drain *l, int fd);
/* Ends those that have lingered long enough. NOW in ms, as uv_now. */
void drain_sweep(struct drain *l, uint64_t now);
void drain_stop(struct drain *l);

#endif

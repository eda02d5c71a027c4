/* drain: sockets that are over for us and not yet for the other side. Of one whose answer went out
 * before its request had come in, the rest is read and thrown away: closed at once, the kernel
 * would reset it, and the client might never see the answer. One that hasn't taken all of its
 * answer may do so for as long as a slow but honest client needs; then it is reset, since what
 * nobody takes would lie in the kernel for minutes. */
#ifndef TALLYD_DRAIN_H
#define TALLYD_DRAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

struct drain {
    uv_loop_t *loop;
    struct drained *first;
    size_t count, max; /* at a time; beyond it sockets are left to the kernel */
    bool stopped;
};

/* Each takes a second hold of the socket; the first stays the caller's, to close as ever.
 * drain_add: more may come, and is thrown away; the sending side ends at once.
 * drain_linger: only if the other side hasn't taken all yet. */
void drain_add(struct drain *l, int fd);
void drain_linger(struct drain *l, int fd);
/* Once a second: ends those that are done or have had their time. NOW in ms, as uv_now. */
void drain_sweep(struct drain *l, uint64_t now);
void drain_stop(struct drain *l);

#endif

#include "drain.h"

#include "buf.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define DRAIN_MS    10000     /* at least, from the answer on */
#define DRAIN_BYTES (1 << 18) /* at one turn of the loop */
#define SLOWEST     8192      /* bytes that a client must take in a second */

struct drained {
    uv_poll_t poll; /* first, so that it is freed with it */
    struct drain *drain;
    struct drained *prev, *next;
    uint64_t until;
    int fd;
    bool heard; /* nothing more is awaited from it */
};

/* Bytes that the other side hasn't taken. */
static int untaken(int fd)
{
    int n = 0;
    return ioctl(fd, SIOCOUTQ, &n) == 0 ? n : 0;
}

static void on_gone(uv_handle_t *handle)
{
    free(handle);
}

static void end(struct drained *l)
{
    struct linger none = {.l_onoff = 1};
    *(l->prev ? &l->prev->next : &l->drain->first) = l->next;
    if (l->next)
        l->next->prev = l->prev;
    l->drain->count--;
    uv_close((uv_handle_t *)&l->poll, on_gone);
    if (untaken(l->fd) > 0)
        setsockopt(l->fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    close(l->fd);
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    (void)events;
    static char waste[16384];
    struct drained *l = poll->data;
    ssize_t n = status < 0 ? -1 : 1;
    for (size_t all = 0; n > 0 && all < DRAIN_BYTES; all += (size_t)n)
        n = recv(l->fd, waste, sizeof waste, MSG_DONTWAIT);
    if (n > 0 || (n < 0 && status == 0 && (errno == EAGAIN || errno == EINTR)))
        return;
    uv_poll_stop(poll);
    l->heard = true;
    if (n < 0 || untaken(l->fd) == 0)
        end(l);
}

static void add(struct drain *l, int fd, bool heard)
{
    int mine = l->count < l->max && !l->stopped ? fcntl(fd, F_DUPFD_CLOEXEC, 0) : -1;
    if (mine < 0)
        return;
    if (!heard)
        shutdown(mine, SHUT_WR);
    struct drained *new = mem_alloc(sizeof *new);
    if (uv_poll_init(l->loop, &new->poll, mine) != 0) {
        close(mine);
        free(new);
        return;
    }
    new->poll.data = new;
    new->drain = l;
    new->fd = mine;
    new->heard = heard;
    new->until = uv_now(l->loop) + DRAIN_MS + (uint64_t)untaken(mine) * 1000 / SLOWEST;
    new->next = l->first;
    if (new->next)
        new->next->prev = new;
    l->first = new;
    l->count++;
    uv_poll_start(&new->poll, UV_READABLE, on_readable);
}

void drain_add(struct drain *l, int fd)
{
    add(l, fd, false);
}

void drain_linger(struct drain *l, int fd)
{
    if (untaken(fd) > 0)
        add(l, fd, true);
}

void drain_sweep(struct drain *l, uint64_t now)
{
    for (struct drained *at = l->first, *next; at; at = next) {
        next = at->next;
        if (now >= at->until || (at->heard && untaken(at->fd) == 0))
            end(at);
    }
}

void drain_stop(struct drain *l)
{
    l->stopped = true;
    while (l->first)
        end(l->first);
}

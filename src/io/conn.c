#include "conn.h"

#include "buf.h"
#include "stats.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#define uthash_fatal(msg) abort()
#include <uthash.h>
#include <uv.h>

struct crowd {
    struct address16 address;
    long count;
    UT_hash_handle hh;
};

static struct crowd *find(const struct conns *all, const struct address16 *address)
{
    struct crowd *crowd;
    HASH_FIND(hh, all->crowds, address, sizeof *address, crowd);
    return crowd;
}

static void join(struct conns *all, const struct address16 *address)
{
    struct crowd *crowd = find(all, address);
    if (!crowd) {
        crowd = mem_alloc(sizeof *crowd);
        crowd->address = *address;
        HASH_ADD(hh, all->crowds, address, sizeof crowd->address, crowd);
    }
    crowd->count++;
}

static void leave(struct conns *all, const struct address16 *address)
{
    struct crowd *crowd = find(all, address);
    if (--crowd->count > 0)
        return;
    HASH_DEL(all->crowds, crowd);
    free(crowd);
}

uint64_t conn_now(void)
{
    return uv_hrtime() / 1000000;
}

struct conn *conn_new(struct conns *all, const struct sockaddr *from, uint64_t deadline)
{
    struct conn *c = mem_alloc(sizeof *c);
    c->conns = all;
    c->deadline = deadline;
    c->owner = !from;
    if (from) {
        address16_of(from, &c->address);
        join(all, &c->address);
    }
    c->next = all->first;
    if (c->next)
        c->next->prev = c;
    all->first = c;
    all->count++;
    stats_add(STAT_CONNECTIONS, 1);
    return c;
}

void conn_free(struct conn *c)
{
    *(c->prev ? &c->prev->next : &c->conns->first) = c->next;
    if (c->next)
        c->next->prev = c->prev;
    c->conns->count--;
    stats_add(STAT_CONNECTIONS, -1);
    if (!c->owner)
        leave(c->conns, &c->address);
    free(c);
}

/* That nothing lingers is so that an address can't keep the kernel's memory either. */
void conn_drop(struct conn *c)
{
    struct linger none = {.l_onoff = 1};
    int fd = c->carrier ? c->carrier->fd(c) : -1;
    c->deadline = 0;
    c->parted = true;
    if (fd < 0)
        return;
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    c->carrier->drop(c);
    stats_add(STAT_CONNECTIONS_DROPPED, 1);
}

long conns_of(const struct conns *all, const struct address16 *address)
{
    const struct crowd *crowd = find(all, address);
    return crowd ? crowd->count : 0;
}

void conns_sweep(struct conns *all, uint64_t now)
{
    for (struct conn *c = all->first; c; c = c->next)
        if (c->deadline && now >= c->deadline && c->idle)
            c->carrier->drop(c); /* no fault of its: it may take what it hasn't yet */
        else if (c->deadline && now >= c->deadline)
            conn_drop(c);
}

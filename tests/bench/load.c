#include "load.h"

#include "http.h"
#include "sys.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATIENCE_MS 60000

struct load;

struct lane {
    struct http http;
    size_t from, to; /* of the request's bytes: those not sent yet */
    int64_t began;
    bool blocked;
};

struct load {
    const struct requests *requests;
    struct samples *latency;
    size_t next, answered;
    int epoll;
};

static void await(struct load *l, struct lane *lane, bool room)
{
    struct epoll_event e = {.events = EPOLLIN | (room ? EPOLLOUT : 0), .data.ptr = lane};
    if (room != lane->blocked)
        epoll_ctl(l->epoll, EPOLL_CTL_MOD, lane->http.fd, &e);
    lane->blocked = room;
}

static void push(struct load *l, struct lane *lane)
{
    while (lane->from < lane->to) {
        ssize_t n = send(lane->http.fd, l->requests->text.data + lane->from, lane->to - lane->from,
                         MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN)
            sys_die("a request couldn't be sent: %s", strerror(errno));
        if (n < 0)
            break;
        lane->from += (size_t)n;
    }
    await(l, lane, lane->from < lane->to);
}

static void begin(struct load *l, struct lane *lane)
{
    if (l->next == l->requests->count)
        return;
    lane->from = l->requests->start[l->next++];
    lane->to = l->requests->start[l->next];
    lane->began = sys_now();
    push(l, lane);
}

static void take(struct load *l, struct lane *lane)
{
    int got = http_take(&lane->http);
    if (got < 0)
        sys_die("the server closed a connection in the middle");
    if (got == 0)
        return;
    if (lane->http.status != 200 && lane->http.status != 202)
        sys_die("a request was answered %d: %.300s", lane->http.status, lane->http.body);
    if (l->latency)
        samples_add(l->latency, (double)(sys_now() - lane->began) / MS);
    l->answered++;
    begin(l, lane);
}

static void turn(struct load *l)
{
    struct epoll_event events[64];
    int n = epoll_wait(l->epoll, events, 64, PATIENCE_MS);
    if (n == 0)
        sys_die("no request was answered for %d s", PATIENCE_MS / 1000);
    for (int i = 0; i < n; i++) {
        struct lane *lane = events[i].data.ptr;
        if (events[i].events & EPOLLOUT)
            push(l, lane);
        if (events[i].events & ~(uint32_t)EPOLLOUT)
            take(l, lane);
    }
}

void load_run(int port, const struct requests *r, size_t connections, struct samples *latency)
{
    struct load l = {.requests = r, .latency = latency, .epoll = epoll_create1(EPOLL_CLOEXEC)};
    struct lane *lanes = mem_alloc(connections * sizeof *lanes);
    for (size_t i = 0; i < connections; i++) {
        struct epoll_event e = {.events = EPOLLIN, .data.ptr = &lanes[i]};
        if (http_open(&lanes[i].http, port) != 0)
            sys_die("nobody listens on port %d", port);
        epoll_ctl(l.epoll, EPOLL_CTL_ADD, lanes[i].http.fd, &e);
        begin(&l, &lanes[i]);
    }
    while (l.answered < r->count)
        turn(&l);
    for (size_t i = 0; i < connections; i++)
        http_close(&lanes[i].http);
    free(lanes);
    close(l.epoll);
}

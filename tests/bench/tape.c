#include "tape.h"

#include "events.h"
#include "redis.h"
#include "sys.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define LINKS 32

/* One connection of the client, and ours to Redis for it. */
struct link {
    int client, redis;
    struct buf said;
};

struct tape_recorder {
    pthread_t thread;
    int listener, stop[2];
    const char *to;
    struct link links[LINKS];
    size_t count;
};

/* ---- recording --------------------------------------------------------------------------- */

static void add_link(struct tape_recorder *r)
{
    int client = accept(r->listener, NULL, NULL);
    if (client < 0)
        return;
    if (r->count == LINKS)
        sys_die("more than %d connections to the store", LINKS);
    struct link *l = &r->links[r->count++];
    l->client = client;
    l->redis = redis_connect(r->to);
}

static void end_link(struct link *l)
{
    close(l->client);
    close(l->redis);
    l->client = l->redis = -1;
}

static void pass(struct link *l, int from, int to)
{
    static char part[262144];
    ssize_t n = read(from, part, sizeof part);
    if (n > 0 && from == l->client)
        buf_add(&l->said, part, (size_t)n);
    for (ssize_t sent = 0, w; n > 0 && sent < n; sent += w)
        if ((w = send(to, part + sent, (size_t)(n - sent), MSG_NOSIGNAL)) < 0)
            n = -1;
    if (n <= 0)
        end_link(l);
}

static void *record(void *ctx)
{
    struct tape_recorder *r = ctx;
    for (;;) {
        struct pollfd p[2 + 2 * LINKS] = {{.fd = r->listener, .events = POLLIN},
                                          {.fd = r->stop[0], .events = POLLIN}};
        size_t n = r->count;
        for (size_t i = 0; i < n; i++) {
            p[2 + 2 * i] = (struct pollfd){.fd = r->links[i].client, .events = POLLIN};
            p[3 + 2 * i] = (struct pollfd){.fd = r->links[i].redis, .events = POLLIN};
        }
        poll(p, 2 + 2 * n, -1);
        for (size_t i = 0; i < n; i++) {
            struct link *l = &r->links[i];
            if (p[2 + 2 * i].revents && l->client >= 0)
                pass(l, l->client, l->redis);
            if (p[3 + 2 * i].revents && l->client >= 0)
                pass(l, l->redis, l->client);
        }
        if (p[0].revents)
            add_link(r);
        if (p[1].revents)
            return NULL;
    }
}

struct tape_recorder *tape_record(const char *path, const char *to)
{
    struct tape_recorder *r = mem_alloc(sizeof *r);
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof a.sun_path)
        sys_die("the folder's name is too long for a socket: %s", path);
    strcpy(a.sun_path, path);
    unlink(path);
    r->to = to;
    r->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (pipe(r->stop) != 0 || bind(r->listener, (struct sockaddr *)&a, sizeof a) != 0 ||
        listen(r->listener, LINKS) != 0 || pthread_create(&r->thread, NULL, record, r) != 0)
        sys_die("can't stand between tallyd and its store: %s", strerror(errno));
    return r;
}

/* ---- the tape ---------------------------------------------------------------------------- */

static bool counts_events(const char *command, size_t n)
{
    return memmem(command, n < 64 ? n : 64, "EVALSHA", 7) &&
           memmem(command, n, "\n" EVENTS_ID_PREFIX, sizeof EVENTS_ID_PREFIX);
}

static void cut(struct tape *t)
{
    size_t cap = 0;
    for (size_t at = 0, n; at < t->text.len; at += n) {
        n = redis_item(t->text.data + at, t->text.len - at);
        if (!n)
            sys_die("a command to the store was cut short");
        if (t->count + 1 >= cap) {
            cap = cap ? cap * 2 : 1024;
            t->start = mem_resize(t->start, cap * sizeof *t->start);
        }
        if (counts_events(t->text.data + at, n) && !t->calls++)
            t->first = t->count;
        t->start[t->count++] = at;
        t->start[t->count] = at + n;
    }
}

/* The tape is that of the connection which said most: the one that counts. */
void tape_stop(struct tape_recorder *r, struct tape *tape)
{
    size_t most = 0;
    if (write(r->stop[1], "", 1) != 1)
        sys_die("can't stop the recorder");
    pthread_join(r->thread, NULL);
    for (size_t i = 1; i < r->count; i++)
        if (r->links[i].said.len > r->links[most].said.len)
            most = i;
    *tape = (struct tape){.text = r->links[most].said};
    r->links[most].said = (struct buf){0};
    for (size_t i = 0; i < r->count; i++) {
        if (r->links[i].client >= 0)
            end_link(&r->links[i]);
        buf_free(&r->links[i].said);
    }
    close(r->listener);
    close(r->stop[0]);
    close(r->stop[1]);
    free(r);
    cut(tape);
    if (!tape->calls)
        sys_die("tallyd's store was asked to count nothing");
}

void tape_free(struct tape *tape)
{
    buf_free(&tape->text);
    free(tape->start);
    *tape = (struct tape){0};
}

/* ---- playing ----------------------------------------------------------------------------- */

struct player {
    const struct tape *tape;
    int fd;
    size_t sent, answered; /* commands */
    struct buf in;
};

static void say_next(struct player *p)
{
    const struct tape *t = p->tape;
    for (size_t at = t->start[p->sent], end = t->start[p->sent + 1]; at < end;) {
        ssize_t n = send(p->fd, t->text.data + at, end - at, MSG_NOSIGNAL);
        if (n < 0)
            sys_die("Redis takes no more: %s", strerror(errno));
        at += (size_t)n;
    }
    p->sent++;
}

static void take_answers(struct player *p)
{
    static char part[262144];
    ssize_t got = read(p->fd, part, sizeof part);
    size_t at = 0, n;
    if (got <= 0)
        sys_die("Redis closed the connection");
    buf_add(&p->in, part, (size_t)got);
    while ((n = redis_item(p->in.data + at, p->in.len - at)) > 0) {
        if (p->in.data[at] == '-' && p->answered >= p->tape->first)
            sys_die("Redis refused a call: %.200s", p->in.data + at);
        at += n;
        p->answered++;
    }
    memmove(p->in.data, p->in.data + at, p->in.len - at + 1);
    p->in.len -= at;
}

static void play(struct player *p, size_t upto, size_t window)
{
    while (p->answered < upto)
        if (p->sent < upto && p->sent - p->answered < window)
            say_next(p);
        else
            take_answers(p);
}

double tape_play(const struct tape *tape, const char *path, size_t window)
{
    struct player p = {.tape = tape, .fd = redis_connect(path)};
    if (p.fd < 0)
        sys_die("Redis doesn't listen at %s", path);
    play(&p, tape->first, 1);
    int64_t began = sys_now();
    play(&p, tape->count, window);
    double seconds = (double)(sys_now() - began) / S;
    close(p.fd);
    buf_free(&p.in);
    return seconds;
}

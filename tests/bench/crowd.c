#include "crowd.h"

#include "sys.h"
#include "ws.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define AT_ONCE   256 /* handshakes */
#define PATIENCE  (30 * S)
#define LOOK_INTO 256  /* bytes of a message that can bear its revision */
#define SIP       400  /* bytes that a slow screen takes a second, */
#define SIP_ROOM  2048 /* in a window and in segments that are small */
#define SIP_MSS   536

enum stage { SHAKING, WAITING, READY };

struct screen {
    struct crowd_source source;
    struct crowd *crowd;
    int fd;
    enum stage stage;
    bool slow;
    uint64_t seen;   /* revision */
    struct buf rest; /* of a frame that has come in part */
};

struct crowd {
    int epoll;
    const struct crowd_door *door;
    struct screen *screens;
    size_t fast, slow, ready;
    struct crowd_change *changes;
    size_t change_count;
    uint64_t base;
    struct crowd_traffic traffic;
    int64_t sipped; /* when slow screens last read */
    char room[262144];
};

/* ---- what a message tells ---------------------------------------------------------------- */

static uint64_t revision_of(const char *text, size_t n)
{
    static const char key[] = "\"rev\":";
    const char *found = memmem(text, n < LOOK_INTO ? n : LOOK_INTO, key, sizeof key - 1);
    const char *end = text + n;
    uint64_t rev = 0;
    for (found = found ? found + sizeof key - 1 : end; found < end; found++) {
        unsigned digit = (unsigned)(*found - '0');
        if (digit > 9)
            break;
        rev = rev * 10 + digit;
    }
    return rev;
}

static void count(struct crowd *c, struct crowd_change *x, int64_t now)
{
    x->seen++;
    if (x->seen == 1)
        x->first = now;
    if (x->seen == (c->fast + 1) / 2)
        x->median = now;
    if (x->seen == c->fast)
        x->last = now;
}

static void note(struct crowd *c, struct screen *s, uint64_t rev, size_t n, int64_t now)
{
    c->traffic.frames++;
    c->traffic.bytes += n;
    uint64_t upto = c->base + c->change_count;
    uint64_t from = s->seen > c->base ? s->seen : c->base;
    for (uint64_t r = from + 1; !s->slow && r <= rev && r <= upto; r++)
        count(c, &c->changes[r - c->base - 1], now);
    if (rev > s->seen)
        s->seen = rev;
}

static void get_ready(struct crowd *c, struct screen *s)
{
    s->stage = READY;
    c->ready++;
}

static void answer_ping(struct screen *s, const struct ws_frame *f)
{
    struct buf pong = {0};
    ws_frame_write(&pong, WS_PONG, f->payload, f->len);
    send(s->fd, pong.data, pong.len, MSG_NOSIGNAL);
    buf_free(&pong);
}

static void take_frame(struct crowd *c, struct screen *s, const struct ws_frame *f, int64_t now)
{
    if (f->kind == WS_PING)
        answer_ping(s, f);
    if (f->kind == WS_CLOSE)
        sys_die("a screen was sent away");
    if (f->kind != WS_TEXT && f->kind != WS_BINARY)
        return;
    if (s->stage == WAITING && c->door->admits(f->payload, f->len))
        get_ready(c, s);
    uint64_t rev = revision_of(f->payload, f->len);
    if (rev)
        note(c, s, rev, f->len, now);
}

/* ---- reading ----------------------------------------------------------------------------- */

static void greet(struct crowd *c, struct screen *s)
{
    struct buf out = {0};
    if (c->door->greet) {
        c->door->greet(&out, (size_t)(s - c->screens));
        send(s->fd, out.data, out.len, MSG_NOSIGNAL);
        buf_free(&out);
    }
    s->stage = WAITING;
    if (!c->door->admits)
        get_ready(c, s);
}

/* Gives the bytes behind the handshake's answer, or 0 while that isn't whole. */
static size_t take_handshake(struct crowd *c, struct screen *s, const char *bytes, size_t n)
{
    const char *end = memmem(bytes, n, "\r\n\r\n", 4);
    if (!end)
        return 0;
    if (n < 12 || memcmp(bytes + 9, "101", 3) != 0)
        sys_die("a screen was refused: %.60s", bytes);
    greet(c, s);
    return (size_t)(end - bytes) + 4;
}

static size_t take_one(struct crowd *c, struct screen *s, const char *bytes, size_t n, int64_t now)
{
    struct ws_frame f;
    if (s->stage == SHAKING)
        return take_handshake(c, s, bytes, n);
    size_t used = ws_frame_read(&f, bytes, n);
    if (used)
        take_frame(c, s, &f, now);
    return used;
}

static void take_all(struct crowd *c, struct screen *s, const char *bytes, size_t n)
{
    int64_t now = sys_now();
    struct buf whole = s->rest;
    s->rest = (struct buf){0};
    if (whole.len) {
        buf_add(&whole, bytes, n);
        bytes = whole.data;
        n = whole.len;
    }
    for (size_t used; n > 0 && (used = take_one(c, s, bytes, n, now)) > 0; bytes += used, n -= used)
        ;
    if (n > 0)
        buf_add(&s->rest, bytes, n);
    buf_free(&whole);
}

static void read_screen(struct crowd *c, struct screen *s, size_t most)
{
    ssize_t n = recv(s->fd, c->room, most, 0);
    if (n > 0)
        take_all(c, s, c->room, (size_t)n);
    else if (n == 0 || (errno != EAGAIN && errno != EINTR))
        sys_die("a %s screen's connection ended", s->slow ? "slow" : "fast");
}

/* Slow screens aren't watched once they are ready: nothing would come but events. */
static void sip(struct crowd *c, int64_t now)
{
    if (now - c->sipped < S)
        return;
    c->sipped = now;
    for (size_t i = c->fast; i < c->fast + c->slow; i++)
        if (c->screens[i].stage == READY)
            read_screen(c, &c->screens[i], SIP);
}

static void on_readable(void *ctx)
{
    struct screen *s = ctx;
    read_screen(s->crowd, s, sizeof s->crowd->room);
    if (s->slow && s->stage == READY)
        epoll_ctl(s->crowd->epoll, EPOLL_CTL_DEL, s->fd, NULL);
}

static void turn(struct crowd *c, int64_t until)
{
    struct epoll_event events[512];
    int64_t now = sys_now(), wait = until > now ? until - now : 0;
    if (c->slow && wait > S / 10)
        wait = S / 10;
    struct timespec timeout = {wait / S, wait % S};
    int n = epoll_pwait2(c->epoll, events, 512, &timeout, NULL);
    for (int i = 0; i < n; i++) {
        struct crowd_source *source = events[i].data.ptr;
        source->take(source->ctx);
    }
    if (c->slow)
        sip(c, sys_now());
}

void crowd_run(struct crowd *c, int64_t until)
{
    do
        turn(c, until);
    while (sys_now() < until);
}

bool crowd_await(struct crowd *c, size_t count, int64_t until)
{
    while (!c->changes[count - 1].last)
        if (sys_now() < until)
            turn(c, until);
        else
            return false;
    return true;
}

/* ---- coming and going -------------------------------------------------------------------- */

void crowd_watch(struct crowd *c, int fd, struct crowd_source *source)
{
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = source};
    if (epoll_ctl(c->epoll, EPOLL_CTL_ADD, fd, &e) != 0)
        sys_die("epoll: %s", strerror(errno));
}

/* What waits for a slow screen is to lie at the server, so its window here is small, and so is
 * what the kernel buffers there. A reset at the end leaves no port waiting. */
static int open_socket(bool slow)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), room = SIP_ROOM, mss = SIP_MSS, on = 1;
    struct linger reset = {1, 0};
    if (fd < 0)
        sys_die("no socket: %s", strerror(errno));
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    if (slow) {
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
        setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &mss, sizeof mss);
    }
    return fd;
}

static void begin(struct crowd *c, struct screen *s, int port, const struct buf *request)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_port = htons((uint16_t)port),
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    s->fd = open_socket(s->slow);
    if (connect(s->fd, (struct sockaddr *)&a, sizeof a) != 0 ||
        send(s->fd, request->data, request->len, MSG_NOSIGNAL) != (ssize_t)request->len)
        sys_die("a screen can't connect: %s", strerror(errno));
    fcntl(s->fd, F_SETFL, O_NONBLOCK);
    s->source = (struct crowd_source){on_readable, s};
    s->crowd = c;
    crowd_watch(c, s->fd, &s->source);
}

struct crowd *crowd_open(int port, const struct crowd_door *door, size_t fast, size_t slow)
{
    struct crowd *c = mem_alloc(sizeof *c);
    struct buf request = {0};
    size_t all = fast + slow;
    int64_t end = sys_now() + PATIENCE;
    c->door = door;
    c->fast = fast;
    c->slow = slow;
    c->sipped = sys_now();
    c->epoll = epoll_create1(EPOLL_CLOEXEC);
    c->screens = mem_alloc((all ? all : 1) * sizeof *c->screens);
    ws_handshake_write(&request, port, door->path, door->protocol);
    for (size_t i = 0; i < all; i++) {
        c->screens[i].slow = i >= fast;
        begin(c, &c->screens[i], port, &request);
        while ((i + 1 - c->ready >= AT_ONCE || i + 1 == all) && c->ready < i + 1) {
            turn(c, sys_now() + 100 * MS);
            if (sys_now() > end)
                sys_die("%zu of %zu screens were still not ready", all - c->ready, all);
        }
    }
    buf_free(&request);
    return c;
}

void crowd_close(struct crowd *c)
{
    for (size_t i = 0; i < c->fast + c->slow; i++) {
        close(c->screens[i].fd);
        buf_free(&c->screens[i].rest);
    }
    close(c->epoll);
    free(c->screens);
    free(c->changes);
    free(c);
}

void crowd_expect(struct crowd *c, uint64_t base, size_t count)
{
    free(c->changes);
    c->changes = mem_alloc((count ? count : 1) * sizeof *c->changes);
    c->change_count = count;
    c->base = base;
    c->traffic = (struct crowd_traffic){0};
}

struct crowd_change *crowd_changes(struct crowd *c)
{
    return c->changes;
}

struct crowd_traffic crowd_traffic(const struct crowd *c)
{
    return c->traffic;
}

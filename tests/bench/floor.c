/* floor: the least that a server can do. A bare epoll loop that writes one ready-made WebSocket
 * frame to each open socket whenever a message is posted, with one send each; with a journal it
 * also writes each message down, and answers those that came together after one fdatasync. It
 * knows nothing of events, stores or slow readers, and checks nothing: what tallyd costs beyond it
 * is what tallyd adds.
 *
 *     bench_floor PORT [JOURNAL] */
#include "buf.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define GUID   "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
#define EVENTS 256

struct conn {
    int fd;
    size_t place; /* among the screens, if it is one */
    bool is_screen, waits;
    struct buf in;
};

struct server {
    int epoll, listener, journal;
    struct conn **screens;
    size_t count, cap;
    struct buf frame; /* room kept from one change to the next */
};

static _Noreturn void die(const char *what)
{
    perror(what);
    exit(1);
}

static void watch(struct server *s, int fd, void *ctx)
{
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = ctx};
    if (epoll_ctl(s->epoll, EPOLL_CTL_ADD, fd, &e) != 0)
        die("epoll_ctl");
}

static void drop(struct server *s, struct conn *c)
{
    if (c->is_screen) {
        s->screens[c->place] = s->screens[--s->count];
        s->screens[c->place]->place = c->place;
    }
    close(c->fd);
    buf_free(&c->in);
    free(c);
}

static void say(const struct conn *c, const char *text, size_t n)
{
    if (send(c->fd, text, n, MSG_NOSIGNAL) < 0 && errno != EAGAIN)
        perror("send");
}

static void accept_all(struct server *s)
{
    int fd, on = 1;
    while ((fd = accept4(s->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        struct conn *c = mem_alloc(sizeof *c);
        c->fd = fd;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        watch(s, fd, c);
    }
}

/* The change's frame is made once; what a socket doesn't take is lost to it. */
static void broadcast(struct server *s, const char *body, size_t n)
{
    unsigned char head[4] = {0x81, (unsigned char)n};
    size_t head_len = 2;
    if (n > 125) {
        head[1] = 126;
        head[2] = (unsigned char)(n >> 8);
        head[3] = (unsigned char)n;
        head_len = 4;
    }
    buf_reset(&s->frame);
    buf_add(&s->frame, head, head_len);
    buf_add(&s->frame, body, n);
    for (size_t i = 0; i < s->count; i++)
        send(s->screens[i]->fd, s->frame.data, s->frame.len, MSG_NOSIGNAL);
}

static void become_screen(struct server *s, struct conn *c, const char *key)
{
    char joined[128], accept[64];
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned n;
    struct buf answer = {0};
    snprintf(joined, sizeof joined, "%.24s" GUID, key);
    EVP_Digest(joined, strlen(joined), digest, &n, EVP_sha1(), NULL);
    EVP_EncodeBlock((unsigned char *)accept, digest, (int)n);
    buf_addf(&answer,
             "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
             "Sec-WebSocket-Accept: %s\r\n\r\n",
             accept);
    say(c, answer.data, answer.len);
    buf_free(&answer);
    if (s->count == s->cap) {
        s->cap = s->cap ? s->cap * 2 : 1024;
        s->screens = mem_resize(s->screens, s->cap * sizeof(struct conn *));
    }
    c->is_screen = true;
    c->place = s->count;
    s->screens[s->count++] = c;
    buf_free(&c->in);
}

/* Takes one whole request off the connection's bytes. */
static bool take_request(struct server *s, struct conn *c)
{
    char *end = c->in.len ? strstr(c->in.data, "\r\n\r\n") : NULL, *found;
    if (!end)
        return false;
    if ((found = strcasestr(c->in.data, "\r\nSec-WebSocket-Key: ")) && found < end) {
        become_screen(s, c, found + 21);
        return false;
    }
    found = strcasestr(c->in.data, "\r\nContent-Length: ");
    size_t n = found && found < end ? strtoul(found + 18, NULL, 10) : 0;
    size_t head = (size_t)(end - c->in.data) + 4;
    if (c->in.len < head + n)
        return false;
    if (s->journal >= 0 && write(s->journal, c->in.data + head, n) != (ssize_t)n)
        die("journal");
    if (s->count)
        broadcast(s, c->in.data + head, n);
    memmove(c->in.data, c->in.data + head + n, c->in.len - head - n + 1);
    c->in.len -= head + n;
    c->waits = true;
    return true;
}

/* False: it is gone. */
static bool serve(struct server *s, struct conn *c)
{
    static char part[262144];
    ssize_t n = recv(c->fd, part, sizeof part, 0);
    if (n == 0 || (n < 0 && errno != EAGAIN)) {
        drop(s, c);
        return false;
    }
    if (c->is_screen || n < 0)
        return true;
    buf_add(&c->in, part, (size_t)n);
    while (take_request(s, c))
        ;
    return true;
}

static void answer_all(struct server *s, struct conn **asked, size_t n)
{
    static const char ok[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    bool any = false;
    for (size_t i = 0; i < n; i++)
        any |= asked[i]->waits;
    if (any && s->journal >= 0)
        fdatasync(s->journal);
    for (size_t i = 0; i < n; i++) {
        if (asked[i]->waits)
            say(asked[i], ok, sizeof ok - 1);
        asked[i]->waits = false;
    }
}

static void turn(struct server *s)
{
    struct epoll_event events[EVENTS];
    struct conn *asked[EVENTS];
    size_t n = 0;
    int ready = epoll_wait(s->epoll, events, EVENTS, -1);
    for (int i = 0; i < ready; i++) {
        struct conn *c = events[i].data.ptr;
        if (!c)
            accept_all(s);
        else if (serve(s, c))
            asked[n++] = c;
    }
    answer_all(s, asked, n);
}

static void open_server(struct server *s, int port, const char *journal)
{
    struct rlimit limit;
    int on = 1;
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_port = htons((uint16_t)port),
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    s->epoll = epoll_create1(EPOLL_CLOEXEC);
    s->journal = journal ? open(journal, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
    s->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(s->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(s->listener, (struct sockaddr *)&a, sizeof a) != 0 || listen(s->listener, 4096) != 0)
        die("listen");
    if (journal && s->journal < 0)
        die(journal);
    watch(s, s->listener, NULL);
}

int main(int argc, char **argv)
{
    struct server s = {0};
    if (argc < 2) {
        fputs("usage: bench_floor PORT [JOURNAL]\n", stderr);
        return 2;
    }
    open_server(&s, atoi(argv[1]), argc > 2 ? argv[2] : NULL);
    for (;;)
        turn(&s);
}

#include "accept.h"

#include "buf.h"
#include "log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG      4096
#define ACCEPTS_TURN 16 /* at one turn of the loop; each takes room for a head until it is read */
#define FILES_MIN    65536
#define QUIET_MS     10000
#define UNTAKEN_MS   60000 /* that a client may leave bytes untaken, also once we have closed */
#define UNSENT_MAX   16384 /* bytes that the kernel may hold back before it says that it is full */

static int fail(char *error, size_t size, const char *what, int number)
{
    snprintf(error, size, "%s: %s", number ? uv_strerror(-number) : "not an address", what);
    return -1;
}

static void listen_on(struct listener *l, bool on);

/* Whoever hovers at a limit says so once in a while only. */
void acceptor_complain(struct acceptor *a, const char *event)
{
    if (uv_now(a->loop) < a->quiet_until)
        return;
    a->quiet_until = uv_now(a->loop) + QUIET_MS;
    log_write(LOG_WARN, event, NULL);
}

/* No descriptor is left. One client gets the spare one and is hung up on, so that it knows; the
 * others wait until the next tick. */
static void turn_away(struct listener *l)
{
    struct acceptor *a = l->acceptor;
    listen_on(l, false);
    if (a->spare < 0)
        return;
    close(a->spare);
    int fd = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC);
    if (fd >= 0)
        close(fd);
    a->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
    acceptor_complain(a, "out_of_descriptors");
}

/* Gives whether more may be waiting. */
static bool accept_some(struct listener *l)
{
    struct acceptor *a = l->acceptor;
    for (int i = 0; i < ACCEPTS_TURN && l->on; i++) {
        struct sockaddr_storage from = {0};
        socklen_t size = sizeof from;
        int fd = accept4(l->fd, (struct sockaddr *)&from, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0)
            a->take(a->ctx, fd, (struct sockaddr *)&from, l->owner);
        else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
            turn_away(l);
        else if (errno == EAGAIN)
            return false;
    }
    return l->on;
}

static void on_connection(uv_poll_t *poll, int status, int events)
{
    (void)events;
    struct listener *l = poll->data;
    if (accept_some(l) && status < 0)
        listen_on(l, false); /* tried again at the next tick */
}

static void listen_on(struct listener *l, bool on)
{
    if (l->fd < 0 || l->on == on)
        return;
    l->on = on;
    if (on)
        uv_poll_start(&l->poll, UV_READABLE, on_connection);
    else
        uv_poll_stop(&l->poll);
}

static void start(struct acceptor *a, struct listener *l)
{
    l->acceptor = a;
    l->owner = l == &a->owner;
    l->poll.data = l;
    if (l->fd < 0)
        return;
    uv_poll_init(a->loop, &l->poll, l->fd);
    a->handles++;
    listen_on(l, true);
}

void acceptor_start(struct acceptor *a, uv_loop_t *loop)
{
    a->loop = loop;
    start(a, &a->tcp);
    start(a, &a->owner);
}

/* What accepted sockets inherit: small writes leave at once, and a slow reader is known to be one
 * before megabytes for it lie in the kernel. */
static void tune(int fd)
{
    int on = 1, unsent = UNSENT_MAX, patience = UNTAKEN_MS;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &patience, sizeof patience);
}

/* Splits "host:port" or "[host]:port"; no host is any. */
static bool split(const char *address, char *host, size_t size, const char **port)
{
    const char *colon = strrchr(address, ':');
    if (!colon || !colon[1] || colon[1 + strspn(colon + 1, "0123456789")])
        return false;
    size_t n = (size_t)(colon - address);
    if (n > 1 && address[0] == '[' && colon[-1] == ']') {
        address++;
        n -= 2;
    } else if (memchr(address, ':', n)) {
        return false;
    }
    if (n >= size)
        return false;
    memcpy(host, address, n);
    host[n] = '\0';
    *port = colon + 1;
    return strtol(*port, NULL, 10) <= 65535;
}

/* The listening socket, or -errno. */
static int bind_to(const struct addrinfo *info)
{
    int fd = socket(info->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    tune(fd);
    if (bind(fd, info->ai_addr, info->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    int number = errno;
    close(fd);
    return -number;
}

static void note_address(struct acceptor *a, int fd)
{
    struct sockaddr_storage at = {0};
    socklen_t size = sizeof at;
    char host[INET6_ADDRSTRLEN] = "", port[8] = "";
    getsockname(fd, (struct sockaddr *)&at, &size);
    getnameinfo((struct sockaddr *)&at, size, host, sizeof host, port, sizeof port,
                NI_NUMERICHOST | NI_NUMERICSERV);
    snprintf(a->address, sizeof a->address, at.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host,
             port);
}

static int open_address(const char *address, char *error, size_t error_size)
{
    char host[256];
    const char *port;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE}, *infos = NULL;
    if (!split(address, host, sizeof host, &port) ||
        getaddrinfo(*host ? host : NULL, port, &hints, &infos) != 0)
        return fail(error, error_size, address, 0);
    int fd = -EADDRNOTAVAIL;
    for (struct addrinfo *info = infos; info && fd < 0; info = info->ai_next)
        fd = bind_to(info);
    freeaddrinfo(infos);
    return fd < 0 ? fail(error, error_size, address, -fd) : fd;
}

static int open_tcp(struct acceptor *a, const char *address, int given, char *error,
                    size_t error_size)
{
    if (given >= 0)
        tune(given);
    a->tcp.fd = given >= 0 ? given : open_address(address, error, error_size);
    if (a->tcp.fd < 0)
        return -1;
    note_address(a, a->tcp.fd);
    return 0;
}

/* Nobody listens behind a socket that refuses: its daemon is gone. */
static bool is_stale(const struct sockaddr_un *at)
{
    struct stat st;
    if (lstat(at->sun_path, &st) != 0 || !S_ISSOCK(st.st_mode))
        return false;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool stale = connect(fd, (const struct sockaddr *)at, sizeof *at) != 0 && errno == ECONNREFUSED;
    close(fd);
    return stale;
}

static int open_owner(struct acceptor *a, const char *path, char *error, size_t error_size)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof at.sun_path)
        return fail(error, error_size, path, ENAMETOOLONG);
    memcpy(at.sun_path, path, strlen(path));
    if (is_stale(&at))
        unlink(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    /* The file takes its mode from the socket: it is never open to others, not even at first. */
    if (fd < 0 || fchmod(fd, 0600) != 0 || bind(fd, (struct sockaddr *)&at, sizeof at) != 0 ||
        listen(fd, BACKLOG) != 0) {
        int number = errno;
        if (fd >= 0)
            close(fd);
        return fail(error, error_size, path, number);
    }
    a->path = mem_string(path);
    a->owner.fd = fd;
    return 0;
}

int acceptor_open(struct acceptor *a, const char *address, int given, const char *socket,
                  char *error, size_t error_size)
{
    a->tcp.fd = a->owner.fd = -1;
    a->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (open_tcp(a, address, given, error, error_size) == 0 &&
        (!socket || open_owner(a, socket, error, error_size) == 0))
        return 0;
    acceptor_close(a, NULL);
    return -1;
}

void acceptor_full(struct acceptor *a, bool full)
{
    if (a->full == full)
        return;
    a->full = full;
    listen_on(&a->tcp, !full);
    if (full)
        acceptor_complain(a, "connections_full");
}

void acceptor_tick(struct acceptor *a)
{
    listen_on(&a->owner, true);
    listen_on(&a->tcp, !a->full);
}

/* The library's tables take the limit's size, so an endless one is lowered. */
long acceptor_files(long want)
{
    struct rlimit limit = {0};
    rlim_t files = want < FILES_MIN ? FILES_MIN : (rlim_t)want;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max < files ? limit.rlim_max : files;
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
    return (long)limit.rlim_cur;
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct listener *l = handle->data;
    struct acceptor *a = l->acceptor;
    if (--a->handles == 0)
        a->on_closed(a->ctx);
}

/* Who has connected already isn't reset: a balancer may have sent it a request on that. */
static void take_last(struct listener *l)
{
    for (int turns = BACKLOG / ACCEPTS_TURN; turns && accept_some(l); turns--)
        ;
}

static void stop(struct listener *l)
{
    if (l->fd < 0)
        return;
    if (l->acceptor)
        take_last(l);
    l->on = false;
    if (l->acceptor)
        uv_close((uv_handle_t *)&l->poll, on_handle_closed);
    close(l->fd);
    l->fd = -1;
}

void acceptor_close(struct acceptor *a, void (*on_closed)(void *ctx))
{
    a->on_closed = on_closed;
    stop(&a->tcp);
    stop(&a->owner);
    if (a->spare >= 0)
        close(a->spare);
    a->spare = -1;
    if (a->path)
        unlink(a->path);
    free(a->path);
    a->path = NULL;
}

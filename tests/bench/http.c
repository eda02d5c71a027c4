#include "http.h"

#include "sys.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATIENCE_MS 30000

int http_open(struct http *h, int port)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_port = htons((uint16_t)port),
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int on = 1;
    *h = (struct http){.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (h->fd < 0)
        sys_die("no socket: %s", strerror(errno));
    if (connect(h->fd, (struct sockaddr *)&a, sizeof a) != 0) {
        close(h->fd);
        return -1;
    }
    setsockopt(h->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(h->fd, F_SETFL, O_NONBLOCK);
    return 0;
}

void http_close(struct http *h)
{
    close(h->fd);
    buf_free(&h->in);
}

static void wait_for(int fd, short events)
{
    struct pollfd p = {.fd = fd, .events = events};
    if (poll(&p, 1, PATIENCE_MS) == 0)
        sys_die("a server didn't move for %d s", PATIENCE_MS / 1000);
}

void http_send(struct http *h, const char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t sent = send(h->fd, bytes, n, MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN && errno != EINTR)
            sys_die("a request couldn't be sent: %s", strerror(errno));
        if (sent < 0) {
            wait_for(h->fd, POLLOUT);
            continue;
        }
        bytes += sent;
        n -= (size_t)sent;
    }
}

/* Is the answer at the buffer's start whole? Then its parts are set. */
static bool find_answer(struct http *h)
{
    char *end = h->in.len > 12 ? strstr(h->in.data, "\r\n\r\n") : NULL;
    if (!end)
        return false;
    char *length = strcasestr(h->in.data, "\r\nContent-Length:");
    h->status = atoi(h->in.data + 9);
    h->body = end + 4;
    h->body_len = length && length < end ? strtoul(length + 17, NULL, 10) : 0;
    h->whole = (size_t)(h->body - h->in.data) + h->body_len;
    return h->in.len >= h->whole;
}

static void drop_last(struct http *h)
{
    memmove(h->in.data, h->in.data + h->whole, h->in.len - h->whole + 1);
    h->in.len -= h->whole;
    h->whole = 0;
}

int http_take(struct http *h)
{
    char part[65536];
    if (h->whole)
        drop_last(h);
    if (find_answer(h))
        return 1;
    ssize_t n = recv(h->fd, part, sizeof part, 0);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        return -1;
    if (n > 0)
        buf_add(&h->in, part, (size_t)n);
    if (n > 0 && find_answer(h))
        return 1;
    h->whole = 0;
    return 0;
}

void http_await(struct http *h)
{
    int got;
    while ((got = http_take(h)) == 0)
        wait_for(h->fd, POLLIN);
    if (got < 0)
        sys_die("a server closed the connection instead of answering");
}

int http_get(int port, const char *path, struct buf *body)
{
    struct http h;
    struct buf request = {0};
    if (http_open(&h, port) != 0)
        return 0;
    buf_addf(&request, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n", path, port);
    http_send(&h, request.data, request.len);
    buf_free(&request);
    http_await(&h);
    if (body)
        buf_add(body, h.body, h.body_len);
    http_close(&h);
    return h.status;
}

void http_post_write(struct buf *out, const char *path, const char *type, const char *token,
                     const char *body, size_t len)
{
    buf_addf(out, "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: %s\r\n", path, type);
    if (token)
        buf_addf(out, "Authorization: Bearer %s\r\n", token);
    buf_addf(out, "Content-Length: %zu\r\n\r\n", len);
    buf_add(out, body, len);
}

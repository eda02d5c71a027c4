#include "plain.h"

#include "http_events.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define READ_MAX 65536 /* bytes at one turn of the loop */
#define KEPT_MAX 65536 /* that may wait behind a request before the socket isn't read any more */

struct plain {
    uv_poll_t poll; /* first, so that it is freed with it */
    const struct plain_host *host;
    struct conn *conn; /* NULL: it was handed on */
    int fd;            /* -1: over */
    int events;        /* that the loop looks for */
    bool deaf;         /* nothing more comes, or is read */
    int64_t awaited;   /* bytes of the body that haven't come */
    struct buf kept;   /* a part of a head, or what has come behind a request */
};

static void on_poll(uv_poll_t *poll, int status, int events);
static void wait_for(struct conn *c, unsigned seconds);
static const struct carrier plain_carrier;

static void look_for(struct plain *p, int events)
{
    if (p->fd < 0 || p->events == events)
        return;
    p->events = events;
    if (events)
        uv_poll_start(&p->poll, events, on_poll);
    else
        uv_poll_stop(&p->poll);
}

static void on_closed(uv_handle_t *handle)
{
    struct plain *p = (struct plain *)handle;
    if (p->conn)
        p->host->ended(p->host->ctx, p->conn);
    free(p);
}

static void leave(struct plain *p)
{
    p->fd = -1;
    p->deaf = true;
    buf_free(&p->kept);
    uv_close((uv_handle_t *)&p->poll, on_closed);
}

void plain_close(struct conn *c)
{
    struct plain *p = c->plain;
    int fd = p->fd;
    if (fd < 0)
        return;
    if (!c->parted)
        drain_linger(p->host->http->drain, fd);
    c->parted = true;
    leave(p);
    http_on_gone(c);
    close(fd);
}

/* --- what comes in ------------------------------------------------------------------------ */

static void keep_params(struct request *r, struct span query, char *room)
{
    struct span name, value;
    while (head_param(&query, &name, &value)) {
        size_t n = head_decode(name, true, room);
        size_t m = n == SIZE_MAX ? n : head_decode(value, true, room + n);
        if (m == SIZE_MAX) {
            r->malformed = true;
            return;
        }
        request_keep_param(r, (struct span){room, n}, (struct span){room + n, m});
    }
}

static void keep_target(struct request *r, const struct head *h)
{
    char room[HTTP_HEAD_MAX];
    struct span path, query;
    size_t n = head_target(h, &path, &query) ? head_decode(path, false, room) : SIZE_MAX;
    if (n == SIZE_MAX) {
        r->malformed = true;
        return;
    }
    request_keep_path(r, (struct span){room, n});
    keep_params(r, query, room);
}

static const char *method_of(struct span s)
{
    static const char *const known[] = {"GET", "HEAD", "POST"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (s.n == strlen(known[i]) && memcmp(s.at, known[i], s.n) == 0)
            return known[i];
    return "";
}

static struct request *read_request(struct plain *p, const struct head *h)
{
    struct request *r = request_blank(p->host->http, p->conn);
    r->method = method_of(h->method);
    r->is_old = h->is_old;
    keep_target(r, h);
    for (size_t i = 0; i < h->count; i++) {
        enum header known = request_header_of(h->fields[i].name);
        if (known != HEADER_COUNT)
            request_keep_header(r, known, h->fields[i].value);
    }
    request_settle(r);
    return r;
}

static bool wants_websocket(const struct head *h)
{
    for (size_t i = 0; i < h->count; i++)
        if (span_is(h->fields[i].name, "upgrade") && span_is(h->fields[i].value, "websocket"))
            return true;
    return false;
}

/* The head as we have read it, so that the library can't read another, and what follows it. */
static void write_on(const struct head *h, const char *rest, size_t n, struct buf *out)
{
    buf_add(out, h->method.at, h->method.n);
    buf_adds(out, " ");
    buf_add(out, h->target.at, h->target.n);
    buf_adds(out, h->is_old ? " HTTP/1.0\r\n" : " HTTP/1.1\r\n");
    for (size_t i = 0; i < h->count; i++) {
        if (span_is(h->fields[i].name, "upgrade"))
            continue;
        buf_add(out, h->fields[i].name.at, h->fields[i].name.n);
        buf_adds(out, ":");
        buf_add(out, h->fields[i].value.at, h->fields[i].value.n);
        buf_adds(out, "\r\n");
    }
    buf_adds(out, "Upgrade: websocket\r\n\r\n");
    buf_add(out, rest, n);
}

static void hand_on(struct plain *p, const struct head *h, const char *bytes, size_t n)
{
    struct conn *c = p->conn;
    struct buf on = {0};
    write_on(h, bytes + h->len, n - h->len, &on);
    int fd = p->fd;
    p->conn = NULL;
    c->plain = NULL;
    look_for(p, 0);
    leave(p);
    p->host->upgrade(p->host->ctx, c, fd, on.data, on.len);
    buf_free(&on);
}

/* The three below give how many bytes they took; -1: it is over, and behind the third ended. */

static ssize_t take_head(struct plain *p, const char *bytes, size_t n)
{
    struct head h;
    enum head_state state = head_read(bytes, n, &h);
    if (state == HEAD_PART && n <= HTTP_HEAD_MAX)
        return 0;
    if (state == HEAD_BAD)
        return http_on_raw(p->host->http, p->conn, 400);
    if (state != HEAD_WHOLE || h.len > HTTP_HEAD_MAX)
        return http_on_raw(p->host->http, p->conn, 431);
    if (http_on_filter(p->conn) != 0)
        return -1;
    struct request *r = read_request(p, &h);
    if (wants_websocket(&h)) {
        if (http_on_upgrade(r) == 0)
            hand_on(p, &h, bytes, n);
        return -1;
    }
    p->awaited = r->length > 0 ? r->length : 0;
    return http_on_head(r) == 0 ? (ssize_t)h.len : -1;
}

static ssize_t take_body(struct plain *p, const char *bytes, size_t n)
{
    size_t taken = (int64_t)n < p->awaited ? n : (size_t)p->awaited;
    p->awaited -= (int64_t)taken;
    if (http_on_body(p->conn, bytes, taken) != 0 ||
        (p->awaited == 0 && http_on_body_end(p->conn) != 0))
        return -1;
    return (ssize_t)taken;
}

/* As far as it goes: a request that waits for its answer stops it. */
static ssize_t take(struct plain *p, const char *bytes, size_t n)
{
    size_t all = 0;
    for (;;) {
        const struct request *r = p->conn->request;
        if (r && (r->complete || (all == n && p->awaited)))
            break;
        bool in_body = r; /* an empty one takes nothing, and yet is over */
        ssize_t taken = r ? take_body(p, bytes + all, n - all) : take_head(p, bytes + all, n - all);
        if (taken < 0) {
            if (p->conn)
                plain_close(p->conn);
            return -1;
        }
        all += (size_t)taken;
        if (!in_body && !taken) /* a part of a head */
            break;
    }
    return (ssize_t)all;
}

/* The same with what was kept; then goes on to read, unless enough waits already. */
static void go_on(struct plain *p)
{
    ssize_t taken = take(p, p->kept.data, p->kept.len);
    if (taken < 0)
        return;
    size_t left = p->kept.len - (size_t)taken;
    if (left)
        memmove(p->kept.data, p->kept.data + taken, left);
    p->kept.len = left;
    if (!left)
        buf_free(&p->kept);
    const struct request *r = p->conn->request;
    if (left && !r && p->conn->idle) {
        p->conn->idle = false;
        wait_for(p->conn, (unsigned)p->host->http->head_timeout);
    }
    int reads = p->deaf || left > KEPT_MAX ? 0 : UV_READABLE;
    if (p->deaf && !(r && r->complete))
        plain_close(p->conn);
    else
        look_for(p, (p->events & UV_WRITABLE) | reads);
}

static void receive(struct plain *p)
{
    static char bytes[READ_MAX]; /* between two turns nothing stays here */
    ssize_t n = recv(p->fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    const struct request *r = p->conn->request;
    if (n < 0 || (n == 0 && !(r && r->complete))) {
        plain_close(p->conn);
        return;
    }
    if (n == 0) { /* it says no more, but may still listen for its answer */
        p->deaf = true;
        look_for(p, p->events & ~UV_READABLE);
        return;
    }
    ssize_t taken = p->kept.len ? 0 : take(p, bytes, (size_t)n);
    if (taken < 0 || taken == n)
        return;
    buf_add(&p->kept, bytes + taken, (size_t)(n - taken));
    go_on(p);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct plain *p = (struct plain *)poll;
    if (status < 0) {
        plain_close(p->conn);
        return;
    }
    if (events & UV_WRITABLE) {
        look_for(p, p->events & ~UV_WRITABLE);
        if (http_on_writable(p->conn) != 0)
            plain_close(p->conn);
        else if (!p->conn->request)
            go_on(p);
    }
    if (p->fd >= 0 && (events & UV_READABLE) && (p->events & UV_READABLE))
        receive(p);
}

/* --- its carrier -------------------------------------------------------------------------- */

static int fd_of(const struct conn *c)
{
    return c->plain->fd;
}

static ssize_t send_some(struct conn *c, const void *bytes, size_t n)
{
    ssize_t sent = send(c->plain->fd, bytes, n, MSG_DONTWAIT | MSG_NOSIGNAL);
    return sent < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : sent;
}

static bool holds(const struct conn *c)
{
    (void)c;
    return false;
}

static void ask(struct conn *c)
{
    look_for(c->plain, c->plain->events | UV_WRITABLE);
}

static void wait_for(struct conn *c, unsigned seconds)
{
    c->deadline = conn_now() + (uint64_t)seconds * 1000;
}

static void answer(struct request *r)
{
    struct conn *c = r->conn;
    if (http_push(r) != 0)
        plain_close(c);
    else if (!c->request)
        go_on(c->plain);
}

static int next(struct conn *c)
{
    wait_for(c, HTTP_KEEP_ALIVE);
    c->idle = true;
    return 0;
}

static const struct carrier plain_carrier = {fd_of,  send_some, holds,       ask,  wait_for,
                                             answer, next,      plain_close, false};

void plain_open(const struct plain_host *host, struct conn *c, int fd)
{
    struct plain *p = mem_alloc(sizeof *p);
    p->host = host;
    p->conn = c;
    p->fd = fd;
    c->plain = p;
    c->carrier = &plain_carrier;
    if (uv_poll_init(host->loop, &p->poll, fd) == 0) {
        look_for(p, UV_READABLE);
        return;
    }
    c->plain = NULL;
    free(p);
    close(fd);
    host->ended(host->ctx, c);
}

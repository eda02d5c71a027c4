#include "redis.h"

#include "proc.h"
#include "sys.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define PATIENCE (300 * S)

void redis_start(struct redis *r, const char *folder)
{
    char conf[700];
    *r = (struct redis){0};
    snprintf(r->folder, sizeof r->folder, "%s", folder);
    snprintf(r->socket, sizeof r->socket, "%s/bench.sock", folder);
    snprintf(r->log, sizeof r->log, "%s.log", folder);
    snprintf(conf, sizeof conf, "%s/bench.conf", folder);
    proc_make(folder);
    FILE *f = fopen(conf, "we");
    if (!f)
        sys_die("can't write %s", conf);
    fprintf(f,
            "port 0\nunixsocket \"%s\"\nunixsocketperm 700\ndir \"%s\"\nappendonly yes\n"
            "appendfsync always\nsave \"\"\nmaxmemory-policy noeviction\nloglevel warning\n"
            "stop-writes-on-bgsave-error no\n",
            r->socket, r->folder);
    fclose(f);
    unlink(r->socket);
    r->pid = proc_start(&(struct proc_call){
        .args = (const char *const[]){"redis-server", conf, NULL}, .log = r->log});
}

int redis_connect(const char *path)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (strlen(path) >= sizeof a.sun_path)
        sys_die("the folder's name is too long for a socket: %s", path);
    strcpy(a.sun_path, path);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&a, sizeof a) == 0)
        return fd;
    close(fd);
    return -1;
}

static bool has_loaded(const struct redis *r)
{
    char answer[64] = "";
    int fd = redis_connect(r->socket);
    if (fd < 0)
        return false;
    bool answered = write(fd, "PING\r\n", 6) == 6 && read(fd, answer, sizeof answer - 1) > 0;
    close(fd);
    return answered && strncmp(answer, "+PONG", 5) == 0;
}

void redis_await(const struct redis *r)
{
    int64_t end = sys_now() + PATIENCE;
    while (!has_loaded(r)) {
        proc_check(r->pid, r->log);
        if (sys_now() > end)
            sys_die("redis-server was still not ready; its log is %s", r->log);
        sys_pause(MS);
    }
}

void redis_stop(struct redis *r)
{
    proc_stop(r->pid);
    r->pid = 0;
}

/* ---- the protocol ------------------------------------------------------------------------ */

/* How many items stand between the start and the end of what begins with this line, and how many
 * bytes behind it belong to it. */
static void weigh(const char *line, size_t *items, size_t *bytes)
{
    long n = atol(line + 1);
    if (*line == '*' && n > 0)
        *items += (size_t)n;
    if (*line == '$' && n >= 0)
        *bytes += (size_t)n + 2;
}

size_t redis_item(const char *text, size_t n)
{
    size_t at = 0, items = 1;
    while (items > 0) {
        const char *end = at < n ? memchr(text + at, '\n', n - at) : NULL;
        size_t bytes = 0;
        if (!end)
            return 0;
        weigh(text + at, &items, &bytes);
        at = (size_t)(end - text) + 1 + bytes;
        if (at > n)
            return 0;
        items--;
    }
    return at;
}

#include "child.h"

#include "buf.h"
#include "log.h"
#include "repair.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define RESTART_FIRST 200
#define RESTART_MAX   10000
#define LOCK_WAIT     20
#define KILL_AFTER    4000  /* with what the server takes, an end within 10 s */
#define RAN_WELL      10000 /* who ran this long didn't fail at its start */
#define MARK          "clean"

struct child {
    uv_loop_t *loop;
    char *program, *checker, *folder, *socket;
    int lock;              /* held by us until Redis runs, which inherits it; -1: not held */
    struct repair *repair; /* under way */
    uv_process_t process;
    uv_pipe_t input;
    uv_timer_t timer; /* restart, or kill while closing */
    uv_write_t write;
    char *settings;
    bool running, closing, waited;
    unsigned wait;
    uint64_t started; /* loop time */
    int handles;
    void (*on_closed)(void *ctx);
    void *ctx;
};

static void child_start(struct child *c);

/* --- the way down ------------------------------------------------------------------------- */

static void child_free(struct child *c)
{
    free(c->program);
    free(c->checker);
    free(c->folder);
    free(c->socket);
    free(c->settings);
    free(c);
}

static void on_timer_closed(uv_handle_t *handle)
{
    struct child *c = handle->data;
    void (*on_closed)(void *ctx) = c->on_closed;
    void *ctx = c->ctx;
    child_free(c);
    on_closed(ctx);
}

static void release_lock(struct child *c)
{
    if (c->lock >= 0)
        close(c->lock);
    c->lock = -1;
}

static void finish(struct child *c)
{
    if (!c->closing || c->handles > 0 || c->running || c->repair)
        return;
    release_lock(c);
    uv_close((uv_handle_t *)&c->timer, on_timer_closed);
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct child *c = handle->data;
    c->handles--;
    finish(c);
}

/* --- the mark of a clean end -------------------------------------------------------------- */

static char *path_of(const struct child *c, const char *name)
{
    struct buf path = {0};
    buf_addf(&path, "%s/%s", c->folder, name);
    return buf_take(&path, NULL);
}

/* A Redis that ended as it was told to has closed its files in order. If the mark gets lost, they
 * are checked for nothing. */
static void leave_mark(const struct child *c)
{
    char *path = path_of(c, MARK);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0)
        close(fd);
    free(path);
}

/* True if there was one; it is gone for good before Redis writes again, so that after a power cut
 * it doesn't stand for files that were torn since. */
static bool take_mark(const struct child *c)
{
    char *path = path_of(c, MARK);
    int folder = open(c->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool found = folder >= 0 && unlink(path) == 0 && fsync(folder) == 0;
    if (folder >= 0)
        close(folder);
    free(path);
    return found;
}

/* --- starting ----------------------------------------------------------------------------- */

static void on_restart(uv_timer_t *timer)
{
    child_start(timer->data);
}

static void wait_and_restart(struct child *c)
{
    release_lock(c);
    uv_timer_start(&c->timer, on_restart, c->wait, 0);
    c->wait = c->wait * 2 > RESTART_MAX ? RESTART_MAX : c->wait * 2;
}

static void on_ended(uv_process_t *process, int64_t status, int signal)
{
    struct child *c = process->data;
    c->running = false;
    uv_close((uv_handle_t *)process, on_handle_closed);
    if (c->closing) {
        if (status == 0 && signal == 0)
            leave_mark(c);
        uv_timer_stop(&c->timer);
        return;
    }
    log_write(LOG_ERROR, "redis_ended", "status", log_num(status), "signal", log_num(signal), NULL);
    if (uv_now(c->loop) - c->started >= RAN_WELL)
        c->wait = RESTART_FIRST;
    wait_and_restart(c);
}

static void on_written(uv_write_t *write, int status)
{
    struct child *c = write->data;
    (void)status; /* if it can't read its settings it ends, and on_ended tells */
    uv_close((uv_handle_t *)&c->input, on_handle_closed);
}

static char *settings_of(const struct child *c)
{
    struct buf b = {0};
    buf_addf(&b,
             "port 0\nunixsocket \"%s\"\nunixsocketperm 700\ndir \"%s\"\n"
             "appendonly yes\nappendfsync always\naof-load-truncated no\nsave \"\"\n"
             "maxmemory-policy noeviction\ndaemonize no\nloglevel warning\nlogfile \"\"\n"
             "stop-writes-on-bgsave-error no\n",
             c->socket, c->folder);
#ifdef TALLYD_PLANT_AOF_NOT_REPAIRED
    buf_adds(&b, "aof-load-truncated yes\n"); /* planted */
#endif
    return buf_take(&b, NULL);
}

static void spawn(struct child *c)
{
    /* setpriv has the kernel end Redis when we die, whatever we die of; had we died before it came
     * to that, the shell sees another parent. Redis keeps the process id. Without its settings, as
     * nobody was left to write them, it has no port and ends. */
    static char setpriv[] = "setpriv", option[] = "--pdeathsig", term[] = "TERM", shell[] = "sh",
                command[] = "-c", check[] = "test $PPID = $0 && exec \"$1\" - --port 0";
    char self[24];
    snprintf(self, sizeof self, "%ld", (long)getpid());
    char *args[] = {setpriv, option, term, shell, command, check, self, c->program, NULL};
    uv_stdio_container_t stdio[4] = {
        {.flags = UV_CREATE_PIPE | UV_READABLE_PIPE, .data.stream = (uv_stream_t *)&c->input},
        {.flags = UV_IGNORE},
        {.flags = UV_INHERIT_FD, .data.fd = 2},
        {.flags = UV_INHERIT_FD, .data.fd = c->lock}, /* held for as long as Redis lives */
    };
    uv_process_options_t options = {
        .file = args[0], .args = args, .exit_cb = on_ended, .stdio = stdio, .stdio_count = 4};
    uv_pipe_init(c->loop, &c->input, 0);
    c->input.data = c;
    c->process.data = c;
    c->handles += 2;
    int status = uv_spawn(c->loop, &c->process, &options);
    if (status < 0) {
        log_write(LOG_ERROR, "redis_not_started", "program", c->program, "reason",
                  uv_strerror(status), NULL);
        uv_close((uv_handle_t *)&c->input, on_handle_closed);
        uv_close((uv_handle_t *)&c->process, on_handle_closed);
        wait_and_restart(c);
        return;
    }
    release_lock(c);
    c->running = true;
    c->started = uv_now(c->loop);
    uv_buf_t text = uv_buf_init(c->settings, (unsigned)strlen(c->settings));
    c->write.data = c;
    uv_write(&c->write, (uv_stream_t *)&c->input, &text, 1, on_written);
}

static void on_repaired(void *ctx, bool ok, const char *words)
{
    struct child *c = ctx;
    c->repair = NULL;
    if (c->closing) {
        finish(c);
    } else if (ok) {
        spawn(c);
    } else {
        log_write(LOG_ERROR, "redis_not_started", "reason", words, NULL);
        wait_and_restart(c);
    }
}

/* Another Redis may still be ending in this folder, if the daemon before us died just now: two
 * on one append-only file would spoil it. */
static bool take_lock(struct child *c)
{
    char *path = path_of(c, "lock");
    c->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    free(path);
    if (c->lock >= 0 && flock(c->lock, LOCK_EX | LOCK_NB) == 0)
        return true;
    release_lock(c);
    return false;
}

static void child_start(struct child *c)
{
    struct stat st;
    if (!take_lock(c)) {
        if (!c->waited)
            log_write(LOG_INFO, "redis_waits", "reason", "one from before is still ending", NULL);
        c->waited = true;
        uv_timer_start(&c->timer, on_restart, LOCK_WAIT, 0);
        return;
    }
    c->waited = false;
    unlink(c->socket); /* a stale one would be taken for a Redis that refuses */
    char *manifest = path_of(c, "appendonlydir/appendonly.aof.manifest");
    bool doubtful = !take_mark(c) && stat(manifest, &st) == 0;
    free(manifest);
#ifdef TALLYD_PLANT_AOF_NOT_REPAIRED
    doubtful = false; /* planted: with the line below, what Redis does by itself */
#endif
    if (doubtful)
        c->repair = repair_start(c->loop, c->checker, c->folder, c->lock, on_repaired, c);
    else
        spawn(c);
}

/* The checker is found where the server is. */
static char *checker_of(const char *program)
{
    struct buf path = {0};
    const char *slash = strrchr(program, '/');
    buf_add(&path, program, slash ? (size_t)(slash + 1 - program) : 0);
    buf_adds(&path, "redis-check-aof");
    return buf_take(&path, NULL);
}

struct child *child_open(uv_loop_t *loop, const char *program, const char *folder, char *error,
                         size_t error_size)
{
    struct buf socket = {0};
    buf_addf(&socket, "%s/redis.sock", folder);
    if (socket.len >= sizeof((struct sockaddr_un *)NULL)->sun_path) {
        snprintf(error, error_size, "%s: the path is too long for a socket (107 bytes at most)",
                 socket.data);
        buf_free(&socket);
        return NULL;
    }
    if (mkdir(folder, 0700) && errno != EEXIST) {
        snprintf(error, error_size, "%s: %s", folder, strerror(errno));
        buf_free(&socket);
        return NULL;
    }
    struct child *c = mem_alloc(sizeof *c);
    c->loop = loop;
    c->program = mem_string(program);
    c->checker = checker_of(program);
    c->folder = mem_string(folder);
    c->socket = buf_take(&socket, NULL);
    c->settings = settings_of(c);
    c->lock = -1;
    c->wait = RESTART_FIRST;
    uv_timer_init(loop, &c->timer);
    c->timer.data = c;
    child_start(c);
    return c;
}

const char *child_socket(const struct child *c)
{
    return c->socket;
}

int child_pid(const struct child *c)
{
    return c->running ? c->process.pid : 0;
}

static void on_kill(uv_timer_t *timer)
{
    struct child *c = timer->data;
    if (c->running)
        uv_process_kill(&c->process, SIGKILL);
}

void child_close(struct child *c, void (*on_closed)(void *ctx), void *ctx)
{
    c->closing = true;
    c->on_closed = on_closed;
    c->ctx = ctx;
    uv_timer_stop(&c->timer);
    if (c->repair)
        repair_cancel(c->repair);
    if (c->running) {
        uv_process_kill(&c->process, SIGTERM);
        uv_timer_start(&c->timer, on_kill, KILL_AFTER, 0);
    }
    finish(c);
}

#include "repair.h"

#include "buf.h"
#include "log.h"
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define AOF_FOLDER  "appendonlydir"
#define MANIFEST    AOF_FOLDER "/appendonly.aof.manifest"
#define TORN_FOLDER "torn"
#define TORN_KEPT   3
#define CUT_MAX     (64LL * 1024 * 1024) /* a longer cut isn't a torn tail but damage */
#define OUTPUT_MAX  (64 * 1024)

enum step { STEP_CHECK, STEP_COPY, STEP_FIX };

struct repair {
    uv_loop_t *loop;
    char *checker, *folder;
    int lock; /* borrowed */
    void (*on_done)(void *ctx, bool ok, const char *words);
    void *ctx;
    enum step step;
    uv_process_t process;
    uv_pipe_t in, out;
    uv_write_t write;
    struct buf output; /* what the program said, its newest part */
    char chunk[4096];
    int handles;
    int64_t status;
    bool running, cancelled;
    char torn[256]; /* name of the torn file */
};

static void run(struct repair *r, char **args);

static char *path_of(const struct repair *r, const char *name)
{
    struct buf path = {0};
    buf_addf(&path, "%s/%s", r->folder, name);
    return buf_take(&path, NULL);
}

static void finish(struct repair *r, bool ok, const char *words)
{
    void (*on_done)(void *ctx, bool ok, const char *words) = r->on_done;
    void *ctx = r->ctx;
    free(r->checker);
    free(r->folder);
    buf_free(&r->output);
    free(r);
    on_done(ctx, ok, words);
}

/* --- the steps ---------------------------------------------------------------------------- */

static void check(struct repair *r, bool fix)
{
    static char fix_flag[] = "--fix";
    char *manifest = path_of(r, MANIFEST);
    char *args[] = {r->checker, fix ? fix_flag : manifest, fix ? manifest : NULL, NULL};
    r->step = fix ? STEP_FIX : STEP_CHECK;
    run(r, args);
    free(manifest);
}

/* "…filename=NAME, size=…, ok_up_to=…, …, diff=N" of the file at fault: the last one named. */
static bool read_verdict(struct repair *r, long long *cut)
{
    const char *at = r->output.data ? r->output.data : "", *last = NULL;
    for (; (at = strstr(at, "filename=")) != NULL; at++)
        last = at;
    const char *diff = last ? strstr(last, "diff=") : NULL;
    if (!diff || sscanf(last, "filename=%255[^,\n]", r->torn) != 1 || strchr(r->torn, '/'))
        return false;
    *cut = strtoll(diff + 5, NULL, 10);
    return *cut > 0;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Of the copies, whose names sort by time, all but the newest few go. */
static void drop_old_copies(const char *folder)
{
    char *names[256];
    size_t n = 0;
    DIR *dir = opendir(folder);
    for (struct dirent *e; dir && (e = readdir(dir)) != NULL && n < 256;)
        if (e->d_name[0] != '.')
            names[n++] = mem_string(e->d_name);
    if (n)
        qsort(names, n, sizeof *names, by_name);
    for (size_t i = 0; i < n; i++) {
        if (i + TORN_KEPT <= n)
            unlinkat(dirfd(dir), names[i], 0);
        free(names[i]);
    }
    if (dir)
        closedir(dir);
}

static void copy(struct repair *r)
{
    static char cp[] = "cp", option[] = "--preserve=timestamps";
    struct buf from = {0}, to = {0};
    char when[32];
    time_t now = time(NULL);
    struct tm parts;
    char *kept = path_of(r, TORN_FOLDER);
    mkdir(kept, 0700); /* if it can't be made, cp tells */
    drop_old_copies(kept);
    strftime(when, sizeof when, "%Y%m%d-%H%M%S", localtime_r(&now, &parts));
    buf_addf(&from, "%s/" AOF_FOLDER "/%s", r->folder, r->torn);
    buf_addf(&to, "%s/%s-%s", kept, when, r->torn);
    char *args[] = {cp, option, from.data, to.data, NULL};
    r->step = STEP_COPY;
    run(r, args);
    buf_free(&from);
    buf_free(&to);
    free(kept);
}

static void after_check(struct repair *r)
{
    long long cut = 0;
    if (r->status == 0) {
        finish(r, true, "");
        return;
    }
    if (!read_verdict(r, &cut)) {
        finish(r, false, "redis-check-aof can't read the append-only file");
        return;
    }
    if (cut > CUT_MAX) {
        finish(r, false, "the append-only file is damaged far from its end: it isn't cut");
        return;
    }
    log_write(LOG_WARN, "aof_torn", "file", r->torn, "cut", log_num(cut), NULL);
    copy(r);
}

static void next_step(struct repair *r)
{
    if (r->cancelled)
        finish(r, false, "stopped");
    else if (r->step == STEP_CHECK)
        after_check(r);
    else if (r->status != 0)
        finish(r, false,
               r->step == STEP_COPY ? "the torn append-only file can't be copied"
                                    : "redis-check-aof can't mend the append-only file");
    else if (r->step == STEP_COPY)
        check(r, true);
    else
        finish(r, true, "");
}

/* --- running a program -------------------------------------------------------------------- */

static void on_closed(uv_handle_t *handle)
{
    struct repair *r = handle->data;
    if (--r->handles == 0)
        next_step(r);
}

static void close_handle(uv_handle_t *handle)
{
    if (!uv_is_closing(handle))
        uv_close(handle, on_closed);
}

static void on_ended(uv_process_t *process, int64_t status, int signal)
{
    struct repair *r = process->data;
    r->status = signal ? -1 : status;
    r->running = false;
    close_handle((uv_handle_t *)&r->process);
    close_handle((uv_handle_t *)&r->in);
}

static void on_alloc(uv_handle_t *handle, size_t size, uv_buf_t *out)
{
    struct repair *r = handle->data;
    (void)size;
    *out = uv_buf_init(r->chunk, sizeof r->chunk);
}

static void on_output(uv_stream_t *stream, ssize_t n, const uv_buf_t *in)
{
    struct repair *r = stream->data;
    if (n < 0) {
        close_handle((uv_handle_t *)stream);
        return;
    }
    if (r->output.len > OUTPUT_MAX)
        buf_reset(&r->output); /* a base file of many keys: what matters comes last */
    buf_add(&r->output, in->base, (size_t)n);
}

static void run(struct repair *r, char **args)
{
    static char yes[] = "y\n";
    uv_stdio_container_t stdio[4] = {
        {.flags = UV_CREATE_PIPE | UV_READABLE_PIPE, .data.stream = (uv_stream_t *)&r->in},
        {.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE, .data.stream = (uv_stream_t *)&r->out},
        {.flags = UV_INHERIT_FD, .data.fd = 2},
        {.flags = UV_INHERIT_FD, .data.fd = r->lock},
    };
    uv_process_options_t options = {
        .file = args[0], .args = args, .exit_cb = on_ended, .stdio = stdio, .stdio_count = 4};
    uv_pipe_init(r->loop, &r->in, 0);
    uv_pipe_init(r->loop, &r->out, 0);
    r->in.data = r->out.data = r->process.data = r;
    r->handles = 3;
    buf_reset(&r->output);
    int status = uv_spawn(r->loop, &r->process, &options);
    r->running = status == 0;
    if (status) {
        log_write(LOG_ERROR, "program_not_started", "program", args[0], "reason",
                  uv_strerror(status), NULL);
        r->status = -1;
        close_handle((uv_handle_t *)&r->process);
        close_handle((uv_handle_t *)&r->in);
        close_handle((uv_handle_t *)&r->out);
        return;
    }
    uv_read_start((uv_stream_t *)&r->out, on_alloc, on_output);
    uv_buf_t answer = uv_buf_init(yes, sizeof yes - 1);
    if (r->step == STEP_FIX)
        uv_write(&r->write, (uv_stream_t *)&r->in, &answer, 1, NULL);
}

struct repair *repair_start(uv_loop_t *loop, const char *checker, const char *folder, int lock,
                            void (*on_done)(void *ctx, bool ok, const char *words), void *ctx)
{
    struct repair *r = mem_alloc(sizeof *r);
    r->loop = loop;
    r->lock = lock;
    r->checker = mem_string(checker);
    r->folder = mem_string(folder);
    r->on_done = on_done;
    r->ctx = ctx;
    check(r, false);
    return r;
}

void repair_cancel(struct repair *r)
{
    r->cancelled = true;
    if (r->running)
        uv_process_kill(&r->process, SIGTERM);
}

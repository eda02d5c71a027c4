#include "recount.h"

#include "date.h"
#include "log.h"
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MINUTE 16 /* length of "2026-11-24T13:05" */

struct recount {
    struct alliance *alliance;
    char *id;
    char *state; /* the folder where we run: that of the settings may have changed since */
    uv_process_t process;
    bool running, came, closing;
    bool due;              /* but the store was away, or one was still running, another's perhaps */
    char last[MINUTE + 1]; /* the minute of the last look */
    char done[MINUTE + 1]; /* the minute for which one was due last */
};

static void minute_now(char out[MINUTE + 1])
{
    char text[40];
    memcpy(out, date_format(date_now(), text), MINUTE);
    out[MINUTE] = '\0';
}

struct recount *recount_new(struct alliance *alliance)
{
    struct recount *r = mem_alloc(sizeof *r);
    r->alliance = alliance;
    r->id = mem_string(alliance_id(alliance));
    r->state = mem_string(alliance->app->config.state_dir);
    minute_now(r->last);
    return r;
}

/* --- the child ---------------------------------------------------------------------------- */

/* Beside the daemon, as in a build folder; else where it is installed; else on the PATH. */
static char *find_tallyctl(void)
{
    static const char *const places[] = {"tallyctl", "../bin/tallyctl"};
    char self[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    self[n > 0 ? n : 0] = '\0';
    char *slash = strrchr(self, '/');
    for (size_t i = 0; slash && i < sizeof places / sizeof *places; i++) {
        struct buf path = {0};
        buf_addf(&path, "%.*s/%s", (int)(slash - self), self, places[i]);
        if (access(path.data, X_OK) == 0)
            return buf_take(&path, NULL);
        buf_free(&path);
    }
    return mem_string("tallyctl");
}

static void recount_free(struct recount *r)
{
    free(r->id);
    free(r->state);
    free(r);
}

static void on_closed(uv_handle_t *handle)
{
    struct recount *r = handle->data;
    r->running = false;
    r->alliance->app->recounting = false;
    if (r->closing)
        recount_free(r);
}

static void on_ended(uv_process_t *process, int64_t status, int signal)
{
    struct recount *r = process->data;
    if (!r->came && !r->closing)
        log_write(LOG_WARN, "recount_failed", "status", log_num(status), "signal", log_num(signal),
                  alliance_label(r->alliance), alliance_id(r->alliance), NULL);
    uv_close((uv_handle_t *)process, on_closed);
}

/* setpriv has the kernel end it with us, whatever we die of; it reads only, so it may be killed. */
static void start(struct recount *r)
{
    static char setpriv[] = "setpriv", option[] = "--pdeathsig", kill[] = "KILL",
                state[] = "--state", alliance[] = "--alliance", verb[] = "verify";
    char *program = find_tallyctl();
    char *args[] = {setpriv, option, kill, program, state, r->state, verb, NULL, NULL, NULL};
    if (r->alliance->app->count > 1) {
        args[7] = alliance;
        args[8] = r->id;
    }
    uv_process_options_t options = {.file = args[0], .args = args, .exit_cb = on_ended};
    r->due = r->came = false;
    r->running = r->alliance->app->recounting = true;
    r->process.data = r;
    int status = uv_spawn(r->alliance->app->loop, &r->process, &options);
    if (status < 0) {
        log_write(LOG_WARN, "recount_failed", "program", program, "reason", uv_strerror(status),
                  alliance_label(r->alliance), alliance_id(r->alliance), NULL);
        uv_close((uv_handle_t *)&r->process, on_closed);
    } else {
        uv_os_setpriority(r->process.pid, UV_PRIORITY_LOW); /* at the usual one it would do too */
        log_write(LOG_INFO, "recount_started", alliance_label(r->alliance),
                  alliance_id(r->alliance), NULL);
    }
    free(program);
}

/* --- when --------------------------------------------------------------------------------- */

/* Has the day's hour struck since the last look? So none is missed where the clock or the zone
 * leaps over it, and none is made twice where they go back. */
static void look(struct recount *r)
{
    const char *at = r->alliance->app->config.recount_at;
    char now[MINUTE + 1], struck[MINUTE + 1];
    minute_now(now);
    memcpy(struck, now, sizeof struck);
    if (*at) {
        memcpy(struck + MINUTE - 5, at, 5);
        if (strcmp(r->last, struck) < 0 && strcmp(struck, now) <= 0 &&
            strcmp(struck, r->done) != 0) {
            memcpy(r->done, struck, sizeof struck);
            r->due = true;
        }
    }
    memcpy(r->last, now, sizeof now);
}

void recount_tick(struct recount *r)
{
    look(r);
    if (r->due && !r->alliance->app->recounting && alliance_is_ready(r->alliance))
        start(r);
}

void recount_came(struct recount *r)
{
    r->came = true;
}

void recount_close(struct recount *r)
{
    r->closing = true;
    if (!r->running)
        recount_free(r);
    else if (!uv_is_closing((uv_handle_t *)&r->process))
        uv_process_kill(&r->process, SIGKILL);
}

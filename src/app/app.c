#include "app.h"

#include "alliance.h"
#include "api.h"
#include "date.h"
#include "files.h"
#include "home.h"
#include "limit.h"
#include "log.h"
#include "notify.h"
#include "reload.h"
#include "stats.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LEAVE_MS 4000 /* over which many screens are sent away */
#define GRACE_MS                                                                                   \
    5000 /* for requests under way; those that wait for a store have their answer then */

bool app_is_ready(const struct app *app)
{
    for (size_t i = 0; i < app->count; i++)
        if (!alliance_is_ready(app->alliances[i]))
            return false;
    return true;
}

struct alliance *app_find(const struct app *app, const char *id, size_t len)
{
    for (size_t i = 0; i < app->count; i++) {
        const char *own = alliance_id(app->alliances[i]);
        if (strlen(own) == len && memcmp(own, id, len) == 0)
            return app->alliances[i];
    }
    return NULL;
}

/* --- time and signals --------------------------------------------------------------------- */

/* From the loop's own turn, so that one which is stuck is seen to be. */
static void tell_manager(const struct app *app)
{
    char lines[160];
    size_t up = 0;
    long long queued = 0;
    for (size_t i = 0; i < app->count; i++) {
        up += store_is_up(app->alliances[i]->store);
        queued += intake_queued(app->alliances[i]->intake);
    }
    snprintf(lines, sizeof lines, "WATCHDOG=1\nSTATUS=store %s, %lld screens, %lld events queued",
             up == app->count ? "up" : "down", stats_get(STAT_SCREENS), queued);
    notify_send(lines);
}

static void on_tick(uv_timer_t *timer)
{
    struct app *app = timer->data;
    tell_manager(app);
    log_tick();
    app->seconds++;
    for (size_t i = 0; i < app->count; i++)
        alliance_tick(app->alliances[i]);
}

static void on_signal(uv_signal_t *signal, int number)
{
    struct app *app = signal->data;
    if (number != SIGHUP) {
        app_close(app);
        return;
    }
    if (app->closing)
        return;
    notify_send("RELOADING=1");
    reload(app);
    notify_send("READY=1");
}

/* --- building ----------------------------------------------------------------------------- */

/* One for all who are to live in it. */
static int open_child(struct app *app, char *error, size_t error_size)
{
    bool wanted = false;
    for (size_t i = 0; i < app->count; i++)
        wanted |= strcmp(app->alliances[i]->listed->redis_url, "private") == 0;
    if (!wanted)
        return 0;
    struct buf folder = {0};
    buf_addf(&folder, "%s/redis", app->config.state_dir);
    app->child = child_open(app->loop, app->config.redis_server, folder.data, error, error_size);
    buf_free(&folder);
    return app->child ? 0 : -1;
}

struct server_options app_server_options(struct app *app)
{
    const struct config *c = &app->config;
    return (struct server_options){
        .listen = c->http_listen,
        .max_connections = c->http_max_connections,
        .address_connections = c->limits_connections,
        .loopback_counts = c->limits_loopback,
        .head_timeout = c->http_head_timeout,
        .body_timeout = c->http_body_timeout,
        .proxies = c->http_trusted_proxies,
        .certificate = c->http_tls_certificate,
        .key = c->http_tls_key,
        .outward = c->followed_count,
        .outward_tls = c->followed_tls,
        .http = api_handler(app),
    };
}

static int open_server(struct app *app, char *error, size_t error_size)
{
    struct buf socket = {0};
    struct server_options options = app_server_options(app);
    buf_addf(&socket, "%s/tallyd.sock", app->config.state_dir);
    options.socket = app->socket;
    options.owner_socket = socket.data;
    app->server = server_open(app->loop, &options, error, error_size);
    buf_free(&socket);
    if (!app->server)
        return -1;
    for (size_t i = 0; i < app->count; i++)
        alliance_start(app->alliances[i], app->server);
    log_write(LOG_INFO, "listening", "address", server_address(app->server), NULL);
    notify_send("READY=1"); /* with the store away too: what is posted is kept and counted later */
    return 0;
}

static void open_clock(struct app *app)
{
    static const int numbers[] = {SIGTERM, SIGINT, SIGHUP};
    app->ticking = true;
    uv_timer_init(app->loop, &app->tick);
    app->tick.data = app;
    uv_timer_start(&app->tick, on_tick, 1000, 1000);
    for (int i = 0; i < 3; i++) {
        uv_signal_init(app->loop, &app->signals[i]);
        app->signals[i].data = app;
        uv_signal_start(&app->signals[i], on_signal, numbers[i]);
    }
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a limit on files is an error like any other */
}

/* The first complaint, for a daemon that doesn't start; --check tells them all. */
struct first {
    char *error;
    size_t size;
};

static void tell_first(void *ctx, const char *file, const struct complaint *c)
{
    struct first *f = ctx;
    if (f->error[0])
        return;
    if (file)
        snprintf(f->error, f->size, "%s:%d: %s%s%s", file, c->line, c->field,
                 c->field[0] ? " " : "", c->message);
    else /* what no line is to blame for, such as a certificate that can't be read */
        snprintf(f->error, f->size, "%s %s", c->field, c->message);
}

static int open_config(struct app *app, char *error, size_t error_size)
{
    struct complaints list = {0};
    const struct app_call *call = &app->call;
    struct first first = {error, error_size};
    error[0] = '\0';
    if (config_load(&app->config, call->config_path, call->config_base, call->overrides, &list)) {
        files_tell_all(&list, call->config_path, tell_first, &first);
        return -1;
    }
    date_zone(app->config.alliance_zone);
    int status = files_judge(&app->config, tell_first, &first);
    app->alliances = mem_alloc(app->config.alliance_count * sizeof(struct alliance *));
    for (size_t i = 0; i < app->config.alliance_count && !status; i++) {
        struct files files;
        status = files_read(&app->config.alliances[i], &files, tell_first, &first);
        if (status)
            break;
        app->alliances[i] = alliance_new(app, &app->config.alliances[i], &files);
        app->count++;
    }
    return status;
}

static int open_alliances(struct app *app, char *error, size_t error_size)
{
    int status = 0;
    for (size_t i = 0; i < app->count && !status; i++)
        status = alliance_open(app->alliances[i], error, error_size);
    return status;
}

int app_open(struct app *app, uv_loop_t *loop, const struct app_call *call, char *error,
             size_t error_size)
{
    memset(app, 0, sizeof *app);
    app->loop = loop;
    app->started = date_now();
    app->call = *call;
    app->lock = -1;
    app->socket = notify_socket();
    if (open_config(app, error, error_size))
        return -2;
    app->lock = home_lock(app->config.state_dir, error, error_size);
    if (app->lock < 0)
        return -1;
    app->pages = pages_load(app->config.http_pages, error, error_size);
    if (!app->pages || open_child(app, error, error_size))
        return -1;
    app->limits = limits_new(&app->config);
    int status = open_alliances(app, error, error_size);
    if (status)
        return status;
    open_clock(app);
    return open_server(app, error, error_size);
}

/* --- the way down: server, clock, alliances, child ----------------------------------------- */

static void on_child_closed(void *ctx)
{
    ((struct app *)ctx)->child = NULL;
}

static void on_left(struct app *app)
{
    if (--app->leaving == 0 && app->child)
        child_close(app->child, on_child_closed, app);
}

/* Who signals once more now is too late, and may not undo an orderly end. */
static void stop_clock(struct app *app)
{
    uv_close((uv_handle_t *)&app->tick, NULL);
    for (int i = 0; i < 3; i++) {
        int number = app->signals[i].signum;
        uv_close((uv_handle_t *)&app->signals[i], NULL);
        signal(number, SIG_IGN);
    }
}

static void on_server_closed(void *ctx)
{
    struct app *app = ctx;
    if (app->ticking)
        stop_clock(app);
    app->leaving = 1;
    for (size_t i = 0; i < app->count; i++)
        app->leaving += alliance_close(app->alliances[i], on_left);
    on_left(app);
}

void app_close(struct app *app)
{
    if (app->closing++)
        return;
    notify_send("STOPPING=1");
    for (size_t i = 0; i < app->count; i++)
        alliance_stop(app->alliances[i]);
    if (!app->server) {
        on_server_closed(app);
        return;
    }
    log_write(LOG_INFO, "stopping", NULL);
    server_close(app->server, LEAVE_MS, GRACE_MS, on_server_closed, app);
}

void app_free(struct app *app)
{
    if (app->server)
        server_free(app->server);
    pages_free(app->pages);
    limits_free(app->limits);
    for (size_t i = 0; i < app->count; i++)
        alliance_free(app->alliances[i]);
    free(app->alliances);
    config_clear(&app->config);
    if (app->lock >= 0)
        close(app->lock);
}

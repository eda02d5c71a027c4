#include "app.h"

#include "api.h"
#include "audit.h"
#include "credentials.h"
#include "date.h"
#include "digest.h"
#include "follow.h"
#include "home.h"
#include "inbox.h"
#include "keep.h"
#include "limit.h"
#include "log.h"
#include "notify.h"
#include "recount.h"
#include "reload.h"
#include "route.h"
#include "screens.h"
#include "stats.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STATUS_SECONDS 15
#define WAIT_FOR_STORE 4500 /* ms: an answer comes within 5 s, with the store or without */
#define LEAVE_MS       4000 /* over which many screens are sent away */
#define GRACE_MS       5000 /* for requests under way; by WAIT_FOR_STORE they have their answer */

const struct board *app_board(struct app *app)
{
    app->board.today = date_day(date_now());
    return &app->board;
}

bool app_is_ready(const struct app *app)
{
    return store_is_up(app->store) && app->board.loaded && app->opening_done &&
           !intake_alarm(app->intake)[0] && !app->closing;
}

/* --- time and signals --------------------------------------------------------------------- */

/* From the loop's own turn, so that one which is stuck is seen to be. */
static void tell_manager(const struct app *app)
{
    char lines[160];
    snprintf(lines, sizeof lines, "WATCHDOG=1\nSTATUS=store %s, %lld screens, %lld events queued",
             store_is_up(app->store) ? "up" : "down", stats_get(STAT_SCREENS),
             intake_queued(app->intake));
    notify_send(lines);
}

static void on_tick(uv_timer_t *timer)
{
    struct app *app = timer->data;
    tell_manager(app);
    log_tick();
    int32_t today = app_board(app)->today;
    if (app->day != today)
        screens_new_day(app->screens);
    app->day = today;
    if (++app->seconds % STATUS_SECONDS == 0)
        screens_status(app->screens);
    screens_tick(app->screens);
    if (app->seconds == 1 && !store_is_up(app->store))
        log_write(LOG_WARN, "store_down", "reason", store_reason(app->store), NULL);
    if (!app->opening_done)
        follow_opening(app);
    if (!app->closing)
        recount_tick(app->recount);
    audit_tick(app->audit);
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

static int open_address(struct app *app, char *error, size_t error_size)
{
    char reason[200];
    if (strcmp(app->config.redis_url, "private") != 0) {
        if (address_read(app->config.redis_url, &app->address, reason, sizeof reason))
            return 0;
        snprintf(error, error_size, "redis.url: %s", reason);
        return -1;
    }
    char *folder = keep_path(app, "redis");
    app->child = child_open(app->loop, app->config.redis_server, folder, error, error_size);
    free(folder);
    if (!app->child)
        return -1;
    app->address.path = mem_string(child_socket(app->child));
    return 0;
}

static int open_journal(struct app *app, char *error, size_t error_size)
{
    char *folder = keep_path(app, "journal");
    struct journal_options options = {.folder = folder,
                                      .max_bytes = (uint64_t)app->config.journal_max_mib << 20,
                                      .segment_bytes = UINT64_C(64) << 20};
    app->journal = journal_open(app->loop, &options, error, error_size);
    free(folder);
    return app->journal ? 0 : -1;
}

static uint64_t shown_rev(void *ctx)
{
    return ((const struct app *)ctx)->board.rev;
}

static size_t known_marks(void *ctx, struct mark out[MARKS_MAX])
{
    return intake_marks(((const struct app *)ctx)->intake, out);
}

static void open_store(struct app *app)
{
    char key[160];
    snprintf(key, sizeof key, "tally:{%s}:meta", catalogue_id(app->catalogue));
    app->route = route_open(app->loop, &app->address, key);
    struct store_options store = {
        .route = app->route,
        .alliance = catalogue_id(app->catalogue),
        .timeout_ms = (unsigned)app->config.redis_timeout,
        .handler = follow_handler(app),
    };
    app->store = store_open(app->loop, &store);
    app->proven = proven_open(app->config.state_dir);
    struct intake_options intake = {.loop = app->loop,
                                    .journal = app->journal,
                                    .store = app->store,
                                    .proven = app->proven,
                                    .wait_ms = WAIT_FOR_STORE,
                                    .shown = shown_rev,
                                    .ctx = app};
    app->intake = intake_open(&intake);
    struct trimmer_options trimmer = {.loop = app->loop,
                                      .store = app->store,
                                      .journal = app->journal,
                                      .proven = app->proven,
                                      .fails_over = route_fails_over(app->route),
                                      .marks = known_marks,
                                      .ctx = app};
    app->trimmer = trimmer_open(&trimmer);
    app->inbox = inbox_open(app);
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
        .http = api_handler(app),
        .live = screens_handler(app->screens),
    };
}

static int open_server(struct app *app, char *error, size_t error_size)
{
    char *socket = keep_path(app, "tallyd.sock");
    struct server_options options = app_server_options(app);
    options.socket = app->socket;
    options.owner_socket = socket;
    app->server = server_open(app->loop, &options, error, error_size);
    free(socket);
    if (!app->server)
        return -1;
    screens_start(app->screens, server_live(app->server));
    log_write(LOG_INFO, "listening", "address", server_address(app->server), NULL);
    notify_send("READY=1"); /* with the store away too: what is posted is kept and counted later */
    return 0;
}

static void open_clock(struct app *app)
{
    static const int numbers[] = {SIGTERM, SIGINT, SIGHUP};
    app->recount = recount_new(app);
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

void app_take_files(struct app *app, const struct files *files)
{
    catalogue_free(app->catalogue);
    free(app->layout);
    app->board.catalogue = app->catalogue = files->catalogue;
    app->layout = files->layout;
}

/* From the line that the pages' build has left beside them, and from the layout. */
void app_note_build(struct app *app)
{
    const struct page *mark = pages_find(app->pages, "/build.txt");
    unsigned char digest[DIGEST_SIZE];
    struct buf both = {0};
    if (mark)
        buf_add(&both, mark->body, mark->len);
    buf_addf(&both, "\n%s", app->layout);
    digest_sha256(both.data, both.len, digest);
    digest_hex(digest, 4, app->build);
    buf_free(&both);
}

static int open_config(struct app *app, char *error, size_t error_size)
{
    struct complaints list = {0};
    const struct app_call *call = &app->call;
    struct first first = {error, error_size};
    struct files files;
    error[0] = '\0';
    if (config_load(&app->config, call->config_path, call->config_base, call->overrides, &list)) {
        files_tell_all(&list, call->config_path, tell_first, &first);
        return -1;
    }
    date_zone(app->config.alliance_zone);
    if (files_read(&app->config, &files, tell_first, &first))
        return -1;
    app_take_files(app, &files);
    app->opening = files.opening;
    return 0;
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
    strcpy(app->newest, "-");
    if (open_config(app, error, error_size))
        return -2;
    app->lock = home_lock(app->config.state_dir, error, error_size);
    if (app->lock < 0)
        return -1;
    if (home_claim(app, error, error_size))
        return -2;
    app->pages = pages_load(app->config.http_pages, error, error_size);
    if (!app->pages)
        return -1;
    app_note_build(app);
    app->guard = guard_new();
    app->limits = limits_new(&app->config);
    app->audit = audit_open(app);
    credentials_load(app);
    owner_backup_remember(app);
    app->board.catalogue = app->catalogue;
    app->board.totals = totals_new();
    app->board.today = app->day = date_day(date_now());
    if (open_journal(app, error, error_size) || open_address(app, error, error_size))
        return -1;
    app->screens = screens_new(app);
    open_store(app);
    open_clock(app);
    return open_server(app, error, error_size);
}

/* --- the way down: server, clock, journal, intake and store, child ------------------------ */

static void on_child_closed(void *ctx)
{
    ((struct app *)ctx)->child = NULL;
}

/* Each of these calls back whoever waits for it, so those who wait end last. */
static void on_journal_closed(void *ctx)
{
    struct app *app = ctx;
    app->journal = NULL;
    if (app->intake) {
        intake_close(app->intake);
        store_close(app->store);
        inbox_close(app->inbox);
        route_close(app->route);
        trimmer_close(app->trimmer);
    }
    if (app->child)
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
    if (app->intake) /* the clock goes with it */
        stop_clock(app);
    if (app->screens)
        screens_stop(app->screens);
    if (app->trimmer)
        trimmer_stop(app->trimmer);
    if (app->journal)
        journal_close(app->journal, on_journal_closed, app);
    else
        on_journal_closed(app);
}

void app_close(struct app *app)
{
    if (app->closing++)
        return;
    notify_send("STOPPING=1");
    if (app->intake)
        recount_close(app->recount);
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
    screens_free(app->screens);
    pages_free(app->pages);
    proven_close(app->proven);
    audit_close(app->audit);
    guard_free(app->guard);
    limits_free(app->limits);
    totals_free(app->board.totals);
    follow_clear(&app->board);
    catalogue_free(app->catalogue);
    free(app->layout);
    free(app->opening);
    address_clear(&app->address);
    config_clear(&app->config);
    if (app->lock >= 0)
        close(app->lock);
}

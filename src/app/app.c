#include "app.h"

#include "api.h"
#include "catalogue_wire.h"
#include "credentials.h"
#include "date.h"
#include "event_wire.h"
#include "follow.h"
#include "inbox.h"
#include "log.h"
#include "screens.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define STATUS_SECONDS 15
#define WAIT_FOR_STORE 4500 /* ms: an answer comes within 5 s, with the store or without */
#define GRACE_MS       3000

const struct board *app_board(struct app *app)
{
    int64_t now = date_now();
    if (app->store && store_is_up(app->store))
        app->board.as_of = now;
    app->board.today = date_day(now);
    return &app->board;
}

bool app_is_ready(const struct app *app)
{
    return store_is_up(app->store) && app->board.loaded && app->opening_done &&
           !intake_alarm(app->intake)[0] && !app->closing;
}

/* --- time and signals --------------------------------------------------------------------- */

static void on_tick(uv_timer_t *timer)
{
    struct app *app = timer->data;
    int32_t today = app_board(app)->today;
    if (app->day != today)
        screens_new_day(app->screens);
    app->day = today;
    if (++app->seconds % STATUS_SECONDS == 0)
        screens_status(app->screens);
    if (app->seconds == 1 && !store_is_up(app->store))
        log_write(LOG_WARN, "store_down", "reason", store_reason(app->store), NULL);
    if (!app->opening_done)
        follow_opening(app);
}

static void reload(struct app *app);

static void on_signal(uv_signal_t *signal, int number)
{
    struct app *app = signal->data;
    if (number == SIGHUP)
        reload(app);
    else
        app_close(app);
}

/* --- building ----------------------------------------------------------------------------- */

static char *read_file(const char *path, size_t *len, char *error, size_t error_size)
{
    struct buf b = {0};
    char chunk[8192];
    size_t n;
    FILE *f = fopen(path, "rb");
    if (!f) {
        snprintf(error, error_size, "%s: %s", path, strerror(errno));
        return NULL;
    }
    while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
        buf_add(&b, chunk, n);
    fclose(f);
    return buf_take(&b, len);
}

struct catalogue *app_read_catalogue(const struct config *config, char **opening,
                                     struct complaints *complaints)
{
    char error[300];
    size_t len;
    char *text = read_file(config->alliance_file, &len, error, sizeof error);
    if (!text) {
        complaints_add(complaints, 0, "", "%s", error);
        return NULL;
    }
    struct catalogue *c = catalogue_read(text, len, opening, complaints);
    free(text);
    if (c && *opening) {
        struct faults faults = {0};
        struct events events;
        char message[400];
        events_read(*opening, strlen(*opening), false, &events, &faults);
        for (size_t i = 0; i < events.count; i++)
            if (events.list[i].kind < EVENT_KINDS)
                event_check(&events.list[i], c, INT64_MAX / 2, (int)i, &faults);
        for (size_t i = 0; i < faults.count; i++)
            complaints_add(complaints, 0, "opening", "%s",
                           fault_message(&faults.list[i], LANG_EN, message, sizeof message));
        events_clear(&events);
        faults_free(&faults);
    }
    return c;
}

static int lock_state(struct app *app, char *error, size_t error_size)
{
    struct buf path = {0};
    char pid[24] = "";
    umask(077); /* what is kept is nobody else's to read, the private Redis' files included */
    if (mkdir(app->config.state_dir, 0700) && errno != EEXIST) {
        snprintf(error, error_size, "%s: %s", app->config.state_dir, strerror(errno));
        return -1;
    }
    buf_addf(&path, "%s/lock", app->config.state_dir);
    app->lock = open(path.data, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    int status = app->lock < 0 ? -1 : flock(app->lock, LOCK_EX | LOCK_NB);
    if (app->lock < 0) {
        snprintf(error, error_size, "%s: %s", path.data, strerror(errno));
    } else if (status) {
        ssize_t n = pread(app->lock, pid, sizeof pid - 1, 0);
        pid[n > 0 ? n : 0] = '\0';
        snprintf(error, error_size,
                 "%s: another tallyd (process %s) runs on this state folder; give each its own "
                 "with --state",
                 app->config.state_dir, pid[0] ? pid : "unknown");
    } else if (ftruncate(app->lock, 0) || dprintf(app->lock, "%d", (int)getpid()) < 0) {
        snprintf(error, error_size, "%s: %s", path.data, strerror(errno));
        status = -1;
    }
    buf_free(&path);
    return status;
}

static char *in_state(const struct app *app, const char *name)
{
    struct buf path = {0};
    buf_addf(&path, "%s/%s", app->config.state_dir, name);
    return buf_take(&path, NULL);
}

static int open_address(struct app *app, char *error, size_t error_size)
{
    char reason[200];
    if (strcmp(app->config.redis_url, "private") != 0) {
        if (address_read(app->config.redis_url, &app->address, reason, sizeof reason))
            return 0;
        snprintf(error, error_size, "redis.url: %s", reason);
        return -1;
    }
    char *folder = in_state(app, "redis");
    app->child = child_open(app->loop, app->config.redis_server, folder, error, error_size);
    free(folder);
    if (!app->child)
        return -1;
    app->address.path = mem_string(child_socket(app->child));
    return 0;
}

static int open_journal(struct app *app, char *error, size_t error_size)
{
    char *folder = in_state(app, "journal");
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
    struct store_options store = {
        .address = &app->address,
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
    struct trimmer_options trimmer = {app->loop,   app->store,  app->journal,
                                      app->proven, known_marks, app};
    app->trimmer = trimmer_open(&trimmer);
    app->inbox = inbox_open(app);
}

static int open_server(struct app *app, char *error, size_t error_size)
{
    char *socket = in_state(app, "tallyd.sock");
    struct server_options options = {
        .listen = app->config.http_listen,
        .owner_socket = socket,
        .max_connections = app->config.http_max_connections,
        .body_timeout = app->config.http_body_timeout,
        .http = api_handler(app),
        .live = screens_handler(app->screens),
    };
    app->server = server_open(app->loop, &options, error, error_size);
    free(socket);
    if (!app->server)
        return -1;
    screens_start(app->screens, server_live(app->server));
    log_write(LOG_INFO, "listening", "address", server_address(app->server), NULL);
    return 0;
}

static void open_clock(struct app *app)
{
    static const int numbers[] = {SIGTERM, SIGINT, SIGHUP};
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

static void first_complaint(const struct complaints *list, const char *file, char *error,
                            size_t error_size)
{
    if (list->count)
        snprintf(error, error_size, "%s:%d: %s %s", file ? file : "configuration",
                 list->list[0].line, list->list[0].field, list->list[0].message);
}

static int open_config(struct app *app, char *error, size_t error_size)
{
    struct complaints list = {0};
    const struct app_call *call = &app->call;
    int status =
        config_load(&app->config, call->config_path, call->config_base, call->overrides, &list);
    first_complaint(&list, call->config_path, error, error_size);
    if (status == 0) {
        date_zone(app->config.alliance_zone);
        app->catalogue = app_read_catalogue(&app->config, &app->opening, &list);
        first_complaint(&list, app->config.alliance_file, error, error_size);
        status = list.count ? -1 : 0;
    }
    complaints_free(&list);
    return status;
}

int app_open(struct app *app, uv_loop_t *loop, const struct app_call *call, char *error,
             size_t error_size)
{
    memset(app, 0, sizeof *app);
    app->loop = loop;
    app->call = *call;
    app->lock = -1;
    strcpy(app->newest, "-");
    if (open_config(app, error, error_size))
        return -2;
    if (lock_state(app, error, error_size))
        return -1;
    app->pages = pages_load(app->config.http_pages, error, error_size);
    if (!app->pages)
        return -1;
    app->guard = guard_new();
    credentials_load(app);
    app->board.catalogue = app->catalogue;
    app->board.totals = totals_new();
    app->board.as_of = date_now();
    app->board.today = app->day = date_day(app->board.as_of);
    if (open_journal(app, error, error_size) || open_address(app, error, error_size))
        return -1;
    app->screens = screens_new(app);
    open_store(app);
    open_clock(app);
    return open_server(app, error, error_size);
}

static void log_complaints(const struct complaints *list, const char *file)
{
    char line[16];
    for (size_t i = 0; i < list->count; i++) {
        snprintf(line, sizeof line, "%d", list->list[i].line);
        log_write(LOG_ERROR, "reload_refused", "file", file, "line", line, "field",
                  list->list[i].field, "reason", list->list[i].message, NULL);
    }
}

/* The new configuration and catalogue; NULL, and logged, if either isn't good. */
static struct catalogue *read_again(struct app *app, struct config *fresh)
{
    struct complaints list = {0};
    char *opening = NULL;
    struct catalogue *c = NULL;
    const struct app_call *call = &app->call;
    if (config_load(fresh, call->config_path, call->config_base, call->overrides, &list)) {
        log_complaints(&list, call->config_path);
    } else {
        c = app_read_catalogue(fresh, &opening, &list);
        if (c && strcmp(catalogue_id(c), catalogue_id(app->catalogue)) != 0)
            complaints_add(&list, 0, "alliance.id", "can't change while running: restart for that");
        log_complaints(&list, fresh->alliance_file);
    }
    if (list.count) {
        catalogue_free(c);
        config_clear(fresh);
        c = NULL;
    }
    free(opening);
    complaints_free(&list);
    return c;
}

/* A bad file changes nothing. What can change while running: the catalogue, origins, viewers,
 * the pace of pushes, the log's level. */
static void reload(struct app *app)
{
    struct config fresh;
    struct catalogue *c = read_again(app, &fresh);
    if (!c)
        return;
    catalogue_free(app->catalogue);
    app->board.catalogue = app->catalogue = c;
    config_clear(&app->config);
    app->config = fresh;
    screens_reset(app->screens);
    log_write(LOG_INFO, "reloaded", NULL);
}

/* --- the way down: server, journal, intake and store, child ------------------------------- */

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
        trimmer_close(app->trimmer);
    }
    if (app->child)
        child_close(app->child, on_child_closed, app);
}

static void on_server_closed(void *ctx)
{
    struct app *app = ctx;
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
    if (app->intake) { /* the clock goes with it */
        uv_close((uv_handle_t *)&app->tick, NULL);
        for (int i = 0; i < 3; i++)
            uv_close((uv_handle_t *)&app->signals[i], NULL);
    }
    if (app->screens)
        screens_stop(app->screens);
    if (!app->server) {
        on_server_closed(app);
        return;
    }
    log_write(LOG_INFO, "stopping", NULL);
    server_close(app->server, GRACE_MS, on_server_closed, app);
}

void app_free(struct app *app)
{
    if (app->server)
        server_free(app->server);
    screens_free(app->screens);
    pages_free(app->pages);
    proven_close(app->proven);
    guard_free(app->guard);
    totals_free(app->board.totals);
    follow_clear(&app->board);
    catalogue_free(app->catalogue);
    free(app->opening);
    address_clear(&app->address);
    config_clear(&app->config);
    if (app->lock >= 0)
        close(app->lock);
}

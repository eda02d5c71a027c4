#include "reload.h"

#include "history.h"
#include "limit.h"
#include "log.h"
#include "screens.h"
#include "setting.h"
#include <stdlib.h>
#include <string.h>

static void log_refusal(void *ctx, const char *file, const struct complaint *c)
{
    (void)ctx;
    log_write(LOG_ERROR, "reload_refused", "file", file ? file : "configuration", "line",
              log_num(c->line), "field", c->field, "reason", c->message, NULL);
}

/* The new configuration and its files; -1, and logged, if any of it isn't good. */
static int read_again(struct app *app, struct config *fresh, struct files *files)
{
    struct complaints list = {0};
    const struct app_call *call = &app->call;
    if (config_load(fresh, call->config_path, call->config_base, call->overrides, &list)) {
        files_tell_all(&list, call->config_path, log_refusal, NULL);
        return -1;
    }
    if (files_read(fresh, files, log_refusal, NULL) == 0) {
        if (strcmp(catalogue_id(files->catalogue), catalogue_id(app->catalogue)) != 0)
            complaints_add(&list, 0, "alliance.id", "can't change while running: restart for that");
        else
            history_judge(app, files->catalogue, &list);
        if (files_tell_all(&list, fresh->alliance_file, log_refusal, NULL) == 0)
            return 0;
        files_clear(files);
    }
    config_clear(fresh);
    return -1;
}

static void keep(struct app *app, struct config *fresh, const struct setting *s)
{
    if (setting_same(&app->config, fresh, s))
        return;
    log_write(LOG_WARN, "restart_needed", "setting", s->key, NULL);
    setting_swap(&app->config, fresh, s);
}

/* What runs as it was started must stay in the settings too: paths are built from them. */
static void keep_fixed(struct app *app, struct config *fresh)
{
    bool was = *app->config.http_tls_certificate, is = *fresh->http_tls_certificate;
    for (size_t i = 0; i < SETTINGS; i++)
        if (settings[i].restart)
            keep(app, fresh, &settings[i]);
    if (was != is) {
        keep(app, fresh, setting_find("http.tls_certificate"));
        keep(app, fresh, setting_find("http.tls_key"));
    }
}

/* Origins, the pace of pushes, and the hours and months of recount, links and audit are looked up
 * where they are used. */
static void apply(struct app *app)
{
    struct server_options options = app_server_options(app);
    log_level(log_level_of(app->config.log_level));
    limits_reload(app->limits, &app->config);
    if (app->server && !app->closing)
        server_reload(app->server, &options);
    screens_check(app->screens);
}

void reload(struct app *app)
{
    struct config fresh;
    struct files files;
    char build[sizeof app->build];
    if (read_again(app, &fresh, &files))
        return;
    app_take_files(app, &files);
    free(files.opening); /* is counted at the start only */
    keep_fixed(app, &fresh);
    config_clear(&app->config);
    app->config = fresh;
    memcpy(build, app->build, sizeof build);
    app_note_build(app);
    if (app->board.loaded)
        history_note(app);
    apply(app);
    screens_reset(app->screens);
    if (strcmp(build, app->build) != 0)
        screens_status(app->screens);
    log_write(LOG_INFO, "reloaded", NULL);
}

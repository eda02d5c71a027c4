#include "reload.h"

#include "alliance.h"
#include "history.h"
#include "limit.h"
#include "listed.h"
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

/* What has been read again: the settings, and of each alliance its files. */
struct fresh {
    struct config config;
    struct files *files;
    size_t count; /* of which there are files */
};

static void clear(struct fresh *f)
{
    for (size_t i = 0; i < f->count; i++)
        files_clear(&f->files[i]);
    free(f->files);
    config_clear(&f->config);
}

/* Its files go on from what there is of it. -1, and logged, if they don't; then OUT is empty. */
static int read_alliance(const struct alliance *a, const struct listed *listed, struct files *out)
{
    struct complaints list = {0};
    if (files_read(listed, out, log_refusal, NULL) != 0)
        return -1;
    if (strcmp(catalogue_id(out->catalogue), alliance_id(a)) != 0)
        complaints_add(&list, 0, "alliance.id", "can't change while running: restart for that");
    else
        history_judge(a, out->catalogue, &list);
    if (files_tell_all(&list, listed->file, log_refusal, NULL) == 0)
        return 0;
    files_clear(out);
    return -1;
}

static bool is_same_list(const struct app *app, const struct config *config)
{
    if (config->alliance_count != app->count)
        return false;
    for (size_t i = 0; i < app->count; i++) {
        const char *id = config->alliances[i].id; /* NULL: its catalogue says it, and is judged */
        if (id && strcmp(id, alliance_id(app->alliances[i])) != 0)
            return false;
        if (!listed_same_members(&config->alliances[i], &app->config.alliances[i]))
            return false;
    }
    return true;
}

/* The new configuration and its files; -1, and logged, if any of it isn't good. */
static int read_again(struct app *app, struct fresh *f)
{
    struct complaints list = {0};
    const struct app_call *call = &app->call;
    *f = (struct fresh){0};
    if (config_load(&f->config, call->config_path, call->config_base, call->overrides, &list)) {
        files_tell_all(&list, call->config_path, log_refusal, NULL);
        return -1;
    }
    if (!is_same_list(app, &f->config)) {
        complaints_add(&list, 0, "alliances", "can't change while running: restart for that");
        files_tell_all(&list, call->config_path, log_refusal, NULL);
        clear(f);
        return -1;
    }
    int status = files_judge(&f->config, log_refusal, NULL);
    f->files = mem_alloc(app->count * sizeof *f->files);
    f->count = app->count;
    for (size_t i = 0; i < app->count; i++)
        if (read_alliance(app->alliances[i], &f->config.alliances[i], &f->files[i]))
            status = -1;
    if (status)
        clear(f);
    return status;
}

static void keep(struct app *app, struct config *fresh, const struct setting *s)
{
    if (setting_same(&app->config, fresh, s))
        return;
    log_write(LOG_WARN, "restart_needed", "setting", s->key, NULL);
    setting_swap(&app->config, fresh, s);
}

static void keep_store(struct listed *was, struct listed *is)
{
    char *url = is->redis_url;
    if (strcmp(was->redis_url, is->redis_url) == 0)
        return;
    if (is->id) /* else redis.url has been told of */
        log_write(LOG_WARN, "restart_needed", "setting", "alliances.redis", NULL);
    is->redis_url = was->redis_url;
    was->redis_url = url;
}

/* What runs as it was started must stay in the settings too: paths are built from them. */
static void keep_fixed(struct app *app, struct config *fresh)
{
    bool was = *app->config.http_tls_certificate, is = *fresh->http_tls_certificate;
    for (size_t i = 0; i < SETTINGS; i++)
        if (settings[i].restart)
            keep(app, fresh, &settings[i]);
    for (size_t i = 0; i < app->count; i++)
        keep_store(&app->config.alliances[i], &fresh->alliances[i]);
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
    for (size_t i = 0; i < app->count; i++)
        screens_check(app->alliances[i]->screens);
}

static void renew(struct alliance *a, const struct listed *listed, struct files *files)
{
    char build[sizeof a->build];
    a->listed = listed;
    alliance_take_files(a, files);
    free(files->opening); /* is counted at the start only */
    memcpy(build, a->build, sizeof build);
    alliance_note_build(a);
    if (a->board.loaded)
        history_note(a);
    screens_reset(a->screens);
    if (strcmp(build, a->build) != 0)
        screens_status(a->screens);
}

void reload(struct app *app)
{
    struct fresh fresh;
    if (read_again(app, &fresh))
        return;
    keep_fixed(app, &fresh.config);
    config_clear(&app->config);
    app->config = fresh.config;
    for (size_t i = 0; i < app->count; i++)
        renew(app->alliances[i], &app->config.alliances[i], &fresh.files[i]);
    free(fresh.files);
    apply(app);
    log_write(LOG_INFO, "reloaded", NULL);
}

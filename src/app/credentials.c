#include "credentials.h"

#include "buf.h"
#include "digest.h"
#include "log.h"
#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void add_token(struct app *app, const char *name, const char *json)
{
    cJSON *t = cJSON_Parse(json);
    const cJSON *hash = cJSON_GetObjectItemCaseSensitive(t, "hash");
    const cJSON *role = cJSON_GetObjectItemCaseSensitive(t, "role");
    const cJSON *unit = cJSON_GetObjectItemCaseSensitive(t, "unit");
    struct identity who = {ROLE_NONE, "", ""};
    snprintf(who.name, sizeof who.name, "%s", name);
    if (cJSON_IsString(unit))
        snprintf(who.unit, sizeof who.unit, "%s", unit->valuestring);
    if (cJSON_IsString(role))
        who.role = role_find(role->valuestring);
    if (cJSON_IsString(hash) && who.role != ROLE_NONE)
        guard_add(app->guard, hash->valuestring, &who);
    cJSON_Delete(t);
}

static char *path_of(const struct app *app, const char *name)
{
    struct buf path = {0};
    buf_addf(&path, "%s/%s", app->config.state_dir, name);
    return buf_take(&path, NULL);
}

/* Written beside and renamed, so that a reader finds the old or the new, never half of one. */
static int write_file(const char *path, const struct buf *text)
{
    struct buf beside = {0};
    buf_addf(&beside, "%s.new", path);
    int fd = open(beside.data, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    int status = fd < 0 || write(fd, text->data, text->len) != (ssize_t)text->len ||
                 fdatasync(fd) || rename(beside.data, path);
    if (status)
        log_write(LOG_WARN, "credentials_not_kept", "reason", strerror(errno), NULL);
    if (fd >= 0)
        close(fd);
    buf_free(&beside);
    return status;
}

/* Lines "NAME JSON" of what the app knows now; written only when that has changed. */
static void save(struct app *app, const struct buf *tokens)
{
    unsigned char digest[DIGEST_SIZE];
    char hex[2 * STORE_SECRET + 1];
    struct buf text = {0};
    if (!app->secret_known)
        return;
    buf_addf(&text, "%s\n", digest_hex(app->secret, STORE_SECRET, hex));
    buf_add(&text, tokens->data, tokens->len);
    digest_sha256(text.data, text.len, digest);
    if (memcmp(digest, app->kept, sizeof digest) != 0) {
        char *path = path_of(app, "credentials");
        if (write_file(path, &text) == 0)
            memcpy(app->kept, digest, sizeof digest);
        free(path);
    }
    buf_free(&text);
}

void credentials_take(struct app *app, const redisReply *pairs)
{
    struct buf lines = {0};
    guard_clear(app->guard);
    for (size_t i = 0; i + 1 < pairs->elements; i += 2) {
        add_token(app, pairs->element[i]->str, pairs->element[i + 1]->str);
        buf_addf(&lines, "%s %s\n", pairs->element[i]->str, pairs->element[i + 1]->str);
    }
    app->guard_known = true;
    save(app, &lines);
    buf_free(&lines);
}

void credentials_take_secret(struct app *app, const unsigned char secret[STORE_SECRET])
{
    memcpy(app->secret, secret, STORE_SECRET);
    app->secret_known = true;
}

static bool read_secret(struct app *app, const char *hex)
{
    for (int i = 0; i < STORE_SECRET; i++) {
        unsigned byte;
        if (sscanf(hex + 2 * i, "%2x", &byte) != 1)
            return false;
        app->secret[i] = (unsigned char)byte;
    }
    return true;
}

void credentials_restore(struct app *app, const char *hex)
{
    app->secret_known = read_secret(app, hex);
    store_set_secret(app->store, app->secret);
}

void credentials_load(struct app *app)
{
    char line[1024];
    char *path = path_of(app, "credentials");
    FILE *f = fopen(path, "r");
    free(path);
    if (!f)
        return;
    if (fgets(line, sizeof line, f) && strlen(line) == 2 * STORE_SECRET + 1)
        app->secret_known = read_secret(app, line);
    while (app->secret_known && fgets(line, sizeof line, f)) {
        char *json = strchr(line, ' ');
        if (!json)
            continue;
        *json++ = '\0';
        add_token(app, line, json);
        app->guard_known = true;
    }
    fclose(f);
}

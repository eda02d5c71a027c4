#include "credentials.h"

#include "buf.h"
#include "digest.h"
#include "keep.h"
#include "log.h"
#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SESSION_MARK "@" /* no name begins so */

static void add_token(struct alliance *alliance, const char *name, const char *json)
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
        guard_add(alliance->guard, hash->valuestring, &who);
    cJSON_Delete(t);
}

void credentials_note(struct alliance *alliance, const char *name, const char *json)
{
    if (!guard_has(alliance->guard, name))
        add_token(alliance, name, json);
}

static int64_t number_of(const cJSON *o, const char *name)
{
    const cJSON *v = cJSON_GetObjectItemCaseSensitive(o, name);
    return cJSON_IsNumber(v) && v->valuedouble > 0 && v->valuedouble < 1e12
               ? (int64_t)v->valuedouble
               : 0;
}

/* What is remembered of it goes to LINES (unless NULL): all but when it was seen, which changes
 * every hour. */
static void add_session(struct alliance *alliance, const char *hash, const char *json,
                        struct buf *lines)
{
    cJSON *s = cJSON_Parse(json);
    const cJSON *name = cJSON_GetObjectItemCaseSensitive(s, "name");
    int64_t created = number_of(s, "created"), seen = number_of(s, "seen");
    if (cJSON_IsString(name) && event_id_ok(name->valuestring)) {
        guard_add_session(alliance->guard, hash, name->valuestring, created, seen ? seen : created);
        if (lines)
            buf_addf(lines, "%s%s {\"name\":\"%s\",\"created\":%lld}\n", SESSION_MARK, hash,
                     name->valuestring, (long long)created);
    }
    cJSON_Delete(s);
}

/* Lines "NAME JSON" of tokens, then "@HASH JSON" of sessions, as the alliance knows them now;
 * written only when that has changed. */
static bool save(struct alliance *alliance, const struct buf *tokens)
{
    unsigned char digest[DIGEST_SIZE];
    char hex[2 * STORE_SECRET + 1];
    struct buf text = {0};
    if (!alliance->secret_known)
        return true;
    buf_addf(&text, "%s\n", digest_hex(alliance->secret, STORE_SECRET, hex));
    buf_add(&text, tokens->data, tokens->len);
    digest_sha256(text.data, text.len, digest);
    bool changed = memcmp(digest, alliance->kept, sizeof digest) != 0;
    if (changed && keep_write(alliance->folder, "credentials", &text) == 0)
        memcpy(alliance->kept, digest, sizeof digest);
    else if (changed)
        log_write(LOG_WARN, "credentials_not_kept", "reason", strerror(errno), NULL);
    buf_free(&text);
    return changed;
}

bool credentials_take(struct alliance *alliance, const redisReply *tokens,
                      const redisReply *sessions)
{
    struct buf lines = {0};
    guard_clear(alliance->guard);
    for (size_t i = 0; i + 1 < tokens->elements; i += 2) {
        add_token(alliance, tokens->element[i]->str, tokens->element[i + 1]->str);
        buf_addf(&lines, "%s %s\n", tokens->element[i]->str, tokens->element[i + 1]->str);
    }
    for (size_t i = 0; i + 1 < sessions->elements; i += 2)
        add_session(alliance, sessions->element[i]->str, sessions->element[i + 1]->str, &lines);
    alliance->guard_known = true;
    bool changed = save(alliance, &lines);
    buf_free(&lines);
    return changed;
}

void credentials_take_secret(struct alliance *alliance, const unsigned char secret[STORE_SECRET])
{
    memcpy(alliance->secret, secret, STORE_SECRET);
    alliance->secret_known = true;
}

static bool read_secret(struct alliance *alliance, const char *hex)
{
    for (int i = 0; i < STORE_SECRET; i++) {
        unsigned byte;
        if (sscanf(hex + 2 * i, "%2x", &byte) != 1)
            return false;
        alliance->secret[i] = (unsigned char)byte;
    }
    return true;
}

void credentials_restore(struct alliance *alliance, const char *hex)
{
    alliance->secret_known = read_secret(alliance, hex);
    store_set_secret(alliance->store, alliance->secret);
}

void credentials_load(struct alliance *alliance)
{
    char line[1024];
    char *path = keep_path(alliance->folder, "credentials");
    FILE *f = fopen(path, "r");
    free(path);
    if (!f)
        return;
    if (fgets(line, sizeof line, f) && strlen(line) == 2 * STORE_SECRET + 1)
        alliance->secret_known = read_secret(alliance, line);
    while (alliance->secret_known && fgets(line, sizeof line, f)) {
        char *json = strchr(line, ' ');
        if (!json)
            continue;
        *json++ = '\0';
        if (line[0] == SESSION_MARK[0])
            add_session(alliance, line + 1, json, NULL);
        else
            add_token(alliance, line, json);
        alliance->guard_known = true;
    }
    fclose(f);
}

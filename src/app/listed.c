#include "listed.h"

#include "event.h"
#include "json.h"
#include "setting.h"
#include "url.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIST          "alliances"
#define TOKEN_LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/="

/* An id is a part of addresses, of a cookie's name and of a folder's. */
static bool is_id(const char *text)
{
    return event_id_ok(text) && isalnum((unsigned char)text[0]) && !strchr(text, ':');
}

static bool is_file(const char *text)
{
    return event_text_length(text) > 0;
}

static bool is_redis(const char *text)
{
    return setting_find("redis.url")->check(text);
}

static bool is_token(const char *text)
{
    size_t len = strlen(text);
    return len > 0 && len <= 200 && strspn(text, TOKEN_LETTERS) == len;
}

/* ---- one ---- */

struct key {
    const char *name;
    bool (*check)(const char *text);
    const char *allowed;
    size_t offset;
    bool needed, path, secret;
};

static const struct key alliance_fields[] = {
    {"id", is_id, "1 to 64 of A-Z a-z 0-9 . _ -, a letter or digit first",
     offsetof(struct listed, id), true, false, false},
    {"file", is_file, "the path of a catalogue", offsetof(struct listed, file), true, true, false},
    {"screen", is_file, "the path of a layout", offsetof(struct listed, screen), false, true,
     false},
    {"redis", is_redis, "what redis.url may be", offsetof(struct listed, redis_url), false, false,
     true},
};
#define ALLIANCE_FIELDS (sizeof alliance_fields / sizeof *alliance_fields)

static const struct key member_fields[] = {
    {"id", event_id_ok, "the id of a community in the catalogue", offsetof(struct followed, id),
     true, false, false},
    {"url", url_ok, "\"http://host:port/\" or \"http://host:port/a/ID/\", https too",
     offsetof(struct followed, url), true, false, false},
    {"screen", url_ok, "as url", offsetof(struct followed, screen), false, false, false},
    {"token", is_token, "a token that may view, as tallyctl token add gives it",
     offsetof(struct followed, token), false, false, true},
};
#define MEMBER_FIELDS (sizeof member_fields / sizeof *member_fields)

static void read_field(void *target, const struct key *f, const cJSON *object,
                       const struct judged_file *file, const char *at, const char *base)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, f->name);
    struct field_path path = field_at("%s.%s", at, f->name);
    if (!item && f->needed) {
        complain(file, path.text, "missing; allowed: %s", f->allowed);
    } else if (item && (!cJSON_IsString(item) || !f->check(item->valuestring))) {
        if (f->secret) /* it may hold a password */
            complain(file, path.text, "found what is not shown here; allowed: %s", f->allowed);
        else
            complain_found(file, path.text, item, f->allowed);
    } else if (item) {
        char **text = (char **)(void *)((char *)target + f->offset);
        *text = f->path ? setting_path(base, item->valuestring) : mem_string(item->valuestring);
    }
}

static void read_members(struct listed *l, const cJSON *list, const struct judged_file *file,
                         const char *above)
{
    static const char *const allowed[] = {"id", "url", "screen", "token", NULL};
    struct field_path path = field_at("%s.members", above);
    const cJSON *item;
    int count = cJSON_GetArraySize(list);
    if (!cJSON_IsArray(list) || count < 1 || count > LISTED_MAX) {
        complain_found(file, path.text, list, "a list of 1 to 1,000 alliances");
        return;
    }
    l->members = mem_alloc((size_t)count * sizeof *l->members);
    cJSON_ArrayForEach(item, list)
    {
        struct field_path at = field_at("%s[%zu]", path.text, l->member_count);
        struct followed *m = &l->members[l->member_count++];
        if (!cJSON_IsObject(item)) {
            complain_found(file, at.text, item, "an object with id and url");
            continue;
        }
        complain_unknown(file, at.text, item, allowed);
        for (size_t i = 0; i < MEMBER_FIELDS; i++)
            read_field(m, &member_fields[i], item, file, at.text, NULL);
        for (size_t i = 0; m->id && i + 1 < l->member_count; i++)
            if (l->members[i].id && strcmp(l->members[i].id, m->id) == 0)
                complain(file, field_at("%s.id", at.text).text,
                         "found \"%s\" a second time; allowed: each id once", m->id);
    }
}

static bool is_taken(const struct config *c, const char *id)
{
    for (size_t i = 0; id && i + 1 < c->alliance_count; i++)
        if (c->alliances[i].id && strcmp(c->alliances[i].id, id) == 0)
            return true;
    return false;
}

static void read_one(struct config *out, const cJSON *object, const struct judged_file *file,
                     const char *base)
{
    static const char *const allowed[] = {"id", "file", "screen", "redis", "members", NULL};
    struct field_path at = field_at(LIST "[%zu]", out->alliance_count);
    struct listed *l = &out->alliances[out->alliance_count++];
    if (!cJSON_IsObject(object)) {
        complain_found(file, at.text, object, "an object with id and file");
        return;
    }
    complain_unknown(file, at.text, object, allowed);
    for (size_t i = 0; i < ALLIANCE_FIELDS; i++)
        read_field(l, &alliance_fields[i], object, file, at.text, base);
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(object, "members");
    if (list)
        read_members(l, list, file, at.text);
    if (is_taken(out, l->id))
        complain(file, field_at("%s.id", at.text).text,
                 "found \"%s\" a second time; allowed: each id once", l->id);
}

/* ---- all ---- */

static void clear_members(struct listed *l)
{
    for (size_t i = 0; i < l->member_count; i++) {
        free(l->members[i].id);
        free(l->members[i].url);
        free(l->members[i].screen);
        free(l->members[i].token);
    }
    free(l->members);
}

void listed_clear(struct config *c)
{
    for (size_t i = 0; i < c->alliance_count; i++) {
        free(c->alliances[i].id);
        free(c->alliances[i].file);
        free(c->alliances[i].screen);
        free(c->alliances[i].redis_url);
        clear_members(&c->alliances[i]);
    }
    free(c->alliances);
    c->alliances = NULL;
    c->alliance_count = 0;
}

void listed_read(struct config *out, const cJSON *item, const struct judged_file *file,
                 const char *base)
{
    const cJSON *one;
    int count = cJSON_GetArraySize(item);
    listed_clear(out);
    if (!cJSON_IsArray(item) || count > LISTED_MAX) {
        complain_found(file, LIST, item, "a list of at most 1,000 alliances");
        return;
    }
    out->alliances = mem_alloc(((size_t)count + 1) * sizeof *out->alliances);
    cJSON_ArrayForEach(one, item)
    {
        read_one(out, one, file, base);
    }
}

void listed_read_text(struct config *out, const char *name, const char *text,
                      struct complaints *complaints, const char *base)
{
    struct faults faults = {0};
    const struct judged_file file = {"", 0, complaints};
    cJSON *item = json_parse(text, strlen(text), -1, &faults);
    if (item)
        listed_read(out, item, &file, base);
    else
        complaints_add(complaints, 0, name, "found what isn't JSON; allowed: a list of alliances");
    cJSON_Delete(item);
    faults_free(&faults);
}

void listed_complete(struct config *c, const char *default_screen)
{
    if (c->alliance_count == 0) {
        free(c->alliances);
        c->alliances = mem_alloc(sizeof *c->alliances);
        c->alliance_count = 1;
        c->alliances->file = mem_string(c->alliance_file);
    }
    for (size_t i = 0; i < c->alliance_count; i++) {
        struct listed *l = &c->alliances[i];
        l->screen_may_miss = !l->screen && strcmp(c->screen_file, default_screen) == 0;
        l->screen = l->screen ? l->screen : mem_string(c->screen_file);
        l->redis_url = l->redis_url ? l->redis_url : mem_string(c->redis_url);
        c->followed_count += l->member_count;
        for (size_t m = 0; m < l->member_count; m++)
            c->followed_tls |= strncmp(l->members[m].url, "https:", 6) == 0;
    }
}

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

bool listed_same_members(const struct listed *a, const struct listed *b)
{
    bool same = a->member_count == b->member_count;
    for (size_t i = 0; same && i < a->member_count; i++) {
        const struct followed *one = &a->members[i], *other = &b->members[i];
        same = same_text(one->id, other->id) && same_text(one->url, other->url) &&
               same_text(one->screen, other->screen) && same_text(one->token, other->token);
    }
    return same;
}

static void write_member(const struct followed *m, struct buf *out)
{
    for (size_t i = 0, n = 0; i < MEMBER_FIELDS; i++) {
        char *const *text =
            (char *const *)(const void *)((const char *)m + member_fields[i].offset);
        if (!*text)
            continue;
        buf_addf(out, "%s\"%s\": ", n++ ? ", " : "{", member_fields[i].name);
        buf_add_json(out, *text);
    }
    buf_adds(out, "}");
}

static void write_members(const struct listed *l, struct buf *out)
{
    buf_adds(out, ", \"members\": [");
    for (size_t i = 0; i < l->member_count; i++) {
        buf_adds(out, i ? ",\n            " : "\n            ");
        write_member(&l->members[i], out);
    }
    buf_adds(out, "]");
}

static void write_one(const struct config *c, const struct listed *l, struct buf *out)
{
    buf_adds(out, "        {\"id\": ");
    buf_add_json(out, l->id);
    buf_adds(out, ", \"file\": ");
    buf_add_json(out, l->file);
    if (strcmp(l->screen, c->screen_file) != 0) {
        buf_adds(out, ", \"screen\": ");
        buf_add_json(out, l->screen);
    }
    if (strcmp(l->redis_url, c->redis_url) != 0) {
        buf_adds(out, ", \"redis\": ");
        buf_add_json(out, l->redis_url);
    }
    if (l->member_count)
        write_members(l, out);
    buf_adds(out, "}");
}

void listed_write(const struct config *c, struct buf *out)
{
    buf_adds(
        out,
        "    // Several alliances on one daemon, each with a catalogue, tokens and a screen of "
        "its\n"
        "    // own, such as\n"
        "    //     {\"id\": \"chengxiang\", \"file\": \"chengxiang.json\"}\n"
        "    // with the id that the catalogue has; \"screen\" and \"redis\" may follow where "
        "they\n"
        "    // aren't those of screen.file and redis.url. The plain paths are the first one's,\n"
        "    // each has /a/ID/ and /api/v1/alliances/ID/. [] is one, that of alliance.file, "
        "which\n"
        "    // isn't looked at otherwise. One with \"members\" is a district, the sum of other\n"
        "    // alliances, on this daemon or others, each a community of its catalogue:\n"
        "    //     \"members\": [{\"id\": \"s01\", \"url\": \"http://10.0.0.2:8080/\"}]\n"
        "    // with \"screen\" where browsers reach it by another address, and a \"token\" that\n"
        "    // may view where viewers is token.\n"
        "    // TALLYD_ALLIANCES, default []; takes a restart\n"
        "    \"" LIST "\": [");
    bool listed = c->alliance_count > 0 && c->alliances[0].id;
    for (size_t i = 0; listed && i < c->alliance_count; i++) {
        buf_adds(out, i ? ",\n" : "\n");
        write_one(c, &c->alliances[i], out);
    }
    buf_adds(out, listed ? "\n    ]" : "]");
}

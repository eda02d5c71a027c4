#include "listed.h"

#include "event.h"
#include "json.h"
#include "setting.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIST "alliances"

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

/* ---- one ---- */

static const struct {
    const char *name;
    bool (*check)(const char *text);
    const char *allowed;
    size_t offset;
    bool needed, path, secret;
} members[] = {
    {"id", is_id, "1 to 64 of A-Z a-z 0-9 . _ -, a letter or digit first",
     offsetof(struct listed, id), true, false, false},
    {"file", is_file, "the path of a catalogue", offsetof(struct listed, file), true, true, false},
    {"screen", is_file, "the path of a layout", offsetof(struct listed, screen), false, true,
     false},
    {"redis", is_redis, "what redis.url may be", offsetof(struct listed, redis_url), false, false,
     true},
};
#define MEMBERS (sizeof members / sizeof *members)

static void read_member(struct listed *l, size_t m, const cJSON *object,
                        const struct judged_file *file, const char *at, const char *base)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, members[m].name);
    struct field_path path = field_at("%s.%s", at, members[m].name);
    if (!item && members[m].needed) {
        complain(file, path.text, "missing; allowed: %s", members[m].allowed);
    } else if (item && (!cJSON_IsString(item) || !members[m].check(item->valuestring))) {
        if (members[m].secret) /* it may hold a password */
            complain(file, path.text, "found what is not shown here; allowed: %s",
                     members[m].allowed);
        else
            complain_found(file, path.text, item, members[m].allowed);
    } else if (item) {
        char **target = (char **)(void *)((char *)l + members[m].offset);
        *target =
            members[m].path ? setting_path(base, item->valuestring) : mem_string(item->valuestring);
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
    static const char *const allowed[] = {"id", "file", "screen", "redis", NULL};
    struct field_path at = field_at(LIST "[%zu]", out->alliance_count);
    struct listed *l = &out->alliances[out->alliance_count++];
    if (!cJSON_IsObject(object)) {
        complain_found(file, at.text, object, "an object with id and file");
        return;
    }
    complain_unknown(file, at.text, object, allowed);
    for (size_t m = 0; m < MEMBERS; m++)
        read_member(l, m, object, file, at.text, base);
    if (is_taken(out, l->id))
        complain(file, field_at("%s.id", at.text).text,
                 "found \"%s\" a second time; allowed: each id once", l->id);
}

/* ---- all ---- */

void listed_clear(struct config *c)
{
    for (size_t i = 0; i < c->alliance_count; i++) {
        free(c->alliances[i].id);
        free(c->alliances[i].file);
        free(c->alliances[i].screen);
        free(c->alliances[i].redis_url);
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
    }
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
        "    // isn't looked at otherwise.\n"
        "    // TALLYD_ALLIANCES, default []; takes a restart\n"
        "    \"" LIST "\": [");
    bool listed = c->alliance_count > 0 && c->alliances[0].id;
    for (size_t i = 0; listed && i < c->alliance_count; i++) {
        buf_adds(out, i ? ",\n" : "\n");
        write_one(c, &c->alliances[i], out);
    }
    buf_adds(out, listed ? "\n    ]" : "]");
}

#include "submit.h"

#include "digest.h"
#include "effect.h"
#include <stdlib.h>
#include <string.h>

#define RESIDENT_HEX 33 /* half an HMAC-SHA-256 */
#define NAMED        "resident"

bool submit_needs_secret(const struct events *events)
{
    for (size_t i = 0; i < events->count; i++)
        if (events->list[i].has[FIELD_RESIDENT])
            return true;
    return false;
}

static char *hash_of(const struct alliance *alliance, const char *name, char out[RESIDENT_HEX])
{
    unsigned char digest[DIGEST_SIZE];
    digest_hmac(alliance->secret, sizeof alliance->secret, name, strlen(name), digest);
    return digest_hex(digest, RESIDENT_HEX / 2, out);
}

/* The resident's name goes no further than this: what is kept is a keyed hash. */
static const char *resident_of(const struct alliance *alliance, const struct event *e,
                               char out[RESIDENT_HEX])
{
    const char *name = e->text[FIELD_RESIDENT];
    return name ? hash_of(alliance, name, out) : NULL;
}

/* A text may be JSON again, with the name in it, and its letters written as escapes. */
static bool may_name(const char *text)
{
    return strcasestr(text, NAMED) || strstr(text, "\\u");
}

/* Gives whether something was hidden. The tree is no deeper than json_parse lets it be. */
static bool hide(const struct alliance *alliance, cJSON *parent)
{
    char hash[RESIDENT_HEX];
    bool hidden = false;
    for (cJSON *item = parent->child, *next; item; item = next) {
        next = item->next;
        bool named = item->string && !strcmp(item->string, NAMED);
        if (named && cJSON_IsString(item) && alliance->secret_known)
            cJSON_SetValuestring(item, hash_of(alliance, item->valuestring, hash));
        else if (named ||
                 (item->string && strcmp(item->string, NAMED "s") != 0 && may_name(item->string)) ||
                 (cJSON_IsString(item) && may_name(item->valuestring)))
            cJSON_Delete(cJSON_DetachItemViaPointer(parent, item));
        else if (!hide(alliance, item))
            continue;
        hidden = true;
    }
    return hidden;
}

void submit_hide_residents(const struct alliance *alliance, const char *text, size_t len,
                           struct buf *out)
{
    struct faults faults = {0};
    cJSON *root = json_parse(text, len, -1, &faults);
    faults_free(&faults);
    bool bare = !root || cJSON_IsString(root);
    if (root && !bare && hide(alliance, root)) {
        char *shown = cJSON_PrintUnformatted(root);
        buf_adds(out, shown);
        free(shown);
    } else if (!bare || (strlen(text) == len && !may_name(text))) {
        buf_add(out, text, len);
    }
    cJSON_Delete(root);
}

/* What stands in one buffer, one after the other, each with its NUL: effect, JSON. */
static void render(const struct alliance *alliance, const struct event *e, const char *unit,
                   bool timeless, struct intake_event *out, struct buf *text)
{
    char hash[RESIDENT_HEX];
    const char *resident = resident_of(alliance, e, hash);
    struct event content = *e; /* borrows its texts */
    if (timeless)
        content.at = 0;
    event_hash(&content, resident, out->hash);
    effect_of(e, alliance->catalogue, resident, unit, text);
    buf_add(text, "", 1);
    event_write(e, resident, text);
    buf_add(text, "", 1);
}

static int submit(struct alliance *alliance, const struct events *events, const char *unit,
                  bool timeless, uint64_t began, intake_on_done on_done, void *ctx)
{
    struct buf text = {0};
    if (submit_needs_secret(events) && !alliance->secret_known)
        return -1;
    struct intake_event *list = mem_alloc(events->count * sizeof *list);
    for (size_t i = 0; i < events->count; i++)
        render(alliance, &events->list[i], unit, timeless, &list[i], &text);
    const char *at = text.data;
    for (size_t i = 0; i < events->count; i++) {
        list[i].id = events->list[i].text[FIELD_ID];
        list[i].effect = at;
        list[i].json = at + strlen(at) + 1;
        at = list[i].json + strlen(list[i].json) + 1;
    }
    int status = intake_submit(alliance->intake, list, events->count, began, on_done, ctx);
    free(list);
    buf_free(&text);
    return status;
}

int submit_events(struct alliance *alliance, const struct events *events, const char *unit,
                  uint64_t began, intake_on_done on_done, void *ctx)
{
    return submit(alliance, events, unit, false, began, on_done, ctx);
}

int submit_timeless(struct alliance *alliance, const struct events *one, uint64_t began,
                    intake_on_done on_done, void *ctx)
{
    return submit(alliance, one, NULL, true, began, on_done, ctx);
}

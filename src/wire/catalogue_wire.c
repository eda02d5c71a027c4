#include "catalogue_wire.h"

#include "json.h"
#include "utf8.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what the file may hold ---- */

enum part { PART_ID, PART_NAME, PART_PARENT, PART_UNITS, PART_ROUND, PART_STATUS, PART_RETIRED };

#define PARTS_MAX 7

static const struct list {
    const char *key;
    enum dimension dim, parent_dim;
    struct {
        const char *key;
        enum part part;
    } parts[PARTS_MAX + 1];
} lists[] = {
    /* In this order, so that what is referred to is there already. */
    {"circles",
     DIM_CIRCLE,
     DIM_TOTAL,
     {{"id", PART_ID}, {"name", PART_NAME}, {"retired", PART_RETIRED}}},
    {"communities",
     DIM_COMMUNITY,
     DIM_CIRCLE,
     {{"id", PART_ID}, {"name", PART_NAME}, {"circle", PART_PARENT}, {"retired", PART_RETIRED}}},
    {"units",
     DIM_UNIT,
     DIM_TOTAL,
     {{"id", PART_ID}, {"name", PART_NAME}, {"retired", PART_RETIRED}}},
    {"categories",
     DIM_CATEGORY,
     DIM_TOTAL,
     {{"id", PART_ID}, {"name", PART_NAME}, {"retired", PART_RETIRED}}},
    {"projects",
     DIM_PROJECT,
     DIM_CATEGORY,
     {{"id", PART_ID},
      {"name", PART_NAME},
      {"category", PART_PARENT},
      {"units", PART_UNITS},
      {"round", PART_ROUND},
      {"status", PART_STATUS},
      {"retired", PART_RETIRED}}},
};
#define LISTS (sizeof lists / sizeof *lists)

static const char *const statuses[] = {"preparing", "running", "done"};

/* One reading of one file. */
struct reading {
    struct judged_file file;
    struct catalogue *catalogue;
};

/* ---- judging values ---- */

/* The string at PATH if it satisfies OK, else NULL with a complaint. */
static const char *judged(const struct reading *r, const char *path, const cJSON *item,
                          bool (*ok)(const char *), const char *allowed)
{
    if (!item)
        complain(&r->file, path, "missing; allowed: %s", allowed);
    else if (!cJSON_IsString(item) || !ok(item->valuestring))
        complain_found(&r->file, path, item, allowed);
    else
        return item->valuestring;
    return NULL;
}

static bool is_name(const char *text)
{
    int n = event_text_length(text);
    return n >= 1 && n <= EVENT_TEXT_MAX;
}

static bool is_status(const char *text)
{
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        if (strcmp(text, statuses[i]) == 0)
            return true;
    return false;
}

static const char id_rule[] = "1 to 64 of A-Z a-z 0-9 . _ : -";
static const char name_rule[] = "a text of 1 to 200 characters, none of them a control character";
static const char status_rule[] = "\"preparing\", \"running\", \"done\"";

/* ---- reading ---- */

/* An entry's parts as they were found good; NULL where they weren't. */
struct found {
    const char *text[PARTS_MAX];
    const cJSON *units;
    bool retired;
};

static bool stands_before(const cJSON *item, const char *text)
{
    for (const cJSON *other = item->prev; other->next; other = other->prev)
        if (cJSON_IsString(other) && strcmp(other->valuestring, text) == 0)
            return true;
    return false;
}

static void check_units(const struct reading *r, const char *path, const cJSON *units)
{
    int i = 0;
    for (const cJSON *unit = units->child; unit; unit = unit->next, i++) {
        struct field_path at = field_at("%s[%d]", path, i);
        const char *id = judged(r, at.text, unit, event_id_ok, id_rule);
        if (id && !catalogue_find(r->catalogue, DIM_UNIT, id))
            complain(&r->file, at.text, "no unit has the id \"%s\"", id);
        else if (id && stands_before(unit, id))
            complain(&r->file, at.text, "unit \"%s\" stands twice in this list", id);
    }
}

static void read_part(const struct reading *r, const char *path, const cJSON *item, enum part part,
                      struct found *found)
{
    switch (part) {
    case PART_ID:
    case PART_PARENT:
        found->text[part] = judged(r, path, item, event_id_ok, id_rule);
        break;
    case PART_NAME:
    case PART_ROUND:
        found->text[part] = judged(r, path, item, is_name, name_rule);
        break;
    case PART_STATUS:
        found->text[part] = judged(r, path, item, is_status, status_rule);
        break;
    case PART_UNITS:
        found->units = item;
        if (cJSON_IsArray(item))
            check_units(r, path, item);
        else if (item)
            complain_found(&r->file, path, item, "a list of unit ids");
        else
            complain(&r->file, path, "missing; allowed: a list of unit ids");
        break;
    case PART_RETIRED:
        found->retired = cJSON_IsTrue(item);
        if (item && !cJSON_IsBool(item))
            complain_found(&r->file, path, item, "true or false");
        break;
    }
}

static void add_entry(const struct reading *r, const struct list *list, const char *path,
                      const struct found *found)
{
    const char *id = found->text[PART_ID], *parent = found->text[PART_PARENT];
    if (id && catalogue_find(r->catalogue, list->dim, id)) {
        complain(&r->file, field_at("%s.id", path).text, "\"%s\" is taken; an id stands once in %s",
                 id, list->key);
        return;
    }
    if (parent && !catalogue_find(r->catalogue, list->parent_dim, parent)) {
        const char *dim = dimension_names[list->parent_dim];
        complain(&r->file, field_at("%s.%s", path, dim).text, "no %s has the id \"%s\"", dim,
                 parent);
        return;
    }
    const char *name = found->text[PART_NAME];
    struct entry *entry =
        id ? catalogue_add(r->catalogue, list->dim, id, name ? name : "", parent) : NULL;
    if (!entry)
        return;
    entry->retired = found->retired;
    entry->line = field_line(&r->file, path);
    if (entry->parent && entry->parent->retired && !entry->retired)
        complain(&r->file, field_at("%s.retired", path).text,
                 "must be true too: its %s \"%s\" is retired", dimension_names[list->parent_dim],
                 parent);
    entry->round = mem_string(found->text[PART_ROUND]);
    entry->status = mem_string(found->text[PART_STATUS]);
    for (const cJSON *unit = found->units ? found->units->child : NULL; unit; unit = unit->next)
        if (cJSON_IsString(unit))
            catalogue_lead(r->catalogue, entry, unit->valuestring);
}

static void read_entry(const struct reading *r, const struct list *list, const char *path,
                       const cJSON *item)
{
    const char *allowed[PARTS_MAX + 1] = {NULL};
    if (!cJSON_IsObject(item)) {
        complain_found(&r->file, path, item, "an object");
        return;
    }
    struct found found = {0};
    for (size_t i = 0; list->parts[i].key; i++) {
        const char *key = allowed[i] = list->parts[i].key;
        struct field_path at = field_at("%s.%s", path, key);
        read_part(r, at.text, cJSON_GetObjectItemCaseSensitive(item, key), list->parts[i].part,
                  &found);
    }
    complain_unknown(&r->file, path, item, allowed);
    add_entry(r, list, path, &found);
}

static void read_list(const struct reading *r, const struct list *list, const cJSON *root)
{
    const cJSON *items = cJSON_GetObjectItemCaseSensitive(root, list->key);
    if (!items)
        complain(&r->file, list->key, "missing; allowed: a list");
    else if (!cJSON_IsArray(items))
        complain_found(&r->file, list->key, items, "a list");
    if (!items || !cJSON_IsArray(items))
        return;
    catalogue_set_line(r->catalogue, list->dim, field_line(&r->file, list->key));
    int i = 0;
    for (const cJSON *item = items->child; item; item = item->next, i++) {
        read_entry(r, list, field_at("%s[%d]", list->key, i).text, item);
    }
}

static void read_alliance(struct reading *r, const cJSON *root)
{
    static const char *const allowed[] = {"id", "name", NULL};
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(root, "alliance");
    const char *id = NULL, *name = NULL;
    if (!item) {
        complain(&r->file, "alliance", "missing; allowed: an object with id and name");
    } else if (!cJSON_IsObject(item)) {
        complain_found(&r->file, "alliance", item, "an object with id and name");
    } else {
        complain_unknown(&r->file, "alliance", item, allowed);
        id = judged(r, "alliance.id", cJSON_GetObjectItemCaseSensitive(item, "id"), event_id_ok,
                    id_rule);
        name = judged(r, "alliance.name", cJSON_GetObjectItemCaseSensitive(item, "name"), is_name,
                      name_rule);
    }
    /* A stand-in where it is wrong, so that the rest of the file is judged too. */
    r->catalogue = catalogue_new(id ? id : "-", name ? name : "-");
}

/* The events themselves are judged by those who read events; an empty list is as good as none. */
static char *read_opening(const struct reading *r, const cJSON *root)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(root, "opening");
    if (!item)
        return NULL;
    size_t n = 0;
    const char *raw = json_raw(r->file.text, r->file.len, "opening", &n);
    if (!cJSON_IsArray(item) || !raw) {
        complain_found(&r->file, "opening", item, "a list of events");
        return NULL;
    }
    if (cJSON_GetArraySize(item) == 0)
        return NULL;
    char *copy = mem_alloc(n + 1);
    return memcpy(copy, raw, n);
}

static void read_root(struct reading *r, const cJSON *root, char **opening)
{
    const char *allowed[LISTS + 3] = {"alliance"};
    for (size_t i = 0; i < LISTS; i++)
        allowed[i + 1] = lists[i].key;
    allowed[LISTS + 1] = "opening";
    complain_unknown(&r->file, "", root, allowed);
    read_alliance(r, root);
    for (size_t i = 0; i < LISTS; i++)
        read_list(r, &lists[i], root);
    *opening = read_opening(r, root);
}

struct catalogue *catalogue_read(const char *text, size_t len, char **opening,
                                 struct complaints *complaints)
{
    char *plain = mem_alloc(len + 1);
    if (len > 0) /* an empty buffer has no text */
        memcpy(plain, text, len);
    json_strip_comments(plain, len);
    struct reading r = {{plain, len, complaints}, NULL};
    struct faults faults = {0};
    size_t before = complaints->count;
    int line;
    *opening = NULL;
    cJSON *root = json_parse_file(plain, len, &line, &faults);
    if (!root) {
        char message[240];
        complaints_add(complaints, line, faults.list[0].field, "%s",
                       fault_message(&faults.list[0], LANG_EN, message, sizeof message));
    } else if (!cJSON_IsObject(root)) {
        complain_found(&r.file, "", root, "an object");
    } else {
        read_root(&r, root, opening);
    }
    cJSON_Delete(root);
    free(plain);
    faults_free(&faults);
    if (complaints->count == before)
        return r.catalogue;
    catalogue_free(r.catalogue);
    free(*opening);
    *opening = NULL;
    return NULL;
}

/* ---- writing ---- */

static void add_member(struct buf *out, const char *key, const char *value)
{
    buf_addf(out, ",\"%s\":", key);
    buf_add_json(out, value ? value : "");
}

static void write_units(struct buf *out, const struct entry *project)
{
    buf_adds(out, ",\"units\":[");
    for (size_t i = 0; i < project->lead_count; i++) {
        buf_adds(out, i ? "," : "");
        buf_add_json(out, project->leads[i]->id);
    }
    buf_adds(out, "]");
}

static void write_entry(struct buf *out, const struct list *list, const struct entry *e)
{
    buf_adds(out, "{\"id\":");
    buf_add_json(out, e->id);
    for (size_t i = 1; list->parts[i].key; i++) {
        const char *key = list->parts[i].key;
        enum part part = list->parts[i].part;
        if (part == PART_UNITS)
            write_units(out, e);
        else if (part == PART_RETIRED)
            buf_adds(out, e->retired ? ",\"retired\":true" : "");
        else
            add_member(out, key,
                       part == PART_NAME     ? e->name
                       : part == PART_PARENT ? e->parent->id
                       : part == PART_ROUND  ? e->round
                                             : e->status);
    }
    buf_adds(out, "}");
}

void catalogue_write(const struct catalogue *c, struct buf *out)
{
    buf_adds(out, "{\"alliance\":{\"id\":");
    buf_add_json(out, catalogue_id(c));
    add_member(out, "name", catalogue_name(c));
    buf_adds(out, "}");
    for (size_t i = 0; i < LISTS; i++) {
        buf_addf(out, ",\"%s\":[", lists[i].key);
        for (size_t k = 0; k < catalogue_count(c, lists[i].dim); k++) {
            buf_adds(out, k ? "," : "");
            write_entry(out, &lists[i], catalogue_at(c, lists[i].dim, k));
        }
        buf_adds(out, "]");
    }
    buf_adds(out, "}");
}

#include "layout_wire.h"

#include "buf.h"
#include "json.h"
#include "panels.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct rule;
typedef void (*look_inside)(const struct judged_file *f, const char *path, const cJSON *item,
                            const struct rule *rules);

/* What a key may hold: FITS says whether it does, INSIDE judges its parts by RULES. */
struct rule {
    const char *key;
    bool (*fits)(const cJSON *);
    const char *allowed;
    look_inside inside;
    const struct rule *rules;
};
#define KEYS_MAX 16

/* ---- values ---- */

static bool is_between(const cJSON *v, double least, double most)
{
    return cJSON_IsNumber(v) && v->valuedouble >= least && v->valuedouble <= most;
}

static bool is_text(const cJSON *v)
{
    return cJSON_IsString(v);
}

static bool is_truth(const cJSON *v)
{
    return cJSON_IsBool(v);
}

static bool is_object(const cJSON *v)
{
    return cJSON_IsObject(v);
}

static bool is_list(const cJSON *v)
{
    return cJSON_IsArray(v);
}

static bool is_full_list(const cJSON *v)
{
    return cJSON_IsArray(v) && v->child;
}

static bool is_word(const cJSON *v, const char *one, const char *other)
{
    return cJSON_IsString(v) &&
           (strcmp(v->valuestring, one) == 0 || strcmp(v->valuestring, other) == 0);
}

static bool is_language(const cJSON *v)
{
    return is_word(v, "zh", "en");
}

static bool is_theme(const cJSON *v)
{
    return is_word(v, "hall", "office");
}

static bool is_round(const cJSON *v)
{
    return is_word(v, "new", "first");
}

static bool is_step(const cJSON *v)
{
    return is_word(v, "day", "month");
}

static bool is_each(const cJSON *v)
{
    return cJSON_IsNull(v) || is_word(v, "circle", "circle");
}

static bool is_time(const char *s)
{
    static const char *const form[] = {"012", "0123456789", ":", "012345", "0123456789"};
    for (size_t i = 0; i < 5; i++)
        if (!s[i] || !strchr(form[i], s[i]))
            return false;
    return !s[5] && (s[0] != '2' || s[1] <= '3');
}

static bool is_quiet(const cJSON *v)
{
    return cJSON_IsNull(v) || (cJSON_IsString(v) && is_time(v->valuestring));
}

static bool is_ratio(const cJSON *v)
{
    return cJSON_IsNull(v) || is_between(v, 0.5, 8);
}

static bool is_gap(const cJSON *v)
{
    return is_between(v, 0, 200);
}

static bool is_seconds(const cJSON *v)
{
    return is_between(v, 5, 86400);
}

static bool is_share(const cJSON *v)
{
    return is_between(v, 0.01, 10000);
}

static bool is_kind(const cJSON *v)
{
    return cJSON_IsObject(v) || cJSON_IsFalse(v);
}

static bool is_seams(const cJSON *v)
{
    double last = 0;
    if (!cJSON_IsArray(v))
        return false;
    for (const cJSON *at = v->child; at; last = at->valuedouble, at = at->next)
        if (!cJSON_IsNumber(at) || at->valuedouble <= last || at->valuedouble >= 1)
            return false;
    return true;
}

/* ---- parts ---- */

static void inside_object(const struct judged_file *f, const char *path, const cJSON *item,
                          const struct rule *rules)
{
    const char *allowed[KEYS_MAX + 1] = {NULL};
    for (size_t i = 0; rules[i].key; i++) {
        const struct rule *rule = &rules[i];
        const cJSON *value = cJSON_GetObjectItemCaseSensitive(item, rule->key);
        struct field_path at = field_at("%s%s%s", path, *path ? "." : "", rule->key);
        allowed[i] = rule->key;
        if (value && !rule->fits(value))
            complain_found(f, at.text, value, rule->allowed);
        else if (value && rule->inside)
            rule->inside(f, at.text, value, rule->rules);
    }
    complain_unknown(f, path, item, allowed);
}

static void inside_objects(const struct judged_file *f, const char *path, const cJSON *list,
                           const struct rule *rules)
{
    int i = 0;
    for (const cJSON *item = list->child; item; item = item->next, i++) {
        struct field_path at = field_at("%s[%d]", path, i);
        if (cJSON_IsObject(item))
            inside_object(f, at.text, item, rules);
        else
            complain_found(f, at.text, item, "an object");
    }
}

static void inside_texts(const struct judged_file *f, const char *path, const cJSON *list,
                         const struct rule *rules)
{
    (void)rules;
    int i = 0;
    for (const cJSON *item = list->child; item; item = item->next, i++)
        if (!cJSON_IsString(item))
            complain_found(f, field_at("%s[%d]", path, i).text, item, "a text");
}

static void inside_themes(const struct judged_file *f, const char *path, const cJSON *themes,
                          const struct rule *rules)
{
    (void)rules;
    for (const cJSON *theme = themes->child; theme; theme = theme->next) {
        struct field_path at = field_at("%s.%s", path, theme->string);
        if (!is_time(theme->string))
            complain(f, at.text, "unknown key; allowed: a time of day, \"HH:MM\"");
        else if (!is_theme(theme))
            complain_found(f, at.text, theme, "\"hall\" or \"office\"");
    }
}

static bool is_panel(const char *name, size_t len)
{
    for (const char *const *panel = panel_names; *panel; panel++)
        if (strlen(*panel) == len && memcmp(*panel, name, len) == 0)
            return true;
    return false;
}

static void complain_panel(const struct judged_file *f, const char *path, const cJSON *found)
{
    struct buf names = {0};
    for (const char *const *panel = panel_names; *panel; panel++)
        buf_addf(&names, "%s%s", panel == panel_names ? "" : " ", *panel);
    if (found)
        complain_found(f, path, found, names.data);
    else
        complain(f, path, "missing; allowed: %s", names.data);
    buf_free(&names);
}

/* "trend" or "trend:300" */
static void judge_short_panel(const struct judged_file *f, const char *path, const cJSON *item)
{
    const char *text = item->valuestring;
    size_t n = strcspn(text, ":");
    char *behind = NULL;
    if (!is_panel(text, n))
        complain_panel(f, path, item);
    else if (text[n] && !(strtod(text + n + 1, &behind) > 0 && behind != text + n + 1 && !*behind))
        complain_found(f, path, item, "a panel's name, or with its share: \"trend:300\"");
}

static const struct rule panel_keys[] = {
    {"panel", is_text, "a panel's name", NULL, NULL},
    {"size", is_share, "a number from 0.01 to 10000", NULL, NULL},
    {"height", is_share, "a number from 0.01 to 10000", NULL, NULL},
    {"title", is_text, "a text", NULL, NULL},
    {"round", is_round, "\"new\" or \"first\"", NULL, NULL},
    {"step", is_step, "\"day\" or \"month\"", NULL, NULL},
    {0},
};

static void inside_panels(const struct judged_file *f, const char *path, const cJSON *list,
                          const struct rule *rules)
{
    int i = 0;
    for (const cJSON *item = list->child; item; item = item->next, i++) {
        struct field_path at = field_at("%s[%d]", path, i);
        const cJSON *name = cJSON_GetObjectItemCaseSensitive(item, "panel");
        if (cJSON_IsString(item)) {
            judge_short_panel(f, at.text, item);
        } else if (cJSON_IsObject(item)) {
            if (!name ||
                (cJSON_IsString(name) && !is_panel(name->valuestring, strlen(name->valuestring))))
                complain_panel(f, field_at("%s.panel", at.text).text, name);
            inside_object(f, at.text, item, rules);
        } else {
            complain_found(f, at.text, item, "\"trend\", \"trend:300\" or {\"panel\": …}");
        }
    }
}

static const struct rule column_keys[] = {
    {"width", is_share, "a number from 0.01 to 10000", NULL, NULL},
    {"panels", is_full_list, "a list of panels", inside_panels, panel_keys},
    {0},
};

static const struct rule layout_keys[] = {
    {"top", is_list, "a list of panels", inside_panels, panel_keys},
    {"columns", is_full_list, "a list of {\"width\": n, \"panels\": […]}", inside_objects,
     column_keys},
    {0},
};

static void inside_layout(const struct judged_file *f, const char *path, const cJSON *layout,
                          const struct rule *rules)
{
    if (!cJSON_IsObject(layout))
        return;
    inside_object(f, path, layout, rules);
    if (!cJSON_GetObjectItemCaseSensitive(layout, "columns"))
        complain(f, field_at("%s.columns", path).text, "missing; allowed: a list of columns");
}

static const struct rule scene_keys[] = {
    {"id", is_text, "a text", NULL, NULL},
    {"title", is_text, "a text", NULL, NULL},
    {"seconds", is_seconds, "a number from 5 to 86400", NULL, NULL},
    {"each", is_each, "\"circle\" or null", NULL, NULL},
    {"wide", is_kind, "a layout or false", inside_layout, layout_keys},
    {"ultra", is_kind, "a layout or false", inside_layout, layout_keys},
    {0},
};

static void inside_scenes(const struct judged_file *f, const char *path, const cJSON *scenes,
                          const struct rule *rules)
{
    int i = 0;
    inside_objects(f, path, scenes, rules);
    for (const cJSON *scene = scenes->child; scene; scene = scene->next, i++)
        if (cJSON_IsObject(scene) &&
            !cJSON_IsObject(cJSON_GetObjectItemCaseSensitive(scene, "wide")) &&
            !cJSON_IsObject(cJSON_GetObjectItemCaseSensitive(scene, "ultra")))
            complain(f, field_at("%s[%d]", path, i).text,
                     "shows nothing; allowed: with \"wide\" and/or \"ultra\"");
}

static const struct rule part_keys[] = {
    {"number", is_text, "a text", NULL, NULL},
    {"label", is_text, "a text", NULL, NULL},
    {"lines", is_list, "a list of texts", inside_texts, NULL},
    {0},
};

static const struct rule frame_keys[] = {
    {"title", is_text, "a text", NULL, NULL},
    {"parts", is_list, "a list of {\"number\", \"label\", \"lines\"}", inside_objects, part_keys},
    {"note", is_text, "a text", NULL, NULL},
    {0},
};

static const struct rule seams_keys[] = {
    {"columns", is_seams, "rising numbers between 0 and 1", NULL, NULL},
    {"rows", is_seams, "rising numbers between 0 and 1", NULL, NULL},
    {"gap", is_gap, "a number from 0 to 200", NULL, NULL},
    {0},
};

static const struct rule wall_keys[] = {
    {"ratio", is_ratio, "null or a number from 0.5 to 8", NULL, NULL},
    {"seams", is_object, "an object", inside_object, seams_keys},
    {0},
};

static const struct rule root_keys[] = {
    {"title", is_text, "a text", NULL, NULL},
    {"language", is_language, "\"zh\" or \"en\"", NULL, NULL},
    {"motto", is_text, "a text", NULL, NULL},
    {"wall", is_object, "an object", inside_object, wall_keys},
    {"themes", is_object, "{\"HH:MM\": \"hall\" or \"office\", …}", inside_themes, NULL},
    {"drift", is_truth, "true or false", NULL, NULL},
    {"quiet", is_quiet, "null or \"HH:MM\"", NULL, NULL},
    {"frame", is_object, "an object", inside_object, frame_keys},
    {"scenes", is_full_list, "a list of scenes", inside_scenes, scene_keys},
    {"flow", is_list, "a list of panels", inside_panels, panel_keys},
    {0},
};

void layout_check(const char *text, size_t len, struct complaints *complaints)
{
    const struct judged_file file = {text, len, complaints};
    struct faults faults = {0};
    char message[240];
    int line;
    cJSON *root = json_parse_file(text, len, &line, &faults);
    if (!root)
        complaints_add(complaints, line, faults.list[0].field, "%s",
                       fault_message(&faults.list[0], LANG_EN, message, sizeof message));
    else if (!cJSON_IsObject(root))
        complain_found(&file, "", root, "an object");
    else
        inside_object(&file, "", root, root_keys);
    cJSON_Delete(root);
    faults_free(&faults);
}

#include "config.h"

#include "json.h"
#include "listed.h"
#include "setting.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX  (1024 * 1024)
#define ALLIANCES "TALLYD_ALLIANCES"

/* One load: what it fills and where relative paths count from. */
struct loading {
    struct config *out;
    struct complaints *complaints;
    char *folder; /* of the file; for defaults too */
    char *cwd;    /* for the environment and flags */
};

static void refuse(const struct loading *l, const struct setting *s, int line, const char *name,
                   const cJSON *found)
{
    char shown[64];
    struct buf allowed = {0};
    setting_allowed(&allowed, s);
    complaints_add(l->complaints, line, name, "found %s; allowed: %s",
                   s->secret ? "what is not shown here" : json_show(found, shown, sizeof shown),
                   allowed.data);
    buf_free(&allowed);
}

/* ---- the environment and flags ---- */

/* NAME: what to call the source in a complaint. */
static void take_text(const struct loading *l, const struct setting *s, const char *name,
                      const char *text)
{
    if (setting_set(l->out, s, text, l->cwd))
        return;
    cJSON *found = cJSON_CreateString(text);
    refuse(l, s, 0, name, found);
    cJSON_Delete(found);
}

/* http.max_connections is TALLYD_HTTP_MAX_CONNECTIONS. */
static void variable_name(const struct setting *s, char *out, size_t size)
{
    snprintf(out, size, "TALLYD_%s", s->key);
    for (char *p = out; *p; p++)
        *p = (char)(*p == '.' ? '_' : toupper((unsigned char)*p));
}

static void take_environment(const struct loading *l)
{
    for (size_t i = 0; i < SETTINGS; i++) {
        char name[64];
        variable_name(&settings[i], name, sizeof name);
        const char *text = getenv(name);
        if (text)
            take_text(l, &settings[i], name, text);
    }
    const char *alliances = getenv(ALLIANCES);
    if (alliances)
        listed_read_text(l->out, ALLIANCES, alliances, l->complaints, l->cwd);
}

static void take_overrides(const struct loading *l, const struct override *overrides)
{
    for (const struct override *o = overrides; o && o->key; o++) {
        const struct setting *s = setting_find(o->key);
        if (s)
            take_text(l, s, o->key, o->value);
        else
            complaints_add(l->complaints, 0, o->key, "unknown setting");
    }
}

/* ---- the file ---- */

static size_t section_length(const struct setting *s)
{
    return strcspn(s->key, ".");
}

static bool is_in_section(const struct setting *s, const char *section)
{
    size_t n = section_length(s);
    return strlen(section) == n && strncmp(s->key, section, n) == 0;
}

static bool opens_section(size_t i)
{
    size_t n = section_length(&settings[i]);
    return i == 0 || strncmp(settings[i].key, settings[i - 1].key, n + 1) != 0;
}

/* SECTION NULL: it is the section that is unknown. */
static void refuse_unknown(const struct loading *l, int line, const char *key, const char *section)
{
    struct buf known = {0};
    for (size_t i = 0; i < SETTINGS; i++) {
        const struct setting *s = &settings[i];
        size_t n = section_length(s);
        if (section ? !is_in_section(s, section) : !opens_section(i))
            continue;
        buf_adds(&known, known.len ? ", " : "");
        if (section)
            buf_adds(&known, s->key + n + 1);
        else
            buf_add(&known, s->key, n);
    }
    if (!section)
        buf_adds(&known, ", alliances");
    complaints_add(l->complaints, line, key, "unknown %s; allowed: %s", section ? "key" : "section",
                   known.data);
    buf_free(&known);
}

static void take_section(const struct loading *l, const struct buf *text, const cJSON *section)
{
    int section_line = json_line(text->data, text->len, section->string);
    for (const cJSON *item = section->child; item; item = item->next) {
        struct field_path key = field_at("%s.%s", section->string, item->string);
        int line = json_line(text->data, text->len, key.text);
        const struct setting *s = setting_find(key.text);
        if (!s)
            refuse_unknown(l, line ? line : section_line, key.text, section->string);
        else if (!setting_set_json(l->out, s, item, l->folder))
            refuse(l, s, line, key.text, item);
    }
}

static void take_root(const struct loading *l, const struct buf *text, const cJSON *root)
{
    for (const cJSON *section = root->child; section; section = section->next) {
        bool known = false;
        for (size_t i = 0; i < SETTINGS; i++)
            known |= is_in_section(&settings[i], section->string);
        int line = json_line(text->data, text->len, section->string);
        char shown[64];
        if (strcmp(section->string, "alliances") == 0)
            listed_read(l->out, section,
                        &(struct judged_file){text->data, text->len, l->complaints}, l->folder);
        else if (!known)
            refuse_unknown(l, line, section->string, NULL);
        else if (!cJSON_IsObject(section))
            complaints_add(l->complaints, line, section->string, "found %s; allowed: an object",
                           json_show(section, shown, sizeof shown));
        else
            take_section(l, text, section);
    }
}

static void take_text_of_file(const struct loading *l, struct buf *text)
{
    struct faults faults = {0};
    int line;
    char message[240];
    json_strip_comments(text->data, text->len);
    cJSON *root = json_parse_file(text->data, text->len, &line, &faults);
    if (!root)
        complaints_add(l->complaints, line, faults.list[0].field, "%s",
                       fault_message(&faults.list[0], LANG_EN, message, sizeof message));
    else if (!cJSON_IsObject(root))
        complaints_add(l->complaints, 1, "", "found %s; allowed: an object",
                       json_show(root, message, 64));
    else
        take_root(l, text, root);
    cJSON_Delete(root);
    faults_free(&faults);
}

static void take_file(const struct loading *l, const char *path)
{
    struct buf text = {0};
    FILE *f = fopen(path, "re");
    char chunk[4096];
    size_t n;
    while (f && text.len <= FILE_MAX && (n = fread(chunk, 1, sizeof chunk, f)) > 0)
        buf_add(&text, chunk, n);
    if (!f || ferror(f))
        complaints_add(l->complaints, 0, "", "can't be read: %s", strerror(errno));
    else if (text.len > FILE_MAX)
        complaints_add(l->complaints, 0, "", "is over %d bytes", FILE_MAX);
    else
        take_text_of_file(l, &text);
    if (f)
        fclose(f);
    buf_free(&text);
}

/* ---- all of it ---- */

/* PATH with no links in it, so that ".." can be cut off by its text. */
static char *real_folder(const char *path)
{
    char *real = realpath(path, NULL);
    return real ? real : mem_string(path[0] == '/' ? path : "/");
}

static char *folder_of_file(const char *path)
{
    char *copy = mem_string(path);
    char *slash = strrchr(copy, '/');
    if (slash)
        slash[slash == copy] = '\0';
    char *folder = real_folder(slash ? copy : ".");
    free(copy);
    return folder;
}

/* The folder web beside the running program, as in a build folder. */
static bool beside_program(char *out, size_t size)
{
    struct stat st;
    ssize_t n = readlink("/proc/self/exe", out, size - sizeof "/web");
    char *slash = n > 0 ? memrchr(out, '/', (size_t)n) : NULL;
    if (!slash)
        return false;
    strcpy(slash, "/web");
    return stat(out, &st) == 0;
}

/* The value that a path has by default, written out or not. Caller frees. */
static char *default_path(const struct loading *l, const struct setting *s)
{
    struct config plain = {0};
    setting_set(&plain, s, s->initial, l->folder);
    return *(char **)((char *)&plain + s->offset);
}

static void complete(const struct loading *l)
{
    char *screen = default_path(l, setting_find("screen.file"));
    listed_complete(l->out, screen);
    free(screen);
}

/* A daemon that runs from its build folder has the pages beside it; an installed one doesn't. */
static void find_pages(const struct loading *l)
{
    const struct setting *s = setting_find("http.pages");
    struct stat st;
    char beside[PATH_MAX], *path = default_path(l, s);
    bool is_default = l->out->http_pages && strcmp(l->out->http_pages, path) == 0;
    if (is_default && stat(path, &st) != 0)
        setting_set(l->out, s,
                    beside_program(beside, sizeof beside) ? beside : TALLYD_DATADIR "/web", NULL);
    free(path);
}

static void set_defaults(struct config *c, const char *folder)
{
    *c = (struct config){0};
    for (size_t i = 0; i < SETTINGS; i++)
        setting_set(c, &settings[i], settings[i].initial, folder);
}

int config_load(struct config *out, const char *path, const char *default_base,
                const struct override *overrides, struct complaints *complaints)
{
    struct loading l = {out, complaints, NULL, NULL};
    size_t before = complaints->count;
    l.folder = path ? folder_of_file(path) : real_folder(default_base ? default_base : ".");
    l.cwd = real_folder(".");
    set_defaults(out, l.folder);
    if (path)
        take_file(&l, path);
    take_environment(&l);
    take_overrides(&l, overrides);
    find_pages(&l);
    if (complaints->count == before)
        complete(&l);
    free(l.folder);
    free(l.cwd);
    if (complaints->count == before)
        return 0;
    config_clear(out);
    return -1;
}

void config_clear(struct config *c)
{
    listed_clear(c);
    for (size_t i = 0; i < SETTINGS; i++)
        setting_clear(c, &settings[i]);
    *c = (struct config){0};
}

/* ---- the annotated file ---- */

static void add_comment(struct buf *out, const char *lines)
{
    while (*lines) {
        size_t n = strcspn(lines, "\n");
        buf_adds(out, "        // ");
        buf_add(out, lines, n);
        buf_adds(out, "\n");
        lines += n + (lines[n] == '\n');
    }
}

static void dump_setting(struct buf *out, const struct config *c, const struct config *initial,
                         const struct setting *s)
{
    char variable[64];
    variable_name(s, variable, sizeof variable);
    add_comment(out, s->help);
    buf_addf(out, "        // %s, default ", variable);
    setting_write(out, initial, s);
    if (s->type == SETTING_NUMBER || s->words[0]) {
        buf_adds(out, ", allowed ");
        setting_allowed(out, s);
    }
    if (s->restart)
        buf_adds(out, "; takes a restart");
    buf_addf(out, "\n        \"%s\": ", s->key + section_length(s) + 1);
    setting_write(out, c, s);
}

void config_dump(const struct config *c, struct buf *out)
{
    struct config initial;
    set_defaults(&initial, NULL);
    buf_adds(out,
             "// The settings of tallyd. Flags beat the environment, the environment beats this\n"
             "// file. Relative paths count from this file's folder. After a change: SIGHUP, or a\n"
             "// restart where it says so.\n"
             "{\n");
    for (size_t i = 0; i < SETTINGS; i++) {
        bool opens = opens_section(i), closes = i + 1 == SETTINGS || opens_section(i + 1);
        if (opens)
            buf_addf(out, "    \"%.*s\": {\n", (int)section_length(&settings[i]), settings[i].key);
        dump_setting(out, c ? c : &initial, &initial, &settings[i]);
        buf_adds(out, closes ? "\n    },\n" : ",\n\n");
    }
    listed_write(c ? c : &initial, out);
    buf_adds(out, "\n}\n");
    config_clear(&initial);
}

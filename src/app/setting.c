#include "setting.h"

#include "event.h"
#include "json.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct setting *setting_find(const char *key)
{
    for (size_t i = 0; i < SETTINGS; i++)
        if (strcmp(settings[i].key, key) == 0)
            return &settings[i];
    return NULL;
}

static void *slot(struct config *c, const struct setting *s)
{
    return (char *)c + s->offset;
}

/* ---- judging single values ---- */

bool setting_number(const char *text, long *out)
{
    char *end;
    errno = 0;
    *out = strtol(text, &end, 10);
    return errno == 0 && end != text && !*end && (isdigit((unsigned char)*text) || *text == '-');
}

static bool is_text(const struct setting *s, const char *text)
{
    if (!*text)
        return s->optional;
    return event_text_length(text) > 0 && (!s->check || s->check(text));
}

/* The word's place among the setting's, -1 if it isn't one of them. */
static int word_find(const struct setting *s, const char *text)
{
    for (int i = 0; s->words[i]; i++)
        if (strcmp(s->words[i], text) == 0)
            return i;
    return -1;
}

/* ---- setting ---- */

char *setting_path(const char *base, const char *text)
{
    struct buf path = {0};
    if (text[0] == '/' || !text[0] || !base)
        return mem_string(text);
    buf_adds(&path, base);
    while (text[0] == '.' && (text[1] == '/' || (text[1] == '.' && (!text[2] || text[2] == '/')))) {
        bool up = text[1] == '.';
        const char *parent = up ? strrchr(path.data, '/') : NULL;
        if (parent)
            path.len = (size_t)(parent - path.data);
        path.data[path.len] = '\0';
        text += up ? 2 : 1;
        text += strspn(text, "/");
    }
    buf_addf(&path, "%s%s", *text || !path.len ? "/" : "", text);
    return buf_take(&path, NULL);
}

static void list_free(char **list)
{
    for (char **item = list; item && *item; item++)
        free(*item);
    free(list);
}

static void list_add(char ***list, size_t *count, const char *item, size_t len)
{
    *list = mem_resize(*list, (*count + 2) * sizeof(char *));
    char *copy = memcpy(mem_alloc(len + 1), item, len);
    (*list)[(*count)++] = copy;
    (*list)[*count] = NULL;
}

static bool is_list(const struct setting *s, char **list)
{
    for (; *list; list++)
        if (!is_text(s, *list))
            return false;
    return true;
}

/* Takes the list, or frees it where it isn't good. */
static bool set_list(void *at, const struct setting *s, char **list)
{
    char ***target = at;
    if (!is_list(s, list)) {
        list_free(list);
        return false;
    }
    list_free(*target);
    *target = list;
    return true;
}

static bool set_list_text(void *at, const struct setting *s, const char *text)
{
    size_t count = 0;
    char **list = mem_alloc(sizeof *list);
    while (*text) {
        size_t n = strcspn(text, ",");
        list_add(&list, &count, text, n);
        text += n + (text[n] == ',');
    }
    return set_list(at, s, list);
}

static bool set_number(void *at, const struct setting *s, const char *text)
{
    long n;
    if (!setting_number(text, &n) || n < s->min || n > s->max)
        return false;
    *(long *)at = n;
    return true;
}

static bool set_string(void *at, const char *text, const char *base)
{
    char **target = at;
    free(*target);
    *target = setting_path(base, text);
    return true;
}

bool setting_set(struct config *c, const struct setting *s, const char *text, const char *base)
{
    void *at = slot(c, s);
    switch (s->type) {
    case SETTING_TEXT:
        return is_text(s, text) && set_string(at, text, NULL);
    case SETTING_PATH:
        return is_text(s, text) && set_string(at, text, base);
    case SETTING_WORD:
        return word_find(s, text) >= 0 && set_string(at, text, NULL);
    case SETTING_LIST:
        return set_list_text(at, s, text);
    case SETTING_NUMBER:
        return set_number(at, s, text);
    case SETTING_FLAG:
        *(bool *)at = strcmp(text, "true") == 0;
        return *(bool *)at || strcmp(text, "false") == 0;
    case SETTING_SWITCH:
        *(bool *)at = word_find(s, text) == 0;
        return word_find(s, text) >= 0;
    }
    return false;
}

bool setting_set_json(struct config *c, const struct setting *s, const cJSON *item,
                      const char *base)
{
    if (s->type == SETTING_NUMBER) {
        int64_t n;
        char digits[24];
        if (!json_integer(item, &n))
            return false;
        snprintf(digits, sizeof digits, "%lld", (long long)n);
        return setting_set(c, s, digits, base);
    }
    if (s->type == SETTING_FLAG)
        return cJSON_IsBool(item) && setting_set(c, s, cJSON_IsTrue(item) ? "true" : "false", base);
    if (s->type != SETTING_LIST)
        return cJSON_IsString(item) && setting_set(c, s, item->valuestring, base);
    size_t count = 0;
    char **list = mem_alloc(sizeof *list);
    bool strings = cJSON_IsArray(item);
    for (const cJSON *i = strings ? item->child : NULL; i; i = i->next) {
        const char *text = cJSON_IsString(i) ? i->valuestring : ""; /* which no list allows */
        list_add(&list, &count, text, strlen(text));
    }
    if (strings)
        return set_list(slot(c, s), s, list);
    list_free(list);
    return false;
}

void setting_clear(struct config *c, const struct setting *s)
{
    void *at = slot(c, s);
    if (s->type == SETTING_LIST)
        list_free(*(char ***)at);
    else if (s->type != SETTING_NUMBER && s->type != SETTING_SWITCH && s->type != SETTING_FLAG)
        free(*(char **)at);
}

/* ---- one configuration beside another ---- */

bool setting_same(const struct config *a, const struct config *b, const struct setting *s)
{
    struct buf one = {0}, other = {0};
    setting_write(&one, a, s);
    setting_write(&other, b, s);
    bool same = strcmp(one.data, other.data) == 0;
    buf_free(&one);
    buf_free(&other);
    return same;
}

static size_t size_of(const struct setting *s)
{
    switch (s->type) {
    case SETTING_NUMBER:
        return sizeof(long);
    case SETTING_SWITCH:
    case SETTING_FLAG:
        return sizeof(bool);
    default:
        return sizeof(char *);
    }
}

void setting_swap(struct config *a, struct config *b, const struct setting *s)
{
    unsigned char kept[sizeof(long) > sizeof(char *) ? sizeof(long) : sizeof(char *)];
    size_t n = size_of(s);
    memcpy(kept, slot(a, s), n);
    memcpy(slot(a, s), slot(b, s), n);
    memcpy(slot(b, s), kept, n);
}

/* ---- words for people ---- */

/* 1,000,000 for 1000000. */
static void add_grouped(struct buf *out, long n)
{
    char digits[24];
    int count = snprintf(digits, sizeof digits, "%ld", n);
    for (int i = 0; i < count; i++)
        buf_addf(out, "%s%c", i && (count - i) % 3 == 0 ? "," : "", digits[i]);
}

void setting_allowed(struct buf *out, const struct setting *s)
{
    if (s->type == SETTING_NUMBER) {
        add_grouped(out, s->min);
        buf_adds(out, " to ");
        add_grouped(out, s->max);
    } else if (s->type == SETTING_FLAG) {
        buf_adds(out, "true or false");
    } else if (s->words[0]) {
        for (int i = 0; s->words[i]; i++)
            buf_addf(out, "%s\"%s\"", i ? ", " : "", s->words[i]);
    } else {
        buf_adds(out, s->allowed ? s->allowed : "a text without control characters");
    }
}

void setting_write(struct buf *out, const struct config *c, const struct setting *s)
{
    const void *at = (const char *)c + s->offset;
    if (s->type == SETTING_NUMBER) {
        buf_addf(out, "%ld", *(const long *)at);
    } else if (s->type == SETTING_FLAG) {
        buf_adds(out, *(const bool *)at ? "true" : "false");
    } else if (s->type == SETTING_SWITCH) {
        buf_add_json(out, s->words[*(const bool *)at ? 0 : 1]);
    } else if (s->type != SETTING_LIST) {
        buf_add_json(out, *(char *const *)at);
    } else {
        buf_adds(out, "[");
        for (char **item = *(char **const *)at; *item; item++) {
            buf_adds(out, item == *(char **const *)at ? "" : ", ");
            buf_add_json(out, *item);
        }
        buf_adds(out, "]");
    }
}

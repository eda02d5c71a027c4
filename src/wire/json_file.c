/* The part of json.h that is about files which people write: comments and lines. */
#include "json.h"

#include "utf8.h"

#include <stdlib.h>
#include <string.h>

void json_strip_comments(char *text, size_t len)
{
    bool in_string = false, in_comment = false;
    for (size_t i = 0; i < len; i++) {
        bool more = i + 1 < len && text[i + 1] != '\n';
        if (text[i] == '\n') {
            in_string = in_comment = false; /* neither goes on in the next line */
        } else if (in_comment) {
            text[i] = ' ';
        } else if (in_string && text[i] == '\\' && more) {
            i++;
        } else if (text[i] == '"') {
            in_string = !in_string;
        } else if (!in_string && text[i] == '/' && more && text[i + 1] == '/') {
            in_comment = true;
            text[i] = ' ';
        }
    }
}

/* What is left of a text that json_parse has accepted: so no step checks the grammar again. */
struct cursor {
    const char *at, *end;
};

static bool is_next(const struct cursor *c, const char *any)
{
    return c->at < c->end && *c->at && strchr(any, *c->at);
}

static void skip_blanks(struct cursor *c)
{
    while (is_next(c, " \t\n\r"))
        c->at++;
}

static void skip_comma(struct cursor *c)
{
    skip_blanks(c);
    if (is_next(c, ","))
        c->at++;
    skip_blanks(c);
}

static void skip_string(struct cursor *c)
{
    for (c->at++; c->at < c->end && *c->at != '"'; c->at++)
        c->at += *c->at == '\\';
    c->at++;
}

static void skip_value(struct cursor *c)
{
    size_t depth = 0;
    do {
        bool opens = is_next(c, "{["), closes = is_next(c, "}]");
        depth = depth + opens - closes;
        if (is_next(c, "\""))
            skip_string(c);
        else
            c->at++;
    } while (c->at < c->end && (depth > 0 || !(is_next(c, ",]} \t\n\r"))));
}

static bool to_member(struct cursor *c, const char *name, size_t len)
{
    if (!is_next(c, "{"))
        return false;
    c->at++;
    for (skip_blanks(c); is_next(c, "\""); skip_comma(c)) {
        const char *key = c->at + 1;
        skip_string(c);
        bool found = (size_t)(c->at - 1 - key) == len && memcmp(key, name, len) == 0;
        skip_blanks(c);
        c->at++; /* the colon */
        skip_blanks(c);
        if (found)
            return true;
        skip_value(c);
    }
    return false;
}

static bool to_item(struct cursor *c, unsigned long n)
{
    if (!is_next(c, "["))
        return false;
    c->at++;
    skip_blanks(c);
    for (; n > 0 && !is_next(c, "]"); n--) {
        skip_value(c);
        skip_comma(c);
    }
    return n == 0 && !is_next(c, "]");
}

/* Puts the cursor on the value at PATH. */
static bool go_to(struct cursor *c, const char *path)
{
    skip_blanks(c);
    while (*path) {
        if (*path == '[') {
            char *behind;
            unsigned long n = strtoul(path + 1, &behind, 10);
            if (*behind != ']' || !to_item(c, n))
                return false;
            path = behind + 1;
        } else {
            path += *path == '.';
            size_t n = strcspn(path, ".[");
            if (n == 0 || !to_member(c, path, n))
                return false;
            path += n;
        }
    }
    return true;
}

int json_line(const char *text, size_t len, const char *path)
{
    struct cursor c = {text, text + len};
    if (!go_to(&c, path))
        return 0;
    int line = 1;
    for (const char *p = text; p < c.at; p++)
        line += *p == '\n';
    return line;
}

const char *json_raw(const char *text, size_t len, const char *path, size_t *raw_len)
{
    struct cursor c = {text, text + len};
    if (!go_to(&c, path))
        return NULL;
    const char *from = c.at;
    skip_value(&c);
    *raw_len = (size_t)(c.at - from);
    return from;
}

char *json_show(const cJSON *item, char *out, size_t size)
{
    char *text = cJSON_PrintUnformatted(item);
    size_t n = text ? utf8_cut(text, size - 1) : 0;
    if (n)
        memcpy(out, text, n);
    out[n] = '\0';
    bool cut = text && text[n];
    if (cut && size > 8)
        memcpy(out + utf8_cut(out, size - 4), "…", sizeof "…");
    cJSON_free(text);
    return out;
}

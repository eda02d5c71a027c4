/* setting: one row for each key of the configuration: its type, default, bounds and help, and how
 * a value is judged and kept. config gathers values from file, environment and flags by it. */
#ifndef TALLYD_SETTING_H
#define TALLYD_SETTING_H

#include "buf.h"
#include "config.h"
#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

enum setting_type {
    SETTING_TEXT,   /* char *; without a check any text is allowed */
    SETTING_PATH,   /* char *, made absolute */
    SETTING_LIST,   /* char **; in the environment its items are parted by commas */
    SETTING_NUMBER, /* long, min to max */
    SETTING_WORD,   /* char *, one of words */
    SETTING_SWITCH, /* bool: is it the first of the two words? */
    SETTING_FLAG,   /* bool: true or false */
};

struct setting {
    const char *key; /* "http.listen": section and name */
    enum setting_type type;
    size_t offset; /* in struct config */
    const char *initial;
    long min, max;
    bool (*check)(const char *value);
    const char *allowed; /* in words, for people; numbers and words speak for themselves */
    const char *words[5];
    bool optional;    /* a text that may be empty */
    bool secret;      /* may hold a password: complaints don't repeat it */
    bool restart;     /* a reload can't take it: the value that runs stays */
    const char *help; /* lines of the annotated file */
};

#define SETTINGS 31
/* Those of a section stand together. */
extern const struct setting settings[SETTINGS];

const struct setting *setting_find(const char *key); /* NULL: none */

/* TEXT as an absolute path, BASE being an absolute folder without links in it. Caller frees. */
char *setting_path(const char *base, const char *text);

/* Reads a whole decimal number and nothing else. */
bool setting_number(const char *text, long *out);

/* Sets a value written as text; false if it isn't allowed. Relative paths count from BASE; NULL
 * leaves them as they are. */
bool setting_set(struct config *c, const struct setting *s, const char *text, const char *base);
/* The same for a value of the file, whose JSON type must be right too. */
bool setting_set_json(struct config *c, const struct setting *s, const cJSON *item,
                      const char *base);
void setting_clear(struct config *c, const struct setting *s);
bool setting_same(const struct config *a, const struct config *b, const struct setting *s);
void setting_swap(struct config *a, struct config *b, const struct setting *s);

/* What is allowed, in words. */
void setting_allowed(struct buf *out, const struct setting *s);
/* The value as JSON. */
void setting_write(struct buf *out, const struct config *c, const struct setting *s);

#endif

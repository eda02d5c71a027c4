/* text: numbers and names for people's eyes: thousands separators, columns that stay straight
 * with Chinese in them, and nothing from outside that could steer a terminal. */
#ifndef TALLYCTL_TEXT_H
#define TALLYCTL_TEXT_H

#include "buf.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define TEXT_NUMBER 32

/* Makes the width of Chinese known, whatever the environment says. Once, at the start. */
void text_init(void);
/* Does the environment ask for Chinese? */
bool text_chinese(void);
/* One of two wordings, by that. */
const char *text_either(const char *en, const char *zh);
/* May output be coloured? Not where NO_COLOR is set, nor for what is no terminal of that kind. */
bool text_colour(void);

/* "1,234,567" into OUT. Returns OUT. */
char *text_number(int64_t n, char out[TEXT_NUMBER]);

/* Columns that S takes on a terminal, after cleaning. */
int text_width(const char *s);
/* Adds S without control characters, at most MOST columns of it. Returns the columns added. */
int text_add(struct buf *out, const char *s, int most);
/* Adds S cleaned, with blanks behind (or, with RIGHT, before) it up to WIDTH columns. */
void text_pad(struct buf *out, const char *s, int width, bool right);
/* Writes S cleaned. */
void text_say(FILE *f, const char *s);

/* A table: cells row by row, columns as wide as they need to be. The first LEFT columns are
 * names, the others numbers. A struct with COLUMNS and LEFT set is an empty table. */
struct table {
    int columns, left;
    char **cells;
    size_t count, cap;
};
void table_add(struct table *t, const char *cell);
void table_add_number(struct table *t, int64_t n);
void table_write(const struct table *t, struct buf *out);
void table_free(struct table *t);

#endif

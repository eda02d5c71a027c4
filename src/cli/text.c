#include "text.h"
#include "utf8.h"
#include <inttypes.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#define TABLE_GAP 2

void text_init(void)
{
    setlocale(LC_CTYPE, "");
    /* Without a UTF-8 locale (a bare ssh session, a container) widths would be unknown. */
    if (MB_CUR_MAX == 1)
        setlocale(LC_CTYPE, "C.UTF-8");
}

bool text_chinese(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value && *value)
            return strncmp(value, "zh", 2) == 0;
    }
    return false;
}

const char *text_either(const char *en, const char *zh)
{
    return text_chinese() ? zh : en;
}

bool text_colour(void)
{
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
    return !(no && *no) && term && strcmp(term, "dumb") != 0 && isatty(STDOUT_FILENO);
}

char *text_number(int64_t n, char out[TEXT_NUMBER])
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%" PRIu64, n < 0 ? 0 - (uint64_t)n : (uint64_t)n);
    char *to = out;
    if (n < 0)
        *to++ = '-';
    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            *to++ = ',';
        *to++ = digits[i];
    }
    *to = '\0';
    return out;
}

/* The next character of *s and its columns; what can't be shown becomes a question mark. */
static int next(const char **s, const char **bytes, size_t *len)
{
    uint32_t c;
    size_t n = utf8_next(*s, strlen(*s), &c);
    int width = n == 0 ? -1 : wcwidth((wchar_t)c);
    *bytes = width < 0 ? "?" : *s;
    *len = width < 0 ? 1 : n;
    *s += n == 0 ? 1 : n;
    return width < 0 ? 1 : width;
}

int text_width(const char *s)
{
    int width = 0;
    while (*s) {
        const char *bytes;
        size_t len;
        width += next(&s, &bytes, &len);
    }
    return width;
}

int text_add(struct buf *out, const char *s, int most)
{
    int width = 0;
    while (*s) {
        const char *bytes;
        size_t len;
        int w = next(&s, &bytes, &len);
        if (width + w > most)
            break;
        buf_add(out, bytes, len);
        width += w;
    }
    return width;
}

static void blanks(struct buf *out, int n)
{
    for (; n > 0; n--)
        buf_adds(out, " ");
}

void text_pad(struct buf *out, const char *s, int width, bool right)
{
    if (right)
        blanks(out, width - text_width(s));
    int used = text_add(out, s, INT32_MAX);
    if (!right)
        blanks(out, width - used);
}

void text_say(FILE *f, const char *s)
{
    struct buf clean = {0};
    text_add(&clean, s, INT32_MAX);
    if (clean.len)
        fwrite(clean.data, 1, clean.len, f);
    buf_free(&clean);
}

void table_add(struct table *t, const char *cell)
{
    if (t->count == t->cap) {
        t->cap = t->cap ? t->cap * 2 : 64;
        t->cells = mem_resize(t->cells, t->cap * sizeof *t->cells);
    }
    t->cells[t->count++] = mem_string(cell);
}

void table_add_number(struct table *t, int64_t n)
{
    char text[TEXT_NUMBER];
    table_add(t, text_number(n, text));
}

static int column_width(const struct table *t, size_t column)
{
    int widest = 0;
    for (size_t i = column; i < t->count; i += (size_t)t->columns) {
        int width = text_width(t->cells[i]);
        if (width > widest)
            widest = width;
    }
    return widest;
}

void table_write(const struct table *t, struct buf *out)
{
    size_t columns = (size_t)t->columns;
    int *widths = mem_alloc(columns * sizeof *widths);
    for (size_t i = 0; i < columns; i++)
        widths[i] = column_width(t, i);
    for (size_t i = 0; i < t->count; i++) {
        size_t column = i % columns;
        bool right = column >= (size_t)t->left, last = column + 1 == columns;
        if (column > 0)
            blanks(out, TABLE_GAP);
        text_pad(out, t->cells[i], right || !last ? widths[column] : 0, right);
        if (last)
            buf_adds(out, "\n");
    }
    free(widths);
}

void table_free(struct table *t)
{
    for (size_t i = 0; i < t->count; i++)
        free(t->cells[i]);
    free(t->cells);
    t->cells = NULL;
    t->count = t->cap = 0;
}

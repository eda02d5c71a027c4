#include "csv.h"
#include <stdlib.h>
#include <string.h>

#define LINE_ENDS "\r\n"

static bool ends_line(char c)
{
    return c == '\r' || c == '\n';
}

/* The one that stands most often in the first line with anything in it; a comma where none does. */
static char find_separator(const char *at, const char *end)
{
    static const char candidates[] = {',', ';', '\t'};
    size_t met[sizeof candidates] = {0}, best = 0;
    bool quoted = false, any = false;
    for (; at < end && (quoted || !any || !ends_line(*at)); at++) {
        any = any || !ends_line(*at);
        quoted = quoted != (*at == '"');
        for (size_t i = 0; i < sizeof candidates && !quoted; i++)
            met[i] += *at == candidates[i];
    }
    for (size_t i = 1; i < sizeof candidates; i++)
        if (met[i] > met[best])
            best = i;
    return candidates[best];
}

void csv_open(struct csv *c, const char *text, size_t len)
{
    *c = (struct csv){.at = text, .end = text + len};
    c->separator = find_separator(text, text + len);
}

static void begin_cell(struct csv_row *row)
{
    if (row->count == row->cap) {
        row->cap = row->cap ? row->cap * 2 : 16;
        row->starts = mem_resize(row->starts, row->cap * sizeof *row->starts);
    }
    row->starts[row->count++] = row->bytes.len;
}

static bool quoted_cell(struct csv *c, struct csv_row *row)
{
    for (c->at++;; c->at++) {
        const char *quote = memchr(c->at, '"', (size_t)(c->end - c->at));
        if (!quote) {
            c->trouble = "a quote that is opened here is never closed";
            return false;
        }
        buf_add(&row->bytes, c->at, (size_t)(quote - c->at));
        c->at = quote + 1;
        if (c->at == c->end || *c->at != '"')
            break;
        buf_add(&row->bytes, quote, 1);
    }
    bool over = c->at == c->end || *c->at == c->separator || ends_line(*c->at);
    if (!over)
        c->trouble = "text behind a closing quote: a quote inside a cell is written twice";
    return over;
}

static void plain_cell(struct csv *c, struct csv_row *row)
{
    const char *start = c->at;
    while (c->at < c->end && *c->at != c->separator && !ends_line(*c->at))
        c->at++;
    buf_add(&row->bytes, start, (size_t)(c->at - start));
}

enum csv_step csv_next(struct csv *c, struct csv_row *row)
{
    buf_reset(&row->bytes);
    row->count = 0;
    if (c->at == c->end)
        return CSV_END;
    c->row++;
    for (;; c->at++) {
        begin_cell(row);
        if (c->at == c->end || *c->at != '"')
            plain_cell(c, row);
        else if (!quoted_cell(c, row))
            return CSV_BAD;
        buf_add(&row->bytes, "", 1);
        if (c->at == c->end || ends_line(*c->at))
            break;
    }
    if (c->at < c->end)
        c->at += c->end - c->at > 1 && memcmp(c->at, LINE_ENDS, 2) == 0 ? 2 : 1;
    return CSV_ROW;
}

const char *csv_cell(const struct csv_row *row, size_t i)
{
    return i < row->count ? row->bytes.data + row->starts[i] : "";
}

bool csv_blank(const struct csv_row *row)
{
    for (size_t i = 0; i < row->count; i++)
        if (csv_cell(row, i)[strspn(csv_cell(row, i), " \t\r\n")] != '\0')
            return false;
    return true;
}

void csv_row_free(struct csv_row *row)
{
    buf_free(&row->bytes);
    free(row->starts);
    *row = (struct csv_row){0};
}

void csv_add(struct buf *out, const char *cell, char separator)
{
    size_t len = strlen(cell);
    bool edge = len > 0 && (strchr(" \t", cell[0]) || strchr(" \t", cell[len - 1]));
    if (!edge && !strpbrk(cell, "\"" LINE_ENDS) && !strchr(cell, separator)) {
        buf_add(out, cell, len);
        return;
    }
    buf_adds(out, "\"");
    for (const char *quote; (quote = strchr(cell, '"')); cell = quote + 1) {
        buf_add(out, cell, (size_t)(quote + 1 - cell));
        buf_adds(out, "\"");
    }
    buf_adds(out, cell);
    buf_adds(out, "\"");
}

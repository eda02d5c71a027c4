#include "table.h"

#include "samples.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CELL 40

struct cell {
    struct samples values; /* in the order of the repeats */
};

struct line {
    char name[80], unit[24];
    struct cell cells[COLUMNS];
    struct line *next;
};

struct table {
    struct line *first, **end;
};

struct table *table_new(void)
{
    struct table *t = mem_alloc(sizeof *t);
    t->end = &t->first;
    return t;
}

void table_free(struct table *t)
{
    struct line *next;
    for (struct line *l = t->first; l; l = next) {
        next = l->next;
        for (int i = 0; i < COLUMNS; i++)
            samples_free(&l->cells[i].values);
        free(l);
    }
    free(t);
}

struct line *table_line(struct table *t, const char *unit, const char *format, ...)
{
    char name[sizeof((struct line *)0)->name];
    va_list args;
    va_start(args, format);
    vsnprintf(name, sizeof name, format, args);
    va_end(args);
    for (struct line *l = t->first; l; l = l->next)
        if (strcmp(l->name, name) == 0 && strcmp(l->unit, unit) == 0)
            return l;
    struct line *l = mem_alloc(sizeof *l);
    snprintf(l->name, sizeof l->name, "%s", name);
    snprintf(l->unit, sizeof l->unit, "%s", unit);
    *t->end = l;
    t->end = &l->next;
    return l;
}

void line_add(struct line *l, int column, double x)
{
    samples_add(&l->cells[column].values, x);
}

static double median_of(const struct samples *s)
{
    struct samples copy = {0};
    for (size_t i = 0; i < s->count; i++)
        samples_add(&copy, s->list[i]);
    double x = samples_median(&copy);
    samples_free(&copy);
    return x;
}

/* What tallyd is measured against in this line: Redis alone where that took part. */
static int base_of(const struct line *l)
{
    return l->cells[COLUMN_REDIS].values.count ? COLUMN_REDIS : (int)FLOOR;
}

/* Each repeat stands beside the same repeat of the base, so that what the machine did otherwise
 * meanwhile weighs on both. NaN where there is nothing to compare. */
static double ratio(const struct line *l, int column)
{
    const struct samples *a = &l->cells[column].values, *b = &l->cells[base_of(l)].values;
    struct samples ratios = {0};
    for (size_t i = 0; i < a->count && i < b->count; i++)
        if (b->list[i] > 0)
            samples_add(&ratios, a->list[i] / b->list[i]);
    double x = samples_median(&ratios);
    samples_free(&ratios);
    return x;
}

static void show_number(char *out, size_t size, double x)
{
    int digits = x >= 100 ? 0 : x >= 10 ? 1 : 2;
    snprintf(out, size, "%.*f", digits, x);
}

static void show(const struct line *l, int column, char out[CELL])
{
    char number[24];
    double x = median_of(&l->cells[column].values), r = ratio(l, column);
    out[0] = '\0';
    if (isnan(x))
        return;
    show_number(number, sizeof number, x);
    if (column == base_of(l) || isnan(r))
        snprintf(out, CELL, "%s", number);
    else
        snprintf(out, CELL, "%s (x %.2f)", number, r);
}

static const char *title(int column)
{
    return column == COLUMN_REDIS ? "Redis alone" : server_title((enum server_name)column);
}

static bool is_used(const struct table *t, int column)
{
    for (const struct line *l = t->first; l; l = l->next)
        if (l->cells[column].values.count)
            return true;
    return false;
}

static void write_cell(struct buf *out, const char *text, int width)
{
    buf_addf(out, "| %-*s ", width, text);
}

void table_write(struct table *t, struct buf *out)
{
    char text[CELL];
    int width[COLUMNS] = {0}, name_width = 4, unit_width = 4;
    for (const struct line *l = t->first; l; l = l->next) {
        name_width = (int)fmax(name_width, (double)strlen(l->name));
        unit_width = (int)fmax(unit_width, (double)strlen(l->unit));
        for (int i = 0; i < COLUMNS; i++) {
            show(l, i, text);
            width[i] = (int)fmax(fmax(width[i], (double)strlen(text)), (double)strlen(title(i)));
        }
    }
    write_cell(out, "what", name_width);
    write_cell(out, "unit", unit_width);
    for (int i = 0; i < COLUMNS; i++)
        if (is_used(t, i))
            write_cell(out, title(i), width[i]);
    buf_adds(out, "|\n|---|---|");
    for (int i = 0; i < COLUMNS; i++)
        if (is_used(t, i))
            buf_adds(out, "---:|");
    buf_adds(out, "\n");
    for (const struct line *l = t->first; l; l = l->next) {
        write_cell(out, l->name, name_width);
        write_cell(out, l->unit, unit_width);
        for (int i = 0; i < COLUMNS; i++) {
            show(l, i, text);
            if (is_used(t, i))
                write_cell(out, text, width[i]);
        }
        buf_adds(out, "|\n");
    }
}

/* csv: tables as spreadsheets save them (RFC 4180): quoted cells with commas, quotes and line ends
 * in them, CRLF, LF or CR behind a row, and cells set apart by a comma, a semicolon or a tab,
 * whichever the head line uses. The text is whole in memory, so a row can be read again later. */
#ifndef TALLYCTL_CSV_H
#define TALLYCTL_CSV_H

#include "buf.h"
#include <stdbool.h>
#include <stddef.h>

enum csv_step {
    CSV_ROW,
    CSV_END, /* no row is left */
    CSV_BAD  /* trouble and row say why the table can't be read on */
};

/* Where a reader stands; a plain value: a copy taken before a row reads that row again. */
struct csv {
    const char *at, *end; /* borrowed */
    char separator;
    long row;            /* the number of the row last read, as a spreadsheet shows it, from 1 */
    const char *trouble; /* behind CSV_BAD */
};

/* One row's cells. A zeroed struct is ready, and its memory is used again by each row. */
struct csv_row {
    struct buf bytes; /* the cells, each with its NUL */
    size_t *starts;
    size_t count, cap;
};

/* Starts at TEXT's first row and finds the separator there. TEXT is borrowed and holds no NUL. */
void csv_open(struct csv *c, const char *text, size_t len);
enum csv_step csv_next(struct csv *c, struct csv_row *row);

/* The cell in column I from 0, as it stands in the sheet; "" behind the last one. */
const char *csv_cell(const struct csv_row *row, size_t i);
/* Has the row nothing but blanks in it? */
bool csv_blank(const struct csv_row *row);
void csv_row_free(struct csv_row *row);

/* Adds CELL so that it is read as it was, in quotes where it needs them. */
void csv_add(struct buf *out, const char *cell, char separator);

#endif

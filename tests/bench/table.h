/* table: the one table of results. A line is one thing that was measured, by columns of who did
 * it; each cell keeps what each repeat gave, and shows the median and its ratio to the floor's, or
 * to that of whatever the line is measured against, taken repeat by repeat. */
#ifndef TALLYD_BENCH_TABLE_H
#define TALLYD_BENCH_TABLE_H

#include "buf.h"
#include "server.h"

/* Columns behind the servers': Redis alone, doing tallyd's calls. */
enum { COLUMN_REDIS = SERVERS, COLUMNS };

struct table;
struct line;

struct table *table_new(void);
void table_free(struct table *t);
/* The line of that name and unit, made at the table's end if there is none. */
struct line *table_line(struct table *t, const char *unit, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void line_add(struct line *l, int column, double x);
/* As Markdown. */
void table_write(struct table *t, struct buf *out);

#endif

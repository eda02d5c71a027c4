/* rejects: the rows that an import could not bring in, as a sheet of their own: the columns that
 * they came with and one more that says what is wrong with each. It is mended in any spreadsheet
 * program and imported again (that column is passed over), so it is UTF-8 with a byte order mark,
 * which such programs want, and has the separator of the sheet that the rows are from. */
#ifndef TALLYCTL_REJECTS_H
#define TALLYCTL_REJECTS_H

#include "columns.h"
#include "csv.h"
#include <stdbool.h>
#include <stdio.h>

/* Set the first four (borrowed); rejects_close when done. The file is made by the first row; one
 * that stands there is kept under its name with a ~ behind. */
struct rejects {
    const char *path;
    const struct columns *columns;
    const struct csv_row *head;
    char separator;
    FILE *file;
    bool kept; /* there was one */
};

/* False, errno set, if it can't be written. */
bool rejects_add(struct rejects *r, const struct csv_row *row, const char *error);
bool rejects_close(struct rejects *r);

#endif

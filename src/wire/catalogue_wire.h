/* catalogue_wire: the catalogue's file (config/alliance.json) in, `/catalogue`'s answer out. */
#ifndef TALLYD_CATALOGUE_WIRE_H
#define TALLYD_CATALOGUE_WIRE_H

#include "buf.h"
#include "catalogue.h"
#include "event.h"
#include <stddef.h>

/* A line of the file that is wrong, in words, for --check and the log. */
struct complaint {
    int line;       /* from 1; 0: the file as a whole */
    char field[96]; /* "units[3].id"; "" if none */
    char message[240];
};
struct complaints {
    struct complaint *list;
    size_t count, cap;
};
void complaints_add(struct complaints *c, int line, const char *field, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void complaints_free(struct complaints *c);

/* Reads the file's TEXT (JSON with // comments). Gives the catalogue, or NULL with at least one
 * complaint; all that is wrong is listed, not just the first. OPENING receives the raw JSON of
 * the file's "opening" list (an array of events, caller frees), or NULL if it has none.
 * The file: {"alliance":{"id","name"},"circles":[{"id","name"}],
 * "communities":[{"id","name","circle"}],"units":[{"id","name"}],"categories":[{"id","name"}],
 * "projects":[{"id","name","category","units":[id],"round","status"}],"opening":[event,…]?}.
 * Unknown keys, wrong types, repeated ids and unknown references are refused. */
struct catalogue *catalogue_read(const char *text, size_t len, char **opening,
                                 struct complaints *complaints);

/* The contract's /catalogue answer. */
void catalogue_write(const struct catalogue *c, struct buf *out);

#endif

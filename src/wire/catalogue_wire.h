/* catalogue_wire: the catalogue's file (config/alliance.json) in, `/catalogue`'s answer out. */
#ifndef TALLYD_CATALOGUE_WIRE_H
#define TALLYD_CATALOGUE_WIRE_H

#include "buf.h"
#include "catalogue.h"
#include "complaint.h"
#include "event.h"
#include <stddef.h>

/* Reads the file's TEXT (JSON with // comments). Gives the catalogue, or NULL with at least one
 * complaint; all that is wrong is listed, not just the first. OPENING receives the raw JSON of
 * the file's "opening" list (an array of events, caller frees), or NULL if it has none.
 * The file: {"alliance":{"id","name"},"circles":[{"id","name"}],
 * "communities":[{"id","name","circle"}],"units":[{"id","name"}],"categories":[{"id","name"}],
 * "projects":[{"id","name","category","units":[id],"round","status"}],"opening":[event,…]?}.
 * Each entry may have "retired":true; then so must those that belong to it.
 * Unknown keys, wrong types, repeated ids and unknown references are refused. */
struct catalogue *catalogue_read(const char *text, size_t len, char **opening,
                                 struct complaints *complaints);

/* The contract's /catalogue answer. */
void catalogue_write(const struct catalogue *c, struct buf *out);

#endif

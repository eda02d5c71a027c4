/* listed: the setting "alliances": for which alliances the daemon counts, where each one's files
 * are, and its store. The first is the one of the plain paths. */
#ifndef TALLYD_LISTED_H
#define TALLYD_LISTED_H

#include "complaint.h"
#include "config.h"

#include <cjson/cJSON.h>

#define LISTED_MAX 1000

/* Takes the list ITEM in the place of the one that OUT has, with complaints to FILE. Relative paths
 * count from BASE. */
void listed_read(struct config *out, const cJSON *item, const struct judged_file *file,
                 const char *base);
/* The same from a variable of the environment. */
void listed_read_text(struct config *out, const char *name, const char *text,
                      struct complaints *complaints, const char *base);
/* When all settings are there: what the list leaves open is as the sections alliance, screen and
 * redis say; and so is the only alliance where there is no list. DEFAULT_SCREEN: what screen.file
 * is by default. */
void listed_complete(struct config *c, const char *default_screen);
/* Have both the same members, reached in the same way? */
bool listed_same_members(const struct listed *a, const struct listed *b);
void listed_clear(struct config *c);

/* As a member of the annotated file. */
void listed_write(const struct config *c, struct buf *out);

#endif

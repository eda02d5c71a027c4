/* keep: a small file of the state folder, for its owner only, replaced as a whole. */
#ifndef TALLYD_KEEP_H
#define TALLYD_KEEP_H

#include "buf.h"

/* FOLDER/NAME. Caller frees. */
char *keep_path(const char *folder, const char *name);
/* The whole file, ended by a NUL; NULL if it can't be read. Caller frees. */
char *keep_read(const char *folder, const char *name, size_t *len);
/* Written beside and renamed, so that a reader finds the old or the new, never half of one. -1:
 * errno says why not. */
int keep_write(const char *folder, const char *name, const struct buf *text);

#endif

/* pack: a file of lines, packed by zstd, written whole or not at all. */
#ifndef TALLYCTL_PACK_H
#define TALLYCTL_PACK_H

#include "buf.h"
#include <stdbool.h>

struct pack;

/* Writes beside PATH until pack_close. NULL with the reason on stderr. */
struct pack *pack_create(const char *path);
bool pack_add(struct pack *p, const char *bytes, size_t len);
/* KEEP: on disk under its name when this returns true; else nothing is left behind. */
bool pack_close(struct pack *p, bool keep);

struct unpack;

struct unpack *unpack_open(const char *path);
/* The next line without its end, NUL behind, borrowed until the next call; NULL at the end, where
 * unpack_is_whole tells whether that was the file's end too. */
char *unpack_line(struct unpack *u, size_t *len);
bool unpack_is_whole(const struct unpack *u);
void unpack_close(struct unpack *u);

#endif

/* encoding: a file's bytes as UTF-8, whatever wrote them. Office programs save CSV as UTF-8 with
 * a byte order mark, as GB18030 (what a Chinese Windows calls ANSI) or, as "Unicode text", as
 * UTF-16; none says which, so it is found out: by the mark, else UTF-8 if all of it is valid
 * UTF-8 (no GB18030 text of some length is), else GB18030. */
#ifndef TALLYCTL_ENCODING_H
#define TALLYCTL_ENCODING_H

#include "buf.h"
#include <stdbool.h>

/* The name to show for what a user calls an encoding ("gbk" is read as GB18030, which holds it);
 * NULL if it isn't one of those taken. */
const char *encoding_find(const char *name);
/* Those names in one line, for messages. */
const char *encoding_names(void);

/* Turns BYTES into UTF-8 in place, without a byte order mark. NAME is encoding_find's, or NULL to
 * find it out. Returns the name of what it was; or NULL with the reason, told for people, in
 * ERROR: the text isn't of that encoding, or isn't text at all. */
const char *encoding_decode(struct buf *bytes, const char *name, struct buf *error);

#endif

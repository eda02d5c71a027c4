/* proven: what earlier incarnations of the journal had been told is safe in the store before
 * their records were deleted here. A store that later knows less has lost events that nobody
 * holds any more: that must be said, never passed over. A small file in the state folder. */
#ifndef TALLYD_PROVEN_H
#define TALLYD_PROVEN_H

#include "trimmer.h"

struct proven; /* the file's content */

/* FOLDER is the state folder. */
struct proven *proven_open(const char *folder);
void proven_close(struct proven *p);
/* Notes marks, on disk when this returns 0: only then may their records be deleted. */
int proven_note(struct proven *p, const struct mark *marks, size_t count);
size_t proven_count(const struct proven *p);
const struct mark *proven_at(const struct proven *p, size_t i);
/* For a store that was restored on purpose. */
void proven_forget(struct proven *p);

#endif

/* fold: the counters worked out again from the events alone, in a way of its own: the script adds
 * and takes back as events come; the fold looks at the whole history at once and counts what is
 * left standing. Where both agree, both are right. It answers `tallyctl verify`.
 *
 * Two passes over the stream, in any order of events: fold_void for each void, then fold_add for
 * each event; then fold_finish once. Memory grows with voids, venues' and problems' events and
 * single residents, not with activities. Estimates of unique residents are not folded. */
#ifndef TALLYD_FOLD_H
#define TALLYD_FOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fold;

struct fold *fold_new(void);
void fold_free(struct fold *f);

/* The event of that id has been taken back. */
void fold_void(struct fold *f, const char *id);
/* An event as the stream has it: its id and its effect (effect.h). False if it isn't one. */
bool fold_add(struct fold *f, const char *id, const char *effect, size_t len);
void fold_finish(struct fold *f);

/* Compares with counted cells, in the store's text form, given one by one: "DAY DIM" and
 * "a,v,r,p,s" (fields that begin with U are passed over). Calls DIFFER for each that isn't the
 * same; COUNTED or FOLDED is "-" where one side lacks it and the other isn't zero. */
typedef void (*fold_differ)(void *ctx, const char *field, const char *counted, const char *folded);
void fold_compare(struct fold *f, const char *field, const char *value, fold_differ differ,
                  void *ctx);
/* After all cells were given: those that only the fold has. Returns how many cells the fold has. */
size_t fold_rest(struct fold *f, fold_differ differ, void *ctx);

#endif

/* channel: what all screens that asked for the same views see. It keeps the figures that they
 * were last sent, so that a delta is made once, holds only what changed, and serves them all. */
#ifndef TALLYD_CHANNEL_H
#define TALLYD_CHANNEL_H

#include "board.h"
#include "buf.h"
#include "range.h"

#define VIEWS_MAX 8

struct view {
    char range[12];    /* "all", "today", "2026-11" */
    enum dimension by; /* DIM_TOTAL: no groups */
    bool cells;        /* by cell: the groups are the total's cells, for who adds alliances up */
};

/* Reads {"views":[{"range":…,"by":…},…]}. Returns 1 to VIEWS_MAX, or 0 with the reason, in
 * words, in ERROR. TODAY serves to judge the ranges. */
size_t views_read(const char *text, size_t len, int32_t today, struct view views[VIEWS_MAX],
                  char *error, size_t error_size);

struct channel;

/* Its figures are the board's at this moment. */
struct channel *channel_new(const struct view *views, size_t count, const struct board *b);
void channel_free(struct channel *c);
bool channel_is(const struct channel *c, const struct view *views, size_t count);

/* The revision of the figures that it holds. */
uint64_t channel_rev(const struct channel *c);
/* Has one of its ranges another span today than when the figures were taken? */
bool channel_is_stale(const struct channel *c, const struct board *b);

/* Takes the board's figures and appends the delta message that leads there from those held. */
void channel_advance(struct channel *c, const struct board *b, struct buf *out);
/* Takes the board's figures as they are: after a load, a new day, another catalogue. */
void channel_reset(struct channel *c, const struct board *b);
/* Appends the snapshot message of the figures held. */
void channel_snapshot(const struct channel *c, const struct board *b, struct buf *out);

/* Appends a status message. REASON: why the store is down, in words; "" while it is up. The
 * board's as_of 0: nothing is shown yet. BUILD: of the pages, behind the program's version. */
void status_write(const char *reason, long long queued, const struct board *b, int64_t now,
                  const char *build, struct buf *out);
/* Appends an error message with a code and words. */
void live_error_write(const char *code, const char *message, struct buf *out);

#endif

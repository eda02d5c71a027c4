/* effect: what an event adds to the counters, worked out once, when it arrives, and frozen: a
 * catalogue that changes later doesn't move what was counted. It travels as one line of text,
 * beside the event, into the journal, the store's script and the stream:
 *
 *     KIND AT DAY DIMS N KEY EXTRA                       (single blanks between)
 *
 * KIND   a activity, r reach, v venue, p problem, l plan, o opening, x void
 * AT     17 digits that sort like the instant: µs since 0001-01-01T00:00Z
 * DAY    YYYYMMDD in the alliance's zone; 0 for an opening balance, which is of no day
 * DIMS   the groups it counts for, "i=c1,c=s01,u=u03,p=p101,g=wenhua" (circle, community, unit,
 *        project, category), or "-". The store fills in what only it knows: a reach's and a
 *        void's are those of the event they speak of; a solved problem's place is the raised one's.
 * N      a, r: residents · v: 1 shared, 0 withdrawn · p: r raised, c claimed, s solved
 *        l: 1 cancelled, else 0 · o: five numbers by metric, "300,120,10000,0,450" · x: 0
 * KEY    a: the plan it fulfils · r: the activity · v, p, l: the venue, problem, plan · x: the
 *        event that is taken back; else "-"
 * EXTRA  r: "HASH:MONDAY" of a single resident (keyed hash, first day of its ISO week)
 *        l: when it starts, like AT · else "-"
 *        With "@UNIT" behind it, r, v, l may speak of that unit's activity, venue or plan only, and
 *        x take back what is that unit's; "@" alone: any unit's; neither an opening. The store
 *        judges that once, and leaves it out. (A void of an earlier version has "UNIT" alone.) */
#ifndef TALLYD_EFFECT_H
#define TALLYD_EFFECT_H

#include "buf.h"
#include "event.h"

#define EFFECT_DIMS_MAX  (5 * (EVENT_ID_MAX + 3))
#define EFFECT_AT_DIGITS 17

/* Appends the effect of a checked event. RESIDENT is the keyed hash of the event's resident, as
 * lower-case hex, or NULL if it names none. UNIT: a reporter's, whose events may speak of its own
 * alone; "": one of no unit; NULL: who may all. */
void effect_of(const struct event *e, const struct catalogue *c, const char *resident,
               const char *unit, struct buf *out);

/* A line taken apart; the strings point into LINE's copy inside. Plain value. */
struct effect {
    char kind;
    int32_t day;
    const char *at, *dims, *n, *key, *extra;
    char text[EFFECT_DIMS_MAX + 4 * (EVENT_ID_MAX + 2) + 128];
};
/* False if LINE isn't an effect. */
bool effect_read(struct effect *x, const char *line, size_t len);

/* An instant as AT's digits. Returns OUT. */
char *effect_at(int64_t instant, char out[EFFECT_AT_DIGITS + 1]);

/* "c" and "s01" of the next group in a DIMS text; *cursor starts at the text. Writes the group's
 * key ("c=s01") into KEY. False at the end. */
bool effect_next_dim(const char **cursor, char key[EVENT_ID_MAX + 3]);

/* Does it count for that group? */
bool effect_has(const struct effect *x, enum dimension d, const char *id);

/* The letter of a dimension in keys ("i" circle …; "t" the total, which has no id). */
char effect_dim_letter(enum dimension d);
/* "t" for the total, else "c=s01". Returns OUT. */
char *effect_dim_key(enum dimension d, const char *id, char out[EVENT_ID_MAX + 3]);

#endif

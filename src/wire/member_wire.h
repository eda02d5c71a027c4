/* member_wire: what a member of a district says on its /ws, read and kept. A district asks for the
 * total's cells, so that every range and trend of its own follows from them. */
#ifndef TALLYD_MEMBER_WIRE_H
#define TALLYD_MEMBER_WIRE_H

#include "buf.h"
#include "totals.h"
#include <cjson/cJSON.h>

/* What to ask it for. */
#define MEMBER_VIEWS "{\"views\":[{\"range\":\"all\",\"by\":\"cell\"}]}"

enum member_says { MEMBER_SNAPSHOT, MEMBER_DELTA, MEMBER_STATUS, MEMBER_NOTHING };

struct member_news {
    enum member_says what; /* NOTHING: of no interest */
    char epoch[40];
    uint64_t rev, prev;
    int64_t as_of, now; /* instants by its own clock; 0: not said */
    bool store_up;
    long units, projects; /* a snapshot's */
    struct cell *cells;   /* of a snapshot all there are, of a delta those that changed */
    size_t cell_count;
    const cJSON *events; /* newest first; borrowed from ROOT */
    const cJSON *sums;   /* which districts' epochs are in it; borrowed too, NULL: none's */
    cJSON *root;
};

/* Reads a message. False if it isn't one as above: then nothing is held. A snapshot or a delta of
 * other views than ours is MEMBER_NOTHING. */
bool member_read(const char *text, size_t len, struct member_news *out);
void member_news_clear(struct member_news *news);

/* Is one of its sums that of EPOCH? */
bool member_sums_have(const struct member_news *news, const char *epoch);
/* Appends its sums, each behind a comma. */
void member_sums_write(const struct member_news *news, struct buf *out);

/* Appends an event of the news as a district shows it, of the community MEMBER and with an id that
 * says so; without what only the member's own catalogue knows. AT: its instant. False if it is
 * none. */
bool member_event_write(const cJSON *event, const char *member, struct buf *out, int64_t *at);

/* Appends a snapshot as member_read takes it: the news' values beside their cells, these from group
 * DIM. */
void member_write(const struct member_news *news, const struct totals *t, const char *dim,
                  struct buf *out);

#endif

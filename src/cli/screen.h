/* screen: what `watch` shows. It takes the daemon's messages one by one, keeps the state that they
 * add up to, and puts each change into a line; picture draws it for a terminal. */
#ifndef TALLYCTL_SCREEN_H
#define TALLYCTL_SCREEN_H

#include "buf.h"
#include "metric.h"
#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum screen_news {
    SCREEN_SAME,    /* nothing to show */
    SCREEN_FRESH,   /* a snapshot */
    SCREEN_CHANGED, /* a delta */
    SCREEN_STATUS,  /* the store went or came back */
    SCREEN_GAP,     /* a delta that doesn't fit: ask for a snapshot */
    SCREEN_ERROR    /* the daemon says that we erred */
};

struct screen {
    const char *place;            /* borrowed: where the daemon is */
    enum dimension by;            /* what the third view is grouped by */
    const cJSON *catalogue;       /* borrowed: the names */
    cJSON *views, *events;        /* as the newest snapshot had them, brought forward by deltas */
    int64_t before[METRIC_COUNT]; /* the figures at the last screen_line */
    long long rev, queued;
    int64_t as_of; /* instant; 0: not known */
    int64_t ahead; /* how far the daemon's clock is before ours, in µs */
    bool live, store_down;
};

/* The views, in the order in which screen_ask asks for them. */
enum { VIEW_ALL, VIEW_TODAY, VIEW_GROUPS, VIEW_GROUPS_TODAY, VIEW_COUNT };

/* The views to ask for, as a message. */
void screen_ask(const struct screen *s, struct buf *out);
enum screen_news screen_message(struct screen *s, const char *text, size_t len);
/* The last message as a line; NEWS is what screen_message said of it. */
void screen_line(struct screen *s, enum screen_news news, struct buf *out);
void screen_clear(struct screen *s);

#endif

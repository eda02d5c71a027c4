/* feed: posts a request's worth of events, again and again with the same ids while the daemon is
 * away or busy, and adds up what it answered. The ids make the repeats harmless. */
#ifndef TALLYCTL_FEED_H
#define TALLYCTL_FEED_H

#include "cli.h"
#include "client.h"

#define FEED_EVENTS_MAX 1000
#define FEED_BYTES_MAX  (1024UL * 1024)

struct feed {
    struct cli *cli;
    long wait;    /* seconds to go on trying */
    bool patient; /* also before the daemon has ever answered */
    bool quiet;   /* conflicts are added up, not listed */
    /* Sees each conflict in place of a line on stderr; with feed_take's CTX. May be NULL. */
    void (*on_conflict)(void *ctx, int index, const char *message);
    long long events, counted, queued, duplicate, conflict, refused;
    long long rev;
    bool stopped; /* a stop signal came while waiting */
    long listed;  /* conflicts said so far */
    struct reply reply;
};

/* BODY is a JSON array of EVENTS events. WHERE names one by its index (see client_complain).
 * Returns EXIT_DONE when it was answered; else the exit code, the reason said. */
int feed_post(struct feed *f, const struct buf *body, long events,
              const char *(*where)(void *ctx, int index), void *ctx);
/* The same in parts, for those who judge a refusal themselves. Posts (or gets PATH) until there is
 * an answer that repeating wouldn't change, or no time is left: f->reply holds what came last.
 * False if a stop signal ended it. */
bool feed_offer(struct feed *f, const struct buf *body);
bool feed_get(struct feed *f, const char *path);
/* Adds up what f->reply, a 200 or 202, says of EVENTS events. Returns as feed_post does. */
int feed_take(struct feed *f, long events, const char *(*where)(void *ctx, int index), void *ctx);
void feed_clear(struct feed *f);

#endif

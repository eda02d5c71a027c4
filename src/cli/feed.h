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
void feed_clear(struct feed *f);

#endif

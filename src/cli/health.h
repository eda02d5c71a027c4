/* health: what `status` tells, gathered from a daemon's answers to the same questions that anybody
 * may ask, and judged: what is wrong, in words, with what to do. */
#ifndef TALLYCTL_HEALTH_H
#define TALLYCTL_HEALTH_H

#include "client.h"
#include <stdbool.h>

#define TROUBLES_MAX 10

struct trouble {
    const char *code; /* for programs: "store_down" */
    char text[400];   /* for people, in their language */
};

/* Figures are -1 where they aren't known. Instants are as in date.h; 0: none. */
struct health {
    char version[32], store[16];
    double started, as_of, backup; /* seconds since 1970 */
    double store_up, redis_memory, revision, screens, queued, rejected;
    double journal, journal_max, disk_free;
    char reason[200];    /* why it isn't ready; "" */
    bool ready, private; /* PRIVATE: who may look was not us, so what follows isn't known */
    bool newest_known;
    char last_kind[16], last_at[40];
    char recount_at[40]; /* "": there was none */
    double recount_events, recount_differences;
    struct trouble troubles[TROUBLES_MAX];
    int trouble_count;
};

/* Asks; 0, or the exit code with the reason said. NOW in seconds since 1970. */
int health_ask(struct health *h, struct client *c, double now);
void health_write_json(const struct health *h, struct buf *out);

#endif

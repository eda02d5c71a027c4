/* progress: a bar on the terminal for what takes a while; nothing at all where stderr isn't one. */
#ifndef TALLYCTL_PROGRESS_H
#define TALLYCTL_PROGRESS_H

#include <stdbool.h>

/* A zeroed struct is ready. */
struct progress {
    long long drawn; /* when, by stop_clock; 0: not yet */
};

/* DONE of TOTAL things named WHAT ("events"); TOTAL 0: unknown, then only the number. */
void progress_show(struct progress *p, long long done, long long total, const char *what);
/* Takes the bar away. */
void progress_end(struct progress *p);

#endif

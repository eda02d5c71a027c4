/* cookie: the one cookie that we set for an alliance, found among all that a browser sends. It is
 * read to the letter: a header that holds control characters, or our name twice (somebody else on
 * the domain has set it too), has none. */
#ifndef TALLYD_COOKIE_H
#define TALLYD_COOKIE_H

#include <stdbool.h>

#define COOKIE_NAME   "tally"
#define COOKIE_PREFIX "ts_"
#define COOKIE_RANDOM 20                          /* bytes, as hex behind the prefix */
#define COOKIE_TEXT   (3 + 2 * COOKIE_RANDOM + 1) /* with its NUL */

/* Finds the value of our cookie of that NAME in HEADER, which may be NULL. */
bool cookie_find(const char *header, const char *name, char out[COOKIE_TEXT]);

#endif

/* codes: one-time codes, by which a phone or a browser signs in without ever seeing a token. A code
 * stands in a link's fragment, which servers and their logs are never sent; its hash alone is kept,
 * and the first who sends it has a session for it. */
#ifndef TALLYD_CODES_H
#define TALLYD_CODES_H

#include "answer.h"

#define CODES_TEXT 36 /* "tc_", 32 hex digits, NUL */

/* Makes a code for the token NAME and answers 201 with it. */
void codes_issue(struct call *c, const char *name);
bool codes_fits(const char *text); /* has it the form of a code? */

#endif

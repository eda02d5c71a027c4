/* follow: what the store tells, put on the board: the load, each change after it, tokens, and
 * whether the store is there at all. */
#ifndef TALLYD_FOLLOW_H
#define TALLYD_FOLLOW_H

#include "alliance.h"

/* For store_open. */
struct store_handler follow_handler(struct alliance *alliance);
/* Sends the catalogue's opening balances to be counted, if that is still to be done and can be. */
void follow_opening(struct alliance *alliance);

#endif

/* inbox: the way in for other systems: they XADD tally:{ALLIANCE}:inbox * event JSON, and what
 * they write is counted by the same rules as what is posted. A consumer group shares the work
 * among daemons; what a dead one left is taken over. An entry is acknowledged, and removed, only
 * when its event is in the journal or, refused, in …:rejected with the reason. */
#ifndef TALLYD_INBOX_H
#define TALLYD_INBOX_H

#include "alliance.h"

struct inbox;

struct inbox *inbox_open(struct alliance *alliance);
void inbox_close(struct inbox *b);

#endif

/* history: the catalogue held against what was counted. An id that has events can't leave it, or
 * its figures would add up to less than the total for no reason that anybody sees; nor can it
 * belong to another circle or category, since what was counted stays with the one of that time.
 * Such an entry is retired instead, and what goes on gets a new id. */
#ifndef TALLYD_HISTORY_H
#define TALLYD_HISTORY_H

#include "alliance.h"

/* Complains to LIST of all that FRESH may not take from the catalogue in force. While it isn't
 * known what was counted, as with the store away, every id counts as one that has events. */
void history_judge(const struct alliance *alliance, const struct catalogue *fresh,
                   struct complaints *list);
/* The store has been read: is the catalogue one that goes on from its history, and from the one
 * that was last in force on this state folder? False, and logged, if it isn't. */
bool history_fits(struct alliance *alliance);
/* Notes in the state folder that the present catalogue is in force. */
void history_note(const struct alliance *alliance);

#endif

/* verdict: the letters by which the script judges each event (io/lua/apply.lua): c counted,
 * d duplicate, all others a conflict. What was answered "queued" and then proves a conflict goes
 * to …:rejected with the reason, where somebody can find it. */
#ifndef TALLYD_VERDICT_H
#define TALLYD_VERDICT_H

#include "journal.h"
#include "store.h"

/* The reason's name for a conflict's letter; NULL if the letter is none. */
const char *verdict_reason(char letter);
/* Writes down the record of that number in the journal's present incarnation, if LETTER is a
 * conflict. */
void verdict_reject(struct store *store, struct journal *journal, uint64_t number, char letter);
/* Adds a batch's letters to the daemon's own counters. */
/* The same of those that the script itself put aside. */
void verdict_count_rejected(const char *letters);
void verdict_count(const char *letters);

#endif

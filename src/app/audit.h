/* audit: what was done with rights, and who was refused: one line of JSON each in
 * STATE/audit/YYYY-MM.jsonl, which is only ever appended to, and read by its owner alone. Months
 * older than access.audit_months are deleted. A line names tokens, never their secrets.
 *
 *     {"at","actor","peer","act","subject","outcome"} and, where it says something, "reason",
 * "count"
 *
 * Refused sign-ins are written one by one up to a number a minute; beyond it a line tells how many
 * more there were, so that nobody can fill the disk by guessing. */
#ifndef TALLYD_AUDIT_H
#define TALLYD_AUDIT_H

#include "answer.h"

struct audit;

struct audit *audit_open(struct alliance *alliance);
void audit_close(struct audit *a);
/* Once a second; once a day it deletes what is too old. */
void audit_tick(struct audit *a);

/* Who calls has done ACT to SUBJECT (NULL: nothing in particular). */
void audit_act(struct call *c, const char *act, const char *subject, const char *outcome,
               const char *reason);
/* NAME has begun a session. */
void audit_signed_in(struct call *c, const char *name);
/* A sign-in was refused: OUTCOME is "bad_token", "bad_code", "expired", "locked" (not even
 * heard), "locked_out" (from now on). */
void audit_refused(struct alliance *alliance, const char *peer, const char *outcome);

#define AUDIT_NAME 14 /* "2026-07.jsonl" and its NUL */
/* Is it the name of a month's file? */
bool audit_is_month(const char *name);
const char *audit_folder(const struct audit *a);

#endif

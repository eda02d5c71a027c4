/* home: the state folder, whose it is. One daemon runs on it at a time, and what it keeps belongs
 * to one alliance: its journal's events must never be counted in another. */
#ifndef TALLYD_HOME_H
#define TALLYD_HOME_H

#include "alliance.h"

#include <stddef.h>

/* Makes the folder if it isn't there. Gives what holds the lock, for close(), or -1 and why. */
int home_lock(const char *folder, char *error, size_t error_size);

/* The folder is the catalogue's alliance's from now on. -1 and why if it is another's, or can't be
 * written. */
int home_claim(const struct alliance *alliance, char *error, size_t error_size);

#endif

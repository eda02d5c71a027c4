/* stop: ends a long-running verb in order. SIGINT, SIGTERM and SIGHUP are held back and asked for
 * where the verb waits anyway, so there is no handler and no global flag. */
#ifndef TALLYCTL_STOP_H
#define TALLYCTL_STOP_H

#include <stdbool.h>

/* From now on those signals wait for stop_wait. */
void stop_listen(void);
/* Waits that many milliseconds; true as soon as one of the signals is there. Without stop_listen
 * it just waits, and a signal does what it always does. */
bool stop_wait(long ms);
/* Milliseconds of a clock that only goes forward. */
long long stop_clock(void);

#endif

/* repair: the private Redis' append-only file after a crash. Redis 7.0 mends a torn tail itself,
 * but may cut it in the middle of a transaction and then count the rest of it twice; so it is told
 * not to, and redis-check-aof, which cuts before the transaction, is run first, unless Redis is
 * known to have ended in order. What is cut off was never acknowledged or is still in the journal.
 * A copy of the torn file is kept. */
#ifndef TALLYD_REPAIR_H
#define TALLYD_REPAIR_H

#include <stdbool.h>
#include <uv.h>

struct repair;

/* Checks, and where needed mends, the append-only file under FOLDER with the program CHECKER, which
 * inherits the folder's LOCK: should we die, it is held until the program has ended too. ON_DONE
 * is called once, from the loop: ok, or not, with the reason in words. */
struct repair *repair_start(uv_loop_t *loop, const char *checker, const char *folder, int lock,
                            void (*on_done)(void *ctx, bool ok, const char *words), void *ctx);
/* Ends the program that runs; ON_DONE is still called. */
void repair_cancel(struct repair *r);

#endif

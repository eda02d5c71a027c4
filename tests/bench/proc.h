/* proc: the programs under measurement, as children that can't outlive the bench: each is ended by
 * its id, and by the kernel should the bench die first. */
#ifndef TALLYD_BENCH_PROC_H
#define TALLYD_BENCH_PROC_H

#include "buf.h"
#include <sys/types.h>

struct proc_call {
    const char *const *args; /* closed by NULL; the first is looked up in PATH */
    const char *const *env;  /* "NAME=value" on top of ours, closed by NULL; or NULL */
    const char *log;         /* a file that takes what it says; NULL: nowhere */
};

pid_t proc_start(const struct proc_call *call);
/* Asks it to end and awaits that, for 20 s at most; 0 is nobody. */
void proc_stop(pid_t pid);
/* Dies with LOG's last lines if the process has ended. */
void proc_check(pid_t pid, const char *log);
/* Runs it to its end and appends what it prints to OUT; dies if it fails. */
void proc_run(const struct proc_call *call, struct buf *out);
/* Removes a folder with all that is in it, or makes one. */
void proc_remove(const char *folder);
void proc_make(const char *folder);

#endif

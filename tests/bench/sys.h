/* sys: what a measurement asks of the kernel: the time, what a process has used of the processor
 * and of memory, a port that is free. And how the bench gives up: with words, at once, since half
 * a measurement is none. */
#ifndef TALLYD_BENCH_SYS_H
#define TALLYD_BENCH_SYS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define MS 1000000LL /* in ns */
#define S  1000000000LL

int64_t sys_now(void); /* ns, monotonic */
void sys_pause(int64_t ns);
/* ns of processor time that all threads of a process have used; 0 once it is gone. */
int64_t sys_cpu(pid_t pid);
/* Bytes of memory that are a process' own: its anonymous resident pages. */
int64_t sys_memory(pid_t pid);
/* A child of PID whose program is NAME, or 0. */
pid_t sys_child(pid_t pid, const char *name);
int sys_free_port(void);
/* As many files as may be open, and how many those are. */
long sys_raise_files(void);
/* Is the folder kept in memory alone? */
bool sys_is_in_memory(const char *folder);

_Noreturn void sys_die(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif

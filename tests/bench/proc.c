#include "proc.h"

#include "sys.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE (20 * S)

_Noreturn static void become(const struct proc_call *call, pid_t parent, int out)
{
    int nowhere = open("/dev/null", O_RDWR);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        _exit(127);
    for (const char *const *e = call->env; e && *e; e++)
        putenv((char *)(uintptr_t)*e);
    int log = call->log ? open(call->log, O_WRONLY | O_CREAT | O_APPEND, 0600) : nowhere;
    dup2(nowhere, STDIN_FILENO);
    dup2(out >= 0 ? out : log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    close(nowhere);
    execvp(call->args[0], (char *const *)(uintptr_t)call->args);
    dprintf(STDERR_FILENO, "can't run %s: %s\n", call->args[0], strerror(errno));
    _exit(127);
}

static pid_t start(const struct proc_call *call, int out)
{
    pid_t parent = getpid(), pid = fork();
    if (pid < 0)
        sys_die("can't start %s: %s", call->args[0], strerror(errno));
    if (pid == 0)
        become(call, parent, out);
    return pid;
}

pid_t proc_start(const struct proc_call *call)
{
    return start(call, -1);
}

static void await(pid_t pid)
{
    int64_t end = sys_now() + PATIENCE;
    while (waitpid(pid, NULL, WNOHANG) == 0) {
        if (sys_now() > end) {
            kill(pid, SIGKILL);
            waitpid(pid, NULL, 0);
            sys_die("process %ld didn't end when asked to", (long)pid);
        }
        sys_pause(MS);
    }
}

void proc_stop(pid_t pid)
{
    if (pid <= 0)
        return;
    kill(pid, SIGTERM);
    await(pid);
}

static void show_tail(const char *log)
{
    char text[2001];
    FILE *f = log ? fopen(log, "re") : NULL;
    if (!f)
        return;
    if (fseek(f, -(long)sizeof text + 1, SEEK_END) != 0)
        rewind(f);
    fwrite(text, 1, fread(text, 1, sizeof text - 1, f), stderr);
    fclose(f);
}

void proc_check(pid_t pid, const char *log)
{
    int status;
    if (waitpid(pid, &status, WNOHANG) == 0)
        return;
    show_tail(log);
    sys_die("a program ended by itself; what it said last stands above");
}

void proc_run(const struct proc_call *call, struct buf *out)
{
    int ends[2], status = 0;
    char part[4096];
    ssize_t n;
    if (pipe2(ends, O_CLOEXEC) != 0)
        sys_die("no pipe: %s", strerror(errno));
    pid_t pid = start(call, ends[1]);
    close(ends[1]);
    while ((n = read(ends[0], part, sizeof part)) > 0)
        buf_add(out, part, (size_t)n);
    close(ends[0]);
    if (waitpid(pid, &status, 0) != pid || status != 0) {
        show_tail(call->log);
        sys_die("%s failed", call->args[0]);
    }
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

void proc_remove(const char *folder)
{
    nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void proc_make(const char *folder)
{
    if (mkdir(folder, 0700) != 0 && errno != EEXIST)
        sys_die("can't make %s: %s", folder, strerror(errno));
}

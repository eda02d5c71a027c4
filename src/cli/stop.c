#include "stop.h"
#include <errno.h>
#include <signal.h>
#include <time.h>

static void stop_signals(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGHUP);
}

void stop_listen(void)
{
    sigset_t set;
    stop_signals(&set);
    sigprocmask(SIG_BLOCK, &set, NULL);
}

bool stop_wait(long ms)
{
    long long end = stop_clock() + ms;
    sigset_t set;
    stop_signals(&set);
    for (;;) {
        long long left = end - stop_clock();
        left = left > 0 ? left : 0;
        struct timespec t = {(time_t)(left / 1000), (long)(left % 1000) * 1000000};
        if (sigtimedwait(&set, NULL, &t) > 0)
            return true;
        if (errno != EINTR)
            return false;
    }
}

long long stop_clock(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

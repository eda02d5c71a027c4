#include "progress.h"
#include "stop.h"
#include "text.h"
#include <stdio.h>
#include <unistd.h>

#define BAR_WIDTH 30
#define REDRAW_MS 100

void progress_show(struct progress *p, long long done, long long total, const char *what)
{
    static const char full[] = "##############################";
    _Static_assert(sizeof full == BAR_WIDTH + 1, "a bar as wide as it says");
    char number[TEXT_NUMBER], of[TEXT_NUMBER];
    long long now = stop_clock();
    if (!isatty(STDERR_FILENO) || (p->drawn && now - p->drawn < REDRAW_MS))
        return;
    p->drawn = now;
    text_number(done, number);
    if (total <= 0) {
        fprintf(stderr, "\r\033[K%s %s", number, what);
        return;
    }
    done = done < total ? done : total;
    int filled = (int)((double)done / (double)total * BAR_WIDTH);
    fprintf(stderr, "\r\033[K[%.*s%*s] %3d %%  %s of %s %s", filled, full, BAR_WIDTH - filled, "",
            (int)((double)done / (double)total * 100), number, text_number(total, of), what);
}

void progress_end(struct progress *p)
{
    if (p->drawn)
        fputs("\r\033[K", stderr);
    p->drawn = 0;
}

#include "personal.h"

#include <stddef.h>
#include <string.h>

#define ID_CARD 18 /* digits, the last may be an X */
#define MOBILE  11
#define RUN_MAX 64

/* The digit at P and how many bytes it takes; -1: none. 'x' ends an identity card's number. */
static int digit_at(const char *p, size_t *step)
{
    const unsigned char *u = (const unsigned char *)p;
    *step = 1;
    if (*p >= '0' && *p <= '9')
        return *p;
    if (*p == 'x' || *p == 'X')
        return 'x';
    if (u[0] != 0xef || u[1] != 0xbc)
        return -1;
    *step = 3;
    if (u[2] >= 0x90 && u[2] <= 0x99) /* U+FF10 to U+FF19 */
        return '0' + u[2] - 0x90;
    return u[2] == 0xb8 ? 'x' : -1; /* U+FF38 */
}

/* A blank or a hyphen of any width. */
static size_t separator_at(const char *p)
{
    static const char *const list[] = {" ", "-", "\u3000", "\uff0d", "\u2013", "\u2014"};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        if (strncmp(p, list[i], strlen(list[i])) == 0)
            return strlen(list[i]);
    return 0;
}

static bool is_mobile(const char *run, size_t n)
{
    if (n == MOBILE + 2 && !strncmp(run, "86", 2)) {
        run += 2;
        n -= 2;
    }
    return n == MOBILE && run[0] == '1' && run[1] >= '3' && run[1] <= '9';
}

static bool is_id_card(const char *run, size_t n)
{
    return n == ID_CARD && strspn(run, "0123456789") >= ID_CARD - 1;
}

static bool judge(char *run, size_t n)
{
    run[n] = '\0';
    if (n && n != ID_CARD && run[n - 1] == 'x')
        n--;
    return is_mobile(run, n) || is_id_card(run, n);
}

bool personal_found(const char *text)
{
    char run[RUN_MAX + 1];   /* digits, whatever stands between them */
    char solid[RUN_MAX + 1]; /* digits side by side */
    size_t n = 0, m = 0, step, gap;
    for (const char *p = text;; p += step) {
        int digit = digit_at(p, &step);
        if (digit >= 0 && (digit != 'x' || m > 0)) {
            if (n < RUN_MAX)
                run[n++] = (char)digit;
            if (m < RUN_MAX)
                solid[m++] = (char)digit;
            continue;
        }
        gap = separator_at(p);
        if (judge(solid, m) || (!gap && judge(run, n)))
            return true;
        m = 0;
        if (!gap)
            n = 0;
        if (!*p)
            return false;
        step = gap ? gap : 1;
    }
}

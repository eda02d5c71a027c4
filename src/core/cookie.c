#include "cookie.h"

#include <stddef.h>
#include <string.h>

static bool is_printable(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return false;
    return true;
}

static bool is_secret(const char *text, size_t n)
{
    return n == COOKIE_TEXT - 1 && strncmp(text, COOKIE_PREFIX, 3) == 0 &&
           strspn(text + 3, "0123456789abcdef") >= n - 3;
}

bool cookie_find(const char *header, const char *name, char out[COOKIE_TEXT])
{
    size_t named = strlen(name);
    int found = 0;
    if (!header || !is_printable(header))
        return false;
    for (const char *p = header; *p; p += *p == ';') {
        p += strspn(p, " ");
        size_t n = strcspn(p, ";"), skip = named + 1;
        if (strncmp(p, name, named) == 0 && p[named] == '=') {
            if (found++ || !is_secret(p + skip, n - skip))
                return false;
            memcpy(out, p + skip, n - skip);
            out[n - skip] = '\0';
        }
        p += n;
    }
    return found == 1;
}

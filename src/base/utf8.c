#include "utf8.h"

#include <string.h>

/* By the lead byte: how long the character is, which bits of it count, and the least code point
 * that needs that length (less is an overlong form). */
static const struct form {
    unsigned char mask, lead, bits;
    size_t length;
    uint32_t least;
} forms[] = {
    {0x80, 0x00, 0x7f, 1, 0},
    {0xe0, 0xc0, 0x1f, 2, 0x80},
    {0xf0, 0xe0, 0x0f, 3, 0x800},
    {0xf8, 0xf0, 0x07, 4, 0x10000},
};

static const struct form *form_of(unsigned char lead)
{
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if ((lead & forms[i].mask) == forms[i].lead)
            return &forms[i];
    return NULL;
}

size_t utf8_next(const char *text, size_t n, uint32_t *c)
{
    const unsigned char *p = (const unsigned char *)text;
    const struct form *form = n ? form_of(p[0]) : NULL;
    if (!form || n < form->length)
        return 0;
    uint32_t value = p[0] & form->bits;
    for (size_t i = 1; i < form->length; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        value = value << 6 | (p[i] & 0x3f);
    }
    if (value < form->least || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
        return 0;
    *c = value;
    return form->length;
}

size_t utf8_cut(const char *text, size_t max)
{
    size_t n = strnlen(text, max);
    if (n < max)
        return n;
    while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
        n--;
    return n;
}

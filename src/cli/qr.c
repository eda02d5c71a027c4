#include "qr.h"

#include <qrencode.h>
#include <stdbool.h>
#include <unistd.h>

#define MARGIN 4 /* modules of light around it, by the standard */

static bool is_light(const QRcode *code, int x, int y)
{
    bool inside = x >= 0 && y >= 0 && x < code->width && y < code->width;
    return !inside || !(code->data[y * code->width + x] & 1);
}

static void draw_line(const QRcode *code, int y, FILE *out)
{
    static const char *const blocks[2][2] = {{" ", "▄"}, {"▀", "█"}};
    for (int x = -MARGIN; x < code->width + MARGIN; x++)
        fputs(blocks[is_light(code, x, y)][is_light(code, x, y + 1)], out);
}

int qr_draw(const char *text, FILE *out)
{
    QRcode *code = QRcode_encodeString(text, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
    bool coloured = isatty(fileno(out));
    if (!code)
        return -1;
    for (int y = -MARGIN; y < code->width + MARGIN; y += 2) {
        fputs(coloured ? "\033[40;97m" : "", out);
        draw_line(code, y, out);
        fputs(coloured ? "\033[0m\n" : "\n", out);
    }
    QRcode_free(code);
    return 0;
}

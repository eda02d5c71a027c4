/* picture: what a screen knows, drawn for a terminal: where it stands with the daemon and how old
 * the data is, the figures, the groups with a bar for today, and the feed; in the reader's
 * language. */
#ifndef TALLYCTL_PICTURE_H
#define TALLYCTL_PICTURE_H

#include "screen.h"

struct canvas {
    int rows, columns;
    bool colour;
    int64_t now; /* instant, by our clock */
    long retry;  /* while the connection is lost: seconds until the next try */
};

/* Lines parted by \n, each at most as wide as the canvas, at most ROWS of them. */
void picture_draw(const struct screen *s, const struct canvas *canvas, struct buf *out);

#endif

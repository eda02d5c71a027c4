/* qr: a text as a QR code of half blocks, two rows of it in a line, for a phone to read off the
 * terminal. What is light is drawn, since most terminals are dark; on a terminal the colours are
 * set, so that it is right on light ones too. */
#ifndef TALLYCTL_QR_H
#define TALLYCTL_QR_H

#include <stdio.h>

/* 0, or -1 if TEXT is too long for any. */
int qr_draw(const char *text, FILE *out);

#endif

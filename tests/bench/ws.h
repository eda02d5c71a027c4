/* ws: WebSocket frames as a client sees them: RFC 6455 without what no server here sends. */
#ifndef TALLYD_BENCH_WS_H
#define TALLYD_BENCH_WS_H

#include "buf.h"
#include <stdbool.h>

enum { WS_TEXT = 1, WS_BINARY = 2, WS_CLOSE = 8, WS_PING = 9, WS_PONG = 10 };

struct ws_frame {
    int kind;
    bool last;
    const char *payload;
    size_t len;
};

/* Appends the request of a handshake; PROTOCOL may be NULL. */
void ws_handshake_write(struct buf *out, int port, const char *path, const char *protocol);
/* Appends a whole client's frame; its mask is zero, which every server has to take. */
void ws_frame_write(struct buf *out, int kind, const char *payload, size_t n);
/* Reads the frame at BYTES. Gives the bytes it takes, 0 while it isn't whole. */
size_t ws_frame_read(struct ws_frame *f, const char *bytes, size_t n);

#endif

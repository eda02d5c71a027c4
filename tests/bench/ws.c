#include "ws.h"

void ws_handshake_write(struct buf *out, int port, const char *path, const char *protocol)
{
    buf_addf(out,
             "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\n"
             "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
             path, port);
    if (protocol)
        buf_addf(out, "Sec-WebSocket-Protocol: %s\r\n", protocol);
    buf_adds(out, "\r\n");
}

void ws_frame_write(struct buf *out, int kind, const char *payload, size_t n)
{
    unsigned char head[8] = {(unsigned char)(0x80 | kind), (unsigned char)(0x80 | n)};
    size_t head_len = 6;
    if (n > 125) {
        head[1] = 0x80 | 126;
        head[2] = (unsigned char)(n >> 8);
        head[3] = (unsigned char)n;
        head_len = 8;
    }
    buf_add(out, head, head_len);
    buf_add(out, payload, n);
}

size_t ws_frame_read(struct ws_frame *f, const char *bytes, size_t n)
{
    const unsigned char *b = (const unsigned char *)bytes;
    if (n < 2)
        return 0;
    size_t len = b[1] & 0x7f, wide = len == 126 ? 2 : len == 127 ? 8 : 0;
    if (n < 2 + wide)
        return 0;
    if (wide)
        len = 0;
    for (size_t i = 0; i < wide; i++)
        len = len << 8 | b[2 + i];
    if (n - 2 - wide < len)
        return 0;
    *f = (struct ws_frame){b[0] & 15, b[0] & 0x80, bytes + 2 + wide, len};
    return 2 + wide + len;
}

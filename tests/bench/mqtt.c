#include "mqtt.h"

#include "ws.h"

#include <string.h>

/* Without an id: a clean session. */
#define CONNECT "\x10\x0c\0\x04MQTT\x04\x02\0\0\0\0"
#define SUBSCRIBE                                                                                  \
    "\x82\x0a\0\x01\0\x05"                                                                         \
    "bench"                                                                                        \
    "\0" /* at QoS 0 */
#define SUBACK "\x90\x03\0\x01"

void mqtt_join_write(struct buf *out, size_t number)
{
    static const char join[] = CONNECT SUBSCRIBE;
    (void)number;
    ws_frame_write(out, WS_BINARY, join, sizeof join - 1);
}

bool mqtt_has_joined(const char *packet, size_t n)
{
    return memmem(packet, n, SUBACK, sizeof SUBACK - 1);
}

void mqtt_connect_write(struct buf *out)
{
    buf_add(out, CONNECT, sizeof CONNECT - 1);
}

void mqtt_publish_write(struct buf *out, const char *message, size_t n)
{
    static const char topic[] = "\0\005bench";
    size_t left = sizeof topic - 1 + n;
    buf_adds(out, "\x30");
    do {
        unsigned char digit = (unsigned char)(left % 128);
        left /= 128;
        if (left)
            digit |= 128;
        buf_add(out, &digit, 1);
    } while (left);
    buf_add(out, topic, sizeof topic - 1);
    buf_add(out, message, n);
}

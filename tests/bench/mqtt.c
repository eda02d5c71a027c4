#include "mqtt.h"

#include <string.h>

#define CONNECT_LEN 14
#define SUBACK      "\x90\x03\0\x01"

bool mqtt_has_joined(const char *packet, size_t n)
{
    return memmem(packet, n, SUBACK, 4);
}

void mqtt_connect_write(struct buf *out)
{
    buf_add(out, MQTT_JOIN, CONNECT_LEN);
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

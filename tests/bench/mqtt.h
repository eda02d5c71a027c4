/* mqtt: the few packets of MQTT 3.1.1 that it takes to subscribe to a topic and to publish. */
#ifndef TALLYD_BENCH_MQTT_H
#define TALLYD_BENCH_MQTT_H

#include "buf.h"
#include "ws.h"
#include <stdbool.h>

/* CONNECT without an id (a clean session), and SUBSCRIBE to "bench" at QoS 0. */
#define MQTT_JOIN                                                                                  \
    "\x10\x0c\0\x04MQTT\x04\x02\0\0\0\0"                                                           \
    "\x82\x0a\0\x01\0\x05"                                                                         \
    "bench\0"
#define MQTT_FRAME WS_BINARY

/* Is it the answer to SUBSCRIBE, or does it hold it? */
bool mqtt_has_joined(const char *packet, size_t n);
void mqtt_connect_write(struct buf *out);
void mqtt_publish_write(struct buf *out, const char *message, size_t n);

#endif

/* mqtt: the few packets of MQTT 3.1.1 that it takes to subscribe to a topic and to publish. */
#ifndef TALLYD_BENCH_MQTT_H
#define TALLYD_BENCH_MQTT_H

#include "buf.h"
#include <stdbool.h>

/* Frames with CONNECT and SUBSCRIBE to the bench's topic, the same for each screen. */
void mqtt_join_write(struct buf *out, size_t number);
/* Is it the answer to SUBSCRIBE, or does it hold it? */
bool mqtt_has_joined(const char *packet, size_t n);
void mqtt_connect_write(struct buf *out);
void mqtt_publish_write(struct buf *out, const char *message, size_t n);

#endif

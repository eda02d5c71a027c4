/* lws_carrier: a connection that libwebsockets carries: by TLS, or one that is to become a
 * WebSocket. Private to this floor. */
#ifndef TALLYD_LWS_CARRIER_H
#define TALLYD_LWS_CARRIER_H

#include "request.h"

extern const struct carrier lws_carrier;

/* Reads the head of the request that has just come in on C. */
struct request *lws_carrier_request(struct http *h, struct conn *c);
/* The head asks to go on with another protocol, by that NAME. 0 to go on, -1 to close. */
int lws_carrier_on_upgrade(struct http *h, struct conn *c, char *name);
/* What came isn't HTTP, or has a method that the library doesn't know. */
int lws_carrier_on_raw(struct http *h, struct conn *c, const char *bytes, size_t n);

#endif

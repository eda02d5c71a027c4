/* conn: one accepted socket, from its accept to its end, for http and live to hang their parts
 * on. Private to this floor; the library carries it along as the socket's opaque user data. */
#ifndef TALLYD_CONN_H
#define TALLYD_CONN_H

#include <stdbool.h>
#include <sys/socket.h>

struct conn {
    struct lws *wsi;
    struct request *request; /* the one under way, or NULL */
    struct session *session; /* once it is a WebSocket */
    bool owner;              /* came by the state folder's socket */
    sa_family_t family;      /* AF_INET, AF_INET6 or AF_UNIX */
    unsigned char address[16];
};

#endif

/* address: where the store is, as --redis says it: a Redis itself, or those who know where it is
 * at present, Sentinels or the nodes of a Cluster. Plain text, no connection. */
#ifndef TALLYD_ADDRESS_H
#define TALLYD_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#define ADDRESS_SEEDS 16

enum address_kind { ADDRESS_SERVER, ADDRESS_SENTINEL, ADDRESS_CLUSTER };

struct host {
    char *name;
    int port;
};

/* Strings belong to it; NULL where unused. */
struct address {
    enum address_kind kind;
    char *path; /* a unix socket, or */
    struct host server;
    struct host seeds[ADDRESS_SEEDS]; /* Sentinels, or nodes of the Cluster */
    size_t seed_count;
    char *master; /* the name that the Sentinels know it by */
    char *user, *password;
    bool password_may_fail; /* one who asks for none is let be */
    int db;
};

/* "redis://[user:pass@]host:port[/db]", "unix:///path", "sentinel://[user:pass@]host:port[,…]/name
 * [/db]", "cluster://[user:pass@]host:port[,…]", percent-decoded; false with a reason. */
bool address_read(const char *url, struct address *out, char *error, size_t error_size);
void address_clear(struct address *a);

#endif

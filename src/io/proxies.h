/* proxies: the reverse proxies whose word is taken for where a request comes from. What stands in
 * X-Forwarded-For is anybody's to write; only what a trusted proxy has added to it, from the right
 * end on, is known to be true. */
#ifndef TALLYD_PROXIES_H
#define TALLYD_PROXIES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

/* An address of either family, IPv4 as ::ffff:a.b.c.d. */
struct address16 {
    unsigned char bytes[16];
};

/* Reads "192.0.2.1", "2001:db8::1", also mapped ones; nothing else may follow. */
bool address16_read(const char *text, struct address16 *out);
/* Of a socket's peer. */
void address16_of(const struct sockaddr *from, struct address16 *out);
bool address16_is_loopback(const struct address16 *a);
/* The same with only its first BITS kept. */
struct address16 address16_cut(const struct address16 *a, int bits);
bool address16_is_v4(const struct address16 *a);
/* As people write it; OUT holds INET6_ADDRSTRLEN. */
void address16_write(const struct address16 *a, char *out);

struct network {
    struct address16 address;
    int bits; /* that count, of 128 */
};

/* "192.0.2.1", "10.0.0.0/8", "2001:db8::/32". Bits behind the prefix must be 0. */
bool network_read(const char *text, struct network *out);
bool network_has(const struct network *n, const struct address16 *a);

struct proxies {
    struct network *list;
    size_t count;
};

/* From texts that network_read likes, closed by NULL; others are passed over. */
void proxies_set(struct proxies *p, char *const *texts);
void proxies_clear(struct proxies *p);
bool proxies_trust(const struct proxies *p, const struct address16 *a);
/* Who is behind FROM, by the list that X-Forwarded-For holds (NULL: none): the rightmost that isn't
 * trusted, or the leftmost if all are. What can't be read ends the search: it is the last one that
 * could who counts. */
struct address16 proxies_peer(const struct proxies *p, const struct address16 *from,
                              const char *forwarded);

#endif

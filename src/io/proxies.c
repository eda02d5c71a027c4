#include "proxies.h"

#include "buf.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#define MAPPED 96 /* bits before an IPv4 address */

static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool address16_read(const char *text, struct address16 *out)
{
    if (inet_pton(AF_INET6, text, out->bytes) == 1)
        return true;
    memcpy(out->bytes, mapped, sizeof mapped);
    return inet_pton(AF_INET, text, out->bytes + sizeof mapped) == 1;
}

void address16_of(const struct sockaddr *from, struct address16 *out)
{
    const struct sockaddr_in *v4 = (const void *)from;
    const struct sockaddr_in6 *v6 = (const void *)from;
    if (from->sa_family == AF_INET6) {
        memcpy(out->bytes, &v6->sin6_addr, sizeof out->bytes);
        return;
    }
    memcpy(out->bytes, mapped, sizeof mapped);
    memcpy(out->bytes + sizeof mapped, &v4->sin_addr, 4);
}

bool address16_is_v4(const struct address16 *a)
{
    return memcmp(a->bytes, mapped, sizeof mapped) == 0;
}

bool address16_is_loopback(const struct address16 *a)
{
    static const unsigned char one[16] = {[15] = 1};
    if (address16_is_v4(a))
        return a->bytes[12] == 127;
    return memcmp(a->bytes, one, sizeof one) == 0;
}

void address16_write(const struct address16 *a, char *out)
{
    if (address16_is_v4(a))
        inet_ntop(AF_INET, a->bytes + sizeof mapped, out, INET6_ADDRSTRLEN);
    else
        inet_ntop(AF_INET6, a->bytes, out, INET6_ADDRSTRLEN);
}

struct address16 address16_cut(const struct address16 *a, int bits)
{
    struct address16 out = *a;
    for (int i = 0; i < 16; i++) {
        int keep = bits - 8 * i;
        if (keep <= 0)
            out.bytes[i] = 0;
        else if (keep < 8)
            out.bytes[i] &= (unsigned char)(0xff << (8 - keep));
    }
    return out;
}

bool network_read(const char *text, struct network *out)
{
    char address[64];
    size_t n = strcspn(text, "/");
    if (n >= sizeof address)
        return false;
    memcpy(address, text, n);
    address[n] = '\0';
    if (!address16_read(address, &out->address))
        return false;
    int most = strchr(address, ':') ? 128 : 32;
    out->bits = most;
    if (text[n]) {
        const char *digits = text + n + 1;
        size_t count = strspn(digits, "0123456789");
        out->bits = count && count < 4 && !digits[count] ? atoi(digits) : -1;
    }
    if (out->bits < 0 || out->bits > most)
        return false;
    out->bits += most == 32 ? MAPPED : 0;
    struct address16 whole = address16_cut(&out->address, out->bits);
    return memcmp(&whole, &out->address, sizeof whole) == 0;
}

bool network_has(const struct network *n, const struct address16 *a)
{
    struct address16 whole = address16_cut(a, n->bits);
    return memcmp(&whole, &n->address, sizeof whole) == 0;
}

void proxies_set(struct proxies *p, char *const *texts)
{
    proxies_clear(p);
    for (; texts && *texts; texts++) {
        struct network n;
        if (!network_read(*texts, &n))
            continue;
        p->list = mem_resize(p->list, (p->count + 1) * sizeof *p->list);
        p->list[p->count++] = n;
    }
}

void proxies_clear(struct proxies *p)
{
    free(p->list);
    *p = (struct proxies){0};
}

bool proxies_trust(const struct proxies *p, const struct address16 *a)
{
    for (size_t i = 0; i < p->count; i++)
        if (network_has(&p->list[i], a))
            return true;
    return false;
}

/* One item of the list, N bytes: an address, perhaps with a port, "1.2.3.4:80" or "[::1]:80". */
static bool read_item(const char *item, size_t n, struct address16 *out)
{
    char text[64];
    while (n && isspace((unsigned char)item[n - 1]))
        n--;
    while (n && isspace((unsigned char)*item))
        item++, n--;
    if (n == 0 || n >= sizeof text)
        return false;
    memcpy(text, item, n);
    text[n] = '\0';
    char *colon = strchr(text, ':'), *bracket = strchr(text, ']');
    if (text[0] == '[' && bracket) {
        *bracket = '\0';
        return address16_read(text + 1, out);
    }
    if (colon && !strchr(colon + 1, ':'))
        *colon = '\0';
    return address16_read(text, out);
}

struct address16 proxies_peer(const struct proxies *p, const struct address16 *from,
                              const char *forwarded)
{
    struct address16 peer = *from;
    size_t end = forwarded ? strlen(forwarded) : 0;
    while (end && proxies_trust(p, &peer)) {
        size_t start = end;
        while (start && forwarded[start - 1] != ',')
            start--;
        struct address16 next;
        if (!read_item(forwarded + start, end - start, &next))
            break;
        peer = next;
        end = start ? start - 1 : 0;
    }
    return peer;
}

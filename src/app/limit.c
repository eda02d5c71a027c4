#include "limit.h"

#include "alliance.h"
#include "bucket.h"
#include "digest.h"
#include "lockout.h"
#include "log.h"
#include "proxies.h"
#include <string.h>

#define ADDRESSES     32768 /* that are remembered at a time, */
#define TOKENS        1024
#define DEVICES       65536
#define LOCKED        8192
#define QUIET_MS      10000 /* between two lines about one kind of limit */
#define SUBSCRIBER_V6 64    /* bits of an IPv6 address that one subscriber has */
#define BURST_SECONDS 10    /* of an address's requests */

enum kind { REQUESTS, OPEN, TOKEN, DEVICE, KINDS };

struct limits {
    struct buckets *buckets[KINDS];
    uint64_t quiet_until[KINDS], lock_quiet_until;
    struct lockout *lockout;
    bool loopback;
};

static const struct {
    const char *name;
    size_t count;
} kinds[KINDS] = {
    [REQUESTS] = {"requests", ADDRESSES},
    [OPEN] = {"posts without a token", ADDRESSES},
    [TOKEN] = {"events", TOKENS},
    [DEVICE] = {"check-ins and problems", DEVICES},
};

void limits_reload(struct limits *l, const struct config *c)
{
    const double requests = (double)c->limits_address_per_second;
    const double open = (double)c->limits_open_per_minute;
    const double events = (double)c->limits_token_events;
    const double device = (double)c->limits_device_per_hour;
    const struct bucket_rate rates[KINDS] = {
        [REQUESTS] = {requests, requests * BURST_SECONDS},
        [OPEN] = {open / 60, open},
        [TOKEN] = {events, events},
        [DEVICE] = {device / 3600, device},
    };
    const struct lockout_rule rule = {(unsigned)c->limits_lockout_tries,
                                      (uint64_t)c->limits_lockout_minutes * 60000};
    for (int k = 0; k < KINDS; k++)
        buckets_set(l->buckets[k], &rates[k]);
    lockout_set(l->lockout, &rule);
    l->loopback = c->limits_loopback;
}

struct limits *limits_new(const struct config *config)
{
    struct limits *l = mem_alloc(sizeof *l);
    uint64_t seed;
    digest_random(&seed, sizeof seed);
    for (int k = 0; k < KINDS; k++)
        l->buckets[k] = buckets_new(kinds[k].count, seed);
    l->lockout = lockout_new(LOCKED, seed);
    limits_reload(l, config);
    return l;
}

void limits_free(struct limits *l)
{
    if (!l)
        return;
    for (int k = 0; k < KINDS; k++)
        buckets_free(l->buckets[k]);
    lockout_free(l->lockout);
    free(l);
}

static int seconds(uint64_t ms)
{
    return (int)((ms + 999) / 1000);
}

/* WHO is told to the operator. */
static int take(struct app *app, enum kind kind, const unsigned char key[SEAT_KEY], double cost,
                const char *who)
{
    struct limits *l = app->limits;
    uint64_t now = uv_now(app->loop);
    uint64_t wait = buckets_take(l->buckets[kind], key, cost, now);
    if (wait && now >= l->quiet_until[kind]) {
        l->quiet_until[kind] = now + QUIET_MS;
        log_write(LOG_WARN, "limited", "what", kinds[kind].name, "of", who, NULL);
    }
    return seconds(wait);
}

/* False for who isn't limited. */
static bool key_of(const struct limits *l, const char *peer, unsigned char key[SEAT_KEY])
{
    struct address16 address;
    if (!*peer || !address16_read(peer, &address) ||
        (!l->loopback && address16_is_loopback(&address)))
        return false;
    if (!address16_is_v4(&address))
        address = address16_cut(&address, SUBSCRIBER_V6);
    memcpy(key, address.bytes, SEAT_KEY);
    return true;
}

static int take_of_address(struct app *app, enum kind kind, const char *peer)
{
    unsigned char key[SEAT_KEY];
    return key_of(app->limits, peer, key) ? take(app, kind, key, 1, peer) : 0;
}

int limits_request(struct app *app, const char *peer)
{
    return take_of_address(app, REQUESTS, peer);
}

int limits_open(struct app *app, const char *peer)
{
    return take_of_address(app, OPEN, peer);
}

/* Two alliances may have a token of the same name. */
int limits_events(struct alliance *a, const char *token, size_t events)
{
    unsigned char digest[DIGEST_SIZE];
    struct buf whose = {0};
    buf_addf(&whose, "%s\n%s", alliance_id(a), token);
    digest_sha256(whose.data, whose.len, digest);
    buf_free(&whose);
    return take(a->app, TOKEN, digest, (double)events, token);
}

int limits_device(struct app *app, const unsigned char *hash, size_t n)
{
    unsigned char digest[DIGEST_SIZE];
    digest_sha256(hash, n, digest);
    return take(app, DEVICE, digest, 1, "a device");
}

bool limits_refused(struct app *app, const char *peer)
{
    struct limits *l = app->limits;
    unsigned char key[SEAT_KEY];
    uint64_t now = uv_now(app->loop);
    if (!key_of(l, peer, key) || !lockout_strike(l->lockout, key, now))
        return false;
    if (now >= l->lock_quiet_until) {
        l->lock_quiet_until = now + 1000;
        log_write(LOG_WARN, "locked_out", "peer", peer, NULL);
    }
    return true;
}

int limits_is_locked(struct app *app, const char *peer)
{
    unsigned char key[SEAT_KEY];
    if (!key_of(app->limits, peer, key))
        return 0;
    return seconds(lockout_left(app->limits->lockout, key, uv_now(app->loop)));
}

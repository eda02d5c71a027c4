#include "route_private.h"

#include "buf.h"
#include "log.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GUIDES_MAX 32
#define LINKS_MAX  8
#define TICK_MS    500
#define ANSWER_MS  1000
#define FLAP_MS    100 /* who is sent on sooner than this goes at the pace of any other retry */

struct route {
    uv_loop_t *loop;
    const struct address *address;
    char key[160];
    uv_timer_t timer;
    struct guide guides[GUIDES_MAX];
    size_t guide_count;
    struct address where;
    char host[HOST_SIZE];
    uint64_t epoch, moved_at;
    bool known;  /* where the store is */
    bool doubt;  /* nobody gets through there */
    bool waited; /* long enough for whoever is slow to tell */
    struct link *links[LINKS_MAX];
    size_t link_count;
    char reason[240];
};

/* --- asking ------------------------------------------------------------------------------- */

static bool is_cluster(const struct route *r)
{
    return r->address->kind == ADDRESS_CLUSTER;
}

/* A Cluster's owner says itself when it is one no more, unless it can't be heard; a Sentinel's
 * master may not know. */
static bool is_curious(const struct route *r)
{
    bool late = false;
    for (size_t i = 0; i < r->link_count; i++)
        late |= link_is_late(r->links[i]);
    return !is_cluster(r) || !r->known || r->doubt || late;
}

static void ask(struct guide *g)
{
    const struct route *r = g->route;
    if (!g->link || g->asked || !link_is_up(g->link))
        return;
    g->asked = true;
    if (is_cluster(r))
        cluster_ask(g, r->key);
    else
        sentinel_ask(g, r->address->master);
}

static void on_guide_up(void *ctx)
{
    ask(ctx);
}

static void on_guide_down(void *ctx, const char *reason)
{
    guide_failed(ctx, reason);
}

static void guide_open(struct guide *g)
{
    if (g->link)
        return;
    g->asked = g->settled = g->fresh = false;
    g->link = link_open(g->route->loop, &g->address, "guide", ANSWER_MS,
                        (struct link_handler){g, on_guide_up, on_guide_down});
}

static void guide_close(struct guide *g)
{
    link_close(g->link);
    g->link = NULL;
}

/* One list holds those of the address and those that they have named. */
void guide_add(struct route *r, const char *host, int port)
{
    for (size_t i = 0; i < r->guide_count; i++)
        if (r->guides[i].address.server.port == port &&
            !strcmp(r->guides[i].address.server.name, host))
            return;
    if (r->guide_count == GUIDES_MAX)
        return;
    struct guide *g = &r->guides[r->guide_count++];
    g->route = r;
    g->address = (struct address){.server = {mem_string(host), port},
                                  .user = r->address->user,
                                  .password = r->address->password,
                                  .password_may_fail = true};
    guide_open(g);
}

static void ask_all(struct route *r)
{
    for (size_t i = 0; i < r->guide_count; i++) {
        guide_open(&r->guides[i]);
        ask(&r->guides[i]);
    }
}

static void leave_all(struct route *r)
{
    for (size_t i = 0; i < r->guide_count; i++)
        guide_close(&r->guides[i]);
}

/* --- where the store is ------------------------------------------------------------------- */

static bool is_at(const struct route *r, const char *host, int port)
{
    return r->known && r->where.server.port == port && !strcmp(r->host, host);
}

static void adopt(struct route *r, const char *host, int port, uint64_t epoch)
{
    char text[HOST_SIZE + 8], reason[HOST_SIZE + 40];
    bool is_there = is_at(r, host, port);
    uint64_t now = uv_now(r->loop);
    bool at_once = now - r->moved_at >= FLAP_MS;
    r->known = true;
    r->doubt = false;
    r->epoch = epoch;
    if (is_there)
        return;
    memmove(r->host, host, strlen(host) + 1);
    r->where.server.port = port;
    r->moved_at = now;
    snprintf(text, sizeof text, "%s:%d", host, port);
    log_write(LOG_INFO, "store_at", "address", text, "epoch", log_num((long long)epoch), NULL);
    snprintf(reason, sizeof reason, "the store is at %s now", text);
    for (size_t i = 0; i < r->link_count; i++)
        link_moved(r->links[i], reason, at_once);
}

/* Who said what, while that leads nowhere. */
static void complain(struct route *r)
{
    struct buf said = {0};
    for (size_t i = 0; i < r->guide_count; i++) {
        const struct guide *g = &r->guides[i];
        if (g->complaint[0])
            buf_addf(&said, "%s %s:%d: %s", said.len ? ";" : "", g->address.server.name,
                     g->address.server.port, g->complaint);
    }
    if (is_cluster(r))
        snprintf(r->reason, sizeof r->reason, "no node tells who owns the alliance's slot:%s",
                 said.len ? said.data : "");
    else
        snprintf(r->reason, sizeof r->reason, "no Sentinel tells where %s is:%s",
                 r->address->master, said.len ? said.data : "");
    buf_free(&said);
}

/* The latest epoch holds. One who was cut off from the others tells of an earlier one; back to that
 * nobody goes, unless nobody gets through where the store was and most are heard of. */
static void judge(struct route *r)
{
    const struct told *best = NULL;
    size_t answered = 0, settled = 0;
    for (size_t i = 0; i < r->guide_count; i++) {
        const struct guide *g = &r->guides[i];
        settled += g->settled;
        answered += g->fresh;
        if (g->fresh && (!best || g->told.epoch > best->epoch))
            best = &g->told;
    }
    if (!best) {
        complain(r);
        return;
    }
    bool most = answered * 2 > r->guide_count;
    bool begins = !r->known && (r->waited || settled == r->guide_count);
    if (begins || (r->known && (best->epoch > r->epoch || (r->doubt && most))))
        adopt(r, best->host, best->port, best->epoch);
}

void guide_told(struct guide *g, const struct told *told)
{
    g->asked = false;
    g->settled = g->fresh = true;
    g->complaint[0] = '\0';
    if (told != &g->told)
        g->told = *told;
    link_good(g->link);
    judge(g->route);
}

void guide_failed(struct guide *g, const char *complaint)
{
    g->asked = g->fresh = false;
    g->settled = true;
    snprintf(g->complaint, sizeof g->complaint, "%s", complaint);
    judge(g->route);
}

static void on_tick(uv_timer_t *timer)
{
    struct route *r = timer->data;
    bool waited = r->waited;
    r->waited = true;
    if (!waited)
        judge(r);
    if (is_curious(r))
        ask_all(r);
    else
        leave_all(r);
}

/* --- what links meet ---------------------------------------------------------------------- */

void route_failed(struct route *r)
{
    if (!route_fails_over(r))
        return;
    r->doubt = true;
    ask_all(r);
}

void route_works(struct route *r)
{
    if (!r)
        return;
    r->doubt = false;
    if (!is_curious(r))
        leave_all(r);
}

/* A slot on its way answers ASK or TRYAGAIN to a script of several keys. Those that haven't moved
 * yet, or don't exist, would be made anew where it goes; so whoever asks stays, and asks again. */
void route_said(struct route *r, const char *error)
{
    static const char *const failures[] = {"READONLY ", "CLUSTERDOWN ", "MASTERDOWN ",
                                           "UNBLOCKED "};
    struct told told;
    if (!route_fails_over(r))
        return;
    if (is_cluster(r) && nodes_moved(error, r->host, &told))
        adopt(r, told.host, told.port, r->epoch);
    for (size_t i = 0; i < sizeof failures / sizeof *failures; i++)
        if (!strncmp(error, failures[i], strlen(failures[i])))
            route_failed(r);
}

const struct address *route_where(const struct route *r)
{
    if (!route_fails_over(r))
        return r->address;
    return r->known ? &r->where : NULL;
}

const char *route_reason(const struct route *r)
{
    return r->reason;
}

bool route_fails_over(const struct route *r)
{
    return r && r->address->kind != ADDRESS_SERVER;
}

bool route_is_sure(const struct route *r)
{
    size_t sure = 0;
    if (!route_fails_over(r) || is_cluster(r))
        return true;
    for (size_t i = 0; i < r->guide_count; i++) {
        const struct guide *g = &r->guides[i];
        sure += g->fresh && g->hears && is_at(r, g->told.host, g->told.port);
    }
    return sure * 2 > r->guide_count;
}

void route_join(struct route *r, struct link *l)
{
    if (r->link_count < LINKS_MAX)
        r->links[r->link_count++] = l;
}

void route_leave(struct route *r, struct link *l)
{
    for (size_t i = 0; i < r->link_count; i++)
        if (r->links[i] == l)
            r->links[i--] = r->links[--r->link_count];
}

/* --- open, close -------------------------------------------------------------------------- */

struct route *route_open(uv_loop_t *loop, const struct address *address, const char *key)
{
    struct route *r = mem_alloc(sizeof *r);
    r->loop = loop;
    r->address = address;
    snprintf(r->key, sizeof r->key, "%s", key);
    snprintf(r->reason, sizeof r->reason, "nobody has told yet where the store is");
    r->where = (struct address){.server = {.name = r->host},
                                .user = address->user,
                                .password = address->password,
                                .db = address->db};
    uv_timer_init(loop, &r->timer);
    r->timer.data = r;
    for (size_t i = 0; i < address->seed_count; i++)
        guide_add(r, address->seeds[i].name, address->seeds[i].port);
    if (address->seed_count)
        uv_timer_start(&r->timer, on_tick, TICK_MS, TICK_MS);
    return r;
}

static void on_timer_closed(uv_handle_t *handle)
{
    struct route *r = handle->data;
    for (size_t i = 0; i < r->guide_count; i++)
        free(r->guides[i].address.server.name);
    free(r);
}

void route_close(struct route *r)
{
    leave_all(r);
    uv_timer_stop(&r->timer);
    uv_close((uv_handle_t *)&r->timer, on_timer_closed);
}

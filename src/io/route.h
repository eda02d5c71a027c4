/* route: which Redis is the store at present. Behind an address that names one it always is that
 * one; else Sentinels or a Cluster's nodes are asked, and whoever connects is sent to the server
 * that they name, and on to the next when that changes. Links alone need to know. */
#ifndef TALLYD_ROUTE_H
#define TALLYD_ROUTE_H

#include "address.h"
#include <uv.h>

struct link;
struct route;

/* ADDRESS is borrowed. KEY is one of the store's, whose slot is looked for in a Cluster. */
struct route *route_open(uv_loop_t *loop, const struct address *address, const char *key);
/* After its links. Frees itself when the loop has closed its handles. */
void route_close(struct route *r);

/* Where the store is, or NULL: not known, for this reason. */
const struct address *route_where(const struct route *r);
const char *route_reason(const struct route *r);
/* Another server may take the place of this one, and then has what has been replicated to it. */
bool route_fails_over(const struct route *r);

/* Do most of the Sentinels name it, and hear of it themselves, as of a second or two ago? Who has
 * but one side of a cut network to ask isn't sure. Where nobody else can take its place, and in a
 * Cluster, whose owner stops by itself when it hears of too few of the others: always. */
bool route_is_sure(const struct route *r);

/* Links that are to be moved along (link_moved). */
void route_join(struct route *r, struct link *l);
void route_leave(struct route *r, struct link *l);
/* What links have met there: no connection, an error that they were answered, all well. */
void route_failed(struct route *r);
void route_said(struct route *r, const char *error);
void route_works(struct route *r);

#endif

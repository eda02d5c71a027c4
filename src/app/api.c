#include "api.h"

#include "alliance.h"
#include "identify.h"
#include "limit.h"
#include "screens.h"
#include <stdlib.h>
#include <string.h>

#define BASE "/api/v1"

static const struct route routes[] = {
    {BASE "/events", GET, ROLE_VIEW, get_events, "range,metric,by,id,kind,limit,before"},
    {BASE "/events", POST, ROLE_REPORT, post_events, NULL},
    {BASE "/events/", GET, ROLE_VIEW, get_event, ""},
    {BASE "/totals", GET, ROLE_VIEW, get_totals, "range,by"},
    {BASE "/trend", GET, ROLE_VIEW, get_trend, "metric,from,to,step,by,id"},
    {BASE "/problems", GET, ROLE_VIEW, get_problems, "status"},
    {BASE "/plans", GET, ROLE_VIEW, get_plans, "from,to"},
    {BASE "/export", GET, ROLE_VIEW, get_export, "format,range"},
    {BASE "/catalogue", GET, ROLE_VIEW, get_catalogue, ""},
    {BASE "/screen", GET, ROLE_VIEW, get_screen, ""},
    {BASE "/recount", GET, ROLE_VIEW, get_recount, ""},
    {BASE "/session", GET, ROLE_VIEW, get_session, ""},
    {BASE "/session", POST, ROLE_NONE, post_session, ""},
    {BASE "/session/end", POST, ROLE_NONE, post_session_end, ""},
    {BASE "/codes", POST, ROLE_ADMIN, post_codes, ""},
    {BASE "/activities/", GET, ROLE_REPORT, get_activity_code, ""},
    {BASE "/plans/", GET, ROLE_VIEW, get_plan_code, ""},
    {BASE "/checkins", POST, ROLE_NONE, post_checkins, ""},
    {BASE "/raise", POST, ROLE_NONE, post_raise, ""},
    {BASE "/admin/tokens", GET | POST, ROLE_ADMIN, admin_tokens, ""},
    {BASE "/admin/tokens/revoke", POST, ROLE_ADMIN, post_revoke, ""},
    {BASE "/admin/pending", GET | POST, ROLE_ADMIN, admin_pending, ""},
    {BASE "/admin/audit", GET, ROLE_ADMIN, admin_audit, "limit,before"},
    {BASE "/openapi.json", GET, ROLE_NONE, get_openapi, NULL},
    {"/healthz", GET, ROLE_NONE, get_healthz, NULL},
    {"/readyz", GET, ROLE_NONE, get_readyz, NULL},
    {"/metrics", GET, ROLE_NONE, get_metrics, NULL},
    {"/owner/v1/tokens", GET | POST, ROLE_ADMIN, owner_tokens, ""},
    {"/owner/v1/tokens/revoke", POST, ROLE_ADMIN, post_revoke, ""},
    {"/owner/v1/codes", POST, ROLE_ADMIN, post_codes, ""},
    {"/owner/v1/cells", GET, ROLE_ADMIN, owner_cells, ""},
    {"/owner/v1/events", GET, ROLE_ADMIN, owner_events, "after,limit"},
    {"/owner/v1/recount", POST, ROLE_ADMIN, owner_recount, ""},
    {"/owner/v1/repair", POST, ROLE_ADMIN, owner_repair, ""},
    {"/owner/v1/loss", GET | POST, ROLE_ADMIN, owner_loss, ""},
    {"/owner/v1/backup", GET, ROLE_ADMIN, owner_backup, "after"},
    {"/owner/v1/restore", POST, ROLE_ADMIN, owner_restore, "step"},
};
#define ROUTES (sizeof routes / sizeof *routes)

/* Under which paths an alliance's stand by its id, and as what they are then looked up. */
static const struct space {
    const char *path, *plain; /* NULL: as a page's */
} spaces[] = {
    {BASE "/alliances/", BASE},
    {"/owner/v1/alliances/", "/owner/v1"},
    {"/a/", NULL},
};
#define SPACES (sizeof spaces / sizeof *spaces)

/* The alliance that PATH speaks of, and what it says beyond that; NULL: there is none of its id.
 * Plain paths are the first one's. */
static struct alliance *find_alliance(const struct app *app, const char *path,
                                      const struct space **space, const char **rest)
{
    *space = NULL;
    *rest = path;
    for (size_t i = 0; i < SPACES; i++) {
        size_t n = strlen(spaces[i].path);
        if (strncmp(path, spaces[i].path, n) != 0)
            continue;
        const char *id = path + n;
        size_t len = strcspn(id, "/");
        *space = &spaces[i];
        *rest = id + len;
        return app_find(app, id, len);
    }
    return app->alliances[0];
}

/* The route's path as it stands in the call's space; NULL: it isn't there. */
static const char *path_in(const struct route *route, const struct space *space)
{
    if (!space)
        return route->path;
    size_t n = space->plain ? strlen(space->plain) : 0;
    return n > 0 && strncmp(route->path, space->plain, n) == 0 ? route->path + n : NULL;
}

static bool path_matches(const struct route *route, struct call *c)
{
    const char *path = path_in(route, c->space);
    size_t n = path ? strlen(path) : 0;
    if (n == 0 || strncmp(c->path, path, n) != 0)
        return false;
    c->rest = c->path + n;
    return path[n - 1] == '/' ? *c->rest : !*c->rest;
}

/* The owner's paths exist on the owner's socket only. */
static bool is_visible(const struct route *route, const struct request *r)
{
    return strncmp(route->path, "/owner/", 7) != 0 || request_is_owner(r);
}

static int method_of(const struct request *r)
{
    const char *m = request_method(r);
    return !strcmp(m, "GET") || !strcmp(m, "HEAD") ? GET : !strcmp(m, "POST") ? POST : 0;
}

/* The route, or NULL with *allowed telling by which other methods the path can be had. */
static const struct route *find_route(struct call *c, int *allowed)
{
    int method = method_of(c->request);
    *allowed = 0;
    for (size_t i = 0; i < ROUTES; i++) {
        if (!path_matches(&routes[i], c) || !is_visible(&routes[i], c->request))
            continue;
        *allowed |= routes[i].methods;
        if (routes[i].methods & method)
            return &routes[i];
    }
    return NULL;
}

/* --- what --------------------------------------------------------------------------------- */

static bool is_known_param(const char *params, const char *name)
{
    size_t n = strlen(name);
    for (const char *p = params; p && *p; p += strcspn(p, ","), p += *p == ',')
        if (strcspn(p, ",") == n && !strncmp(p, name, n))
            return true;
    return false;
}

static bool check_params(struct call *c)
{
    const char *name;
    for (size_t i = 0; c->route->params && (name = request_query_name(c->request, i)); i++) {
        if (is_known_param(c->route->params, name))
            continue;
        answer_bad_query(c, FAULT_UNKNOWN_FIELD, name, c->route->params);
        return false;
    }
    return true;
}

static bool check_type(struct call *c)
{
    bool twice = false;
    const char *type = request_header(c->request, "content-type", &twice);
    static const char *const allowed[] = {"application/json", "application/x-ndjson"};
    for (size_t i = 0; type && !twice && i < 2; i++) {
        size_t n = strlen(allowed[i]);
        if (!strncasecmp(type, allowed[i], n) && (!type[n] || strchr("; \t", type[n])))
            return true;
    }
    answer_trouble(c, TROUBLE_NOT_JSON_TYPE, NULL, -1);
    return false;
}

static int refuse_path(struct call *c, int allowed)
{
    if (allowed)
        answer_method(c, allowed & GET ? allowed & POST ? "GET, HEAD, POST" : "GET, HEAD" : "POST");
    else
        answer_trouble(c, TROUBLE_NOT_FOUND, NULL, -1);
    return -1;
}

/* Pages stand beside the routes, and under /a/ID. */
static bool may_be_page(const struct call *c)
{
    return !c->space || !c->space->plain;
}

static bool find_page(const struct call *c)
{
    return may_be_page(c) && pages_find(c->alliance->app->pages, c->path);
}

/* True: the call is over. */
static bool reply_page(struct call *c)
{
    if (!may_be_page(c) || method_of(c->request) != GET ||
        pages_reply(c->alliance->app->pages, c->request, c->path) != 0)
        return false;
    free(c);
    return true;
}

/* What comes in by these is counted. */
static bool is_counted(const struct route *route)
{
    return route->handle == post_events || route->handle == post_checkins ||
           route->handle == post_raise;
}

static int on_head(void *ctx, struct request *r)
{
    struct app *app = ctx;
    int allowed;
    struct call *c = mem_alloc(sizeof *c);
    *c = (struct call){.request = r, .language = answer_language(r)};
    c->alliance = find_alliance(app, request_path(r), &c->space, &c->path);
    bool known = c->alliance;
    if (!known)
        c->alliance = app->alliances[0]; /* who asks may still be one of its reporters */
    int wait = limits_request(app, request_peer(r));
    if (wait && !is_reporter(c->alliance, r)) {
        answer_too_many(c, wait);
        return -1;
    }
    if (!known) {
        answer_trouble(c, TROUBLE_NO_ALLIANCE, NULL, -1);
        return -1;
    }
    c->route = find_route(c, &allowed);
    if (!c->route && !allowed && reply_page(c))
        return -1;
    if (!c->route) {
        if (method_of(r) != GET && find_page(c))
            allowed |= GET;
        return refuse_path(c, allowed);
    }
    if (c->alliance->district && is_counted(c->route)) {
        answer_trouble(c, TROUBLE_DISTRICT, NULL, -1);
        return -1;
    }
    if (!identify(c) || !check_params(c) || (method_of(r) == POST && !check_type(c)))
        return -1;
    request_set_user(r, c);
    return 0;
}

static void on_body(void *ctx, struct request *r)
{
    struct call *c = request_user(r);
    const struct app *app = ctx;
    c->began = uv_now(app->loop);
    c->route->handle(c);
}

static void on_gone(void *ctx, struct request *r)
{
    (void)ctx;
    free(request_user(r));
    request_set_user(r, NULL);
}

/* http refuses by itself: what was begun for the request ends here. */
static char *on_error(void *ctx, struct request *r, int status, size_t *len)
{
    struct buf out = {0};
    trouble_write_status(status, answer_language(r), &out);
    on_gone(ctx, r);
    return buf_take(&out, len);
}

static struct live *on_screens(void *ctx, const char *path)
{
    const struct space *space;
    const char *rest;
    const struct alliance *a = find_alliance(ctx, path, &space, &rest);
    if (!a || (space && space->plain) || strcmp(rest, "/ws") != 0)
        return NULL;
    return screens_live(a->screens);
}

struct http_handler api_handler(struct app *app)
{
    return (struct http_handler){app, on_head, on_body, on_gone, on_error, on_screens};
}

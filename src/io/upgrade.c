/* Who may open a WebSocket. All is judged before the library looks at the handshake, since it
 * would take a client without a subprotocol on any path, and hangs up without a word on others. */
#include "http_events.h"
#include "session.h"

#include <string.h>
#include <strings.h>

#define SUBPROTOCOL      "tally.v1"
#define SUBPROTOCOLS_MAX 120 /* bytes of the list that the library can take */

static bool is_named(const struct request *r)
{
    return r->conn->live;
}

static bool is_get(const struct request *r)
{
    return strcmp(r->method, "GET") == 0;
}

static bool is_whole(const struct request *r)
{
    const char *key = request_raw(r, HEADER_WS_KEY);
    unsigned once = 1u << HEADER_HOST | 1u << HEADER_ORIGIN | 1u << HEADER_AUTHORIZATION |
                    1u << HEADER_WS_KEY | 1u << HEADER_WS_VERSION;
    return !r->malformed && !(r->twice & once) && r->length <= 0 &&
           !r->headers[HEADER_TRANSFER_ENCODING] && r->headers[HEADER_HOST] &&
           request_lists(request_raw(r, HEADER_CONNECTION), "upgrade") && key && strlen(key) == 24;
}

static bool is_version(const struct request *r)
{
    const char *version = request_raw(r, HEADER_WS_VERSION);
    return version && strcmp(version, "13") == 0;
}

static bool is_spoken(const struct request *r)
{
    const char *list = request_raw(r, HEADER_WS_PROTOCOL);
    return !list || (strlen(list) <= SUBPROTOCOLS_MAX && strstr(list, SUBPROTOCOL) &&
                     request_lists(list, SUBPROTOCOL));
}

static const struct {
    bool (*holds)(const struct request *r);
    int status;
} rules[] = {
    {is_named, 404}, {is_get, 405}, {is_whole, 400}, {is_version, 426}, {is_spoken, 400},
};

int upgrade_judge(struct request *r)
{
    struct http_handler *http = &r->http->handler;
    r->conn->live = http->screens(http->ctx, request_path(r));
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (!rules[i].holds(r))
            return rules[i].status;
    const char *token = request_raw(r, HEADER_AUTHORIZATION);
    if (token && strncasecmp(token, "Bearer ", 7) == 0)
        token += 7 + strspn(token + 7, " ");
    else
        token = NULL;
    struct visitor v = {request_raw(r, HEADER_HOST),
                        request_raw(r, HEADER_ORIGIN),
                        token,
                        request_raw(r, HEADER_COOKIE),
                        request_peer(r),
                        request_is_owner(r),
                        ""};
    struct live_handler *live = &r->conn->live->handler;
    int status = live->admit(live->ctx, &v);
    memcpy(r->conn->guest, v.name, sizeof v.name);
    return status;
}

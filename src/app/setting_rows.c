/* The table of settings, and what their values must look like. */
#include "setting.h"

#include "address.h"
#include "date.h"
#include "proxies.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>

/* ---- values ---- */

static bool is_address(const char *value)
{
    char host[64];
    const char *colon = strrchr(value, ':');
    size_t n = colon ? (size_t)(colon - value) : 0;
    long port;
    if (n == 0 || n >= sizeof host || !setting_number(colon + 1, &port) || port < 0 || port > 65535)
        return false;
    bool v6 = value[0] == '[' && value[n - 1] == ']';
    memcpy(host, value + v6, n - 2 * v6);
    host[n - 2 * v6] = '\0';
    unsigned char parsed[sizeof(struct in6_addr)];
    return inet_pton(v6 ? AF_INET6 : AF_INET, host, parsed) == 1;
}

static bool is_origin(const char *value)
{
    size_t scheme = strncmp(value, "https://", 8) == 0  ? 8
                    : strncmp(value, "http://", 7) == 0 ? 7
                                                        : 0;
    const char *host = value + scheme;
    return scheme && *host &&
           strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789.-:[]") == strlen(host);
}

/* As those read it who connect. */
static bool is_redis_url(const char *value)
{
    struct address address;
    char reason[256];
    if (strcmp(value, "private") == 0)
        return true;
    if (!address_read(value, &address, reason, sizeof reason))
        return false;
    address_clear(&address);
    return true;
}

/* "00:00" to "23:59". */
static bool is_time_of_day(const char *value)
{
    if (strlen(value) != 5 || strspn(value, "0123456789:") != 5 || value[2] != ':' ||
        !isdigit((unsigned char)value[1]) || !isdigit((unsigned char)value[4]))
        return false;
    return strncmp(value, "24", 2) < 0 && value[3] < '6';
}

static bool is_network(const char *value)
{
    struct network network;
    return network_read(value, &network);
}

/* ---- the table ---- */

#define AT(member) offsetof(struct config, member)

const struct setting settings[SETTINGS] = {
    {.key = "http.listen",
     .type = SETTING_TEXT,
     .offset = AT(http_listen),
     .initial = "127.0.0.1:8080",
     .check = is_address,
     .allowed = "ADDRESS:PORT with an IP address and a port from 0 to 65535",
     .restart = true,
     .help = "Where the pages and the API are served. Port 0 takes any that is free;\n"
             "\"[::1]:8080\" is IPv6, \"0.0.0.0:8080\" all IPv4 addresses."},
    {.key = "http.origins",
     .type = SETTING_LIST,
     .offset = AT(http_origins),
     .initial = "",
     .check = is_origin,
     .allowed = "a list of origins such as \"https://screen.example:8443\"",
     .help = "Pages from elsewhere that may open /ws and post, such as "
             "\"https://screen.example:8443\".\n"
             "Pages that this daemon serves itself always may."},
    {.key = "http.pages",
     .type = SETTING_PATH,
     .offset = AT(http_pages),
     .initial = "../web",
     .restart = true,
     .help =
         "The folder of the pages. Where the default isn't there, the installed pages are used."},
    {.key = "http.max_connections",
     .type = SETTING_NUMBER,
     .offset = AT(http_max_connections),
     .initial = "20000",
     .min = 16,
     .max = 1000000,
     .restart = true,
     .help = "Connections that may be open at once, screens included."},
    {.key = "http.head_timeout",
     .type = SETTING_NUMBER,
     .offset = AT(http_head_timeout),
     .initial = "10",
     .min = 1,
     .max = 60,
     .help =
         "Seconds that a client may take for a request's head, and for the TLS handshake before."},
    {.key = "http.body_timeout",
     .type = SETTING_NUMBER,
     .offset = AT(http_body_timeout),
     .initial = "10",
     .min = 1,
     .max = 60,
     .help = "Seconds from a request's head to the last byte of its body."},
    {.key = "http.trusted_proxies",
     .type = SETTING_LIST,
     .offset = AT(http_trusted_proxies),
     .initial = "",
     .check = is_network,
     .allowed = "a list of addresses and networks such as \"10.0.0.0/8\"",
     .help = "Reverse proxies whose X-Forwarded-For and X-Forwarded-Proto are believed: addresses\n"
             "or networks such as \"10.0.0.0/8\". Nobody else's are."},
    {.key = "http.tls_certificate",
     .type = SETTING_PATH,
     .offset = AT(http_tls_certificate),
     .initial = "",
     .optional = true,
     .help = "A certificate for HTTPS (PEM, its issuers' behind it); \"\" is plain HTTP. Needs "
             "tls_key.\n"
             "Loaded again after SIGHUP and when the files have changed; turning HTTPS on or off\n"
             "takes a restart."},
    {.key = "http.tls_key",
     .type = SETTING_PATH,
     .offset = AT(http_tls_key),
     .initial = "",
     .optional = true,
     .help = "The certificate's key (PEM, without a password)."},
    {.key = "redis.url",
     .type = SETTING_TEXT,
     .offset = AT(redis_url),
     .initial = "private",
     .check = is_redis_url,
     .allowed = "\"private\", \"redis://[user:password@]host:port[/db]\", \"unix:///path\", "
                "\"sentinel://[user:password@]host:port[,host:port...]/name[/db]\", "
                "\"cluster://[user:password@]host:port[,host:port...]\"",
     .secret = true,
     .restart = true,
     .help =
         "The store: \"private\" is a redis-server of the daemon's own, kept in state.dir;\n"
         "else \"redis://[user:password@]host:port[/db]\" or \"unix:///path\". Where its master\n"
         "may change, Sentinels are asked, \"sentinel://host:port,host:port/name\", or nodes of\n"
         "a Cluster, \"cluster://host:port,host:port\"; a login stands before the first host."},
    {.key = "redis.timeout",
     .type = SETTING_NUMBER,
     .offset = AT(redis_timeout),
     .initial = "5000",
     .min = 100,
     .max = 60000,
     .restart = true,
     .help = "Milliseconds after which a store that doesn't answer is taken for lost."},
    {.key = "redis.server",
     .type = SETTING_TEXT,
     .offset = AT(redis_server),
     .initial = "redis-server",
     .restart = true,
     .help = "The program that the private store runs."},
    {.key = "state.dir",
     .type = SETTING_PATH,
     .offset = AT(state_dir),
     .initial = "../var",
     .restart = true,
     .help = "What the daemon must keep: the private store's files, the owner's socket."},
    {.key = "journal.max_mib",
     .type = SETTING_NUMBER,
     .offset = AT(journal_max_mib),
     .initial = "4096",
     .min = 64,
     .max = 1048576,
     .restart = true,
     .help = "MiB that the journal may take in state.dir while the store is away; then events are\n"
             "refused with 503 until there is room again."},
    {.key = "alliance.file",
     .type = SETTING_PATH,
     .offset = AT(alliance_file),
     .initial = "alliance.json",
     .help = "The catalogue: the alliance's circles, communities, units and projects."},
    {.key = "alliance.time_zone",
     .type = SETTING_TEXT,
     .offset = AT(alliance_zone),
     .initial = "Asia/Shanghai",
     .check = date_zone_known,
     .allowed = "an IANA time zone that this machine has, such as \"Asia/Shanghai\"",
     .restart = true,
     .help = "Days turn over at midnight of this IANA time zone."},
    {.key = "screen.file",
     .type = SETTING_PATH,
     .offset = AT(screen_file),
     .initial = "screen.json",
     .help =
         "The cockpit's layout: panels, titles, scenes, themes. Where the default isn't there,\n"
         "the pages use their own."},
    {.key = "access.viewers",
     .type = SETTING_SWITCH,
     .offset = AT(viewers_open),
     .initial = "open",
     .words = {"open", "token"},
     .help = "Who may look: \"open\" is everyone who reaches the address, \"token\" asks for one."},
    {.key = "access.code_hours",
     .type = SETTING_NUMBER,
     .offset = AT(access_code_hours),
     .initial = "72",
     .min = 1,
     .max = 720,
     .help = "Hours for which a sign-in link is good, once."},
    {.key = "access.audit_months",
     .type = SETTING_NUMBER,
     .offset = AT(access_audit_months),
     .initial = "6",
     .min = 1,
     .max = 120,
     .help = "Months for which the audit log in state.dir is kept; older ones are deleted."},
    {.key = "limits.address_per_second",
     .type = SETTING_NUMBER,
     .offset = AT(limits_address_per_second),
     .initial = "50",
     .min = 0,
     .max = 1000000,
     .help = "Requests a second that an address may make, ten times as many at once; 0 is any\n"
             "number. Over any limit the answer is 429. Reporters' own tokens limit them instead."},
    {.key = "limits.address_open_per_minute",
     .type = SETTING_NUMBER,
     .offset = AT(limits_open_per_minute),
     .initial = "60",
     .min = 0,
     .max = 1000000,
     .help = "Check-ins, problems and sign-ins a minute that an address may send without a token;\n"
             "0 is any number. The phones of a whole neighbourhood may share one address."},
    {.key = "limits.connections_per_address",
     .type = SETTING_NUMBER,
     .offset = AT(limits_connections),
     .initial = "0",
     .min = 0,
     .max = 1000000,
     .help = "Connections that an address may have open at once; 0 is any number."},
    {.key = "limits.device_per_hour",
     .type = SETTING_NUMBER,
     .offset = AT(limits_device_per_hour),
     .initial = "30",
     .min = 0,
     .max = 100000,
     .help = "Check-ins and problems an hour that a device may send; 0 is any number."},
    {.key = "limits.token_events_per_second",
     .type = SETTING_NUMBER,
     .offset = AT(limits_token_events),
     .initial = "200000",
     .min = 0,
     .max = 10000000,
     .help = "Events a second that a token may send; 0 is any number."},
    {.key = "limits.lockout_tries",
     .type = SETTING_NUMBER,
     .offset = AT(limits_lockout_tries),
     .initial = "10",
     .min = 0,
     .max = 20,
     .help = "Refused sign-ins (unknown tokens and codes) after which an address' next ones are "
             "refused\n"
             "unheard; 0 is never. Tokens and sessions that are good are always heard."},
    {.key = "limits.lockout_minutes",
     .type = SETTING_NUMBER,
     .offset = AT(limits_lockout_minutes),
     .initial = "10",
     .min = 1,
     .max = 1440,
     .help = "Minutes within which those count, and for which the address stays locked out."},
    {.key = "limits.loopback",
     .type = SETTING_FLAG,
     .offset = AT(limits_loopback),
     .initial = "false",
     .help = "Do the limits for addresses hold for this machine's own too?"},
    {.key = "push.max_hz",
     .type = SETTING_NUMBER,
     .offset = AT(push_max_hz),
     .initial = "10",
     .min = 1,
     .max = 60,
     .help = "Updates a second that a screen is sent at most."},
    {.key = "recount.at",
     .type = SETTING_TEXT,
     .offset = AT(recount_at),
     .initial = "03:30",
     .optional = true,
     .check = is_time_of_day,
     .allowed = "a time of day such as \"03:30\", or \"\"",
     .help = "When, each day, every event is counted again and compared with the counters, by the\n"
             "alliance's time zone. \"\" is never; tallyctl verify does it at any time."},
    {.key = "log.level",
     .type = SETTING_WORD,
     .offset = AT(log_level),
     .initial = "info",
     .words = {"error", "warn", "info", "debug"},
     .help = "How much is logged."},
};

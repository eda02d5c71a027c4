/* config: the settings, one table: file < environment < flags. The file is JSON with // comments
 * in sections; each key is also TALLYD_SECTION_KEY in the environment. */
#ifndef TALLYD_CONFIG_H
#define TALLYD_CONFIG_H

#include "catalogue_wire.h"
#include <stdbool.h>
#include <stddef.h>

/* An alliance that another, a district, has as its member. */
struct followed {
    char *id;     /* of a community in the district's catalogue */
    char *url;    /* of its pages, as this daemon reaches them */
    char *screen; /* the same for browsers; NULL: as url */
    char *token;  /* NULL: none */
};

/* One alliance of those that the daemon counts for. */
struct listed {
    char *id;             /* NULL: there is no list, and it is whichever the catalogue has */
    char *file;           /* its catalogue */
    char *screen;         /* its layout */
    bool screen_may_miss; /* that is the default one, which needn't be there */
    char *redis_url;
    struct followed *members; /* then it is a district */
    size_t member_count;
};

/* Plain value after config_load; strings and lists belong to it. Paths are absolute: relative
 * ones in the file count from the file's own folder. */
struct config {
    char *http_listen;         /* http.listen "127.0.0.1:8080" ([::1]:8080 too; port 0: any) */
    char **http_origins;       /* http.origins []: further Origins that may open /ws; NULL-ended */
    char *http_pages;          /* http.pages: folder of the pages */
    long http_max_connections; /* http.max_connections 20000, 16 to 1,000,000 */
    long http_head_timeout;    /* http.head_timeout 10 (s, 1 to 60) */
    long http_body_timeout;    /* http.body_timeout 10 (s, 1 to 60): then 408 */
    char **http_trusted_proxies;    /* http.trusted_proxies []: addresses, CIDR; NULL-ended */
    char *http_tls_certificate;     /* http.tls_certificate "": PEM; with tls_key or not at all */
    char *http_tls_key;             /* http.tls_key "" */
    char *redis_url;                /* redis.url "private" */
    long redis_timeout;             /* redis.timeout 5000 (ms, 100 to 60,000) */
    char *redis_server;             /* redis.server "redis-server": the private one's program */
    char *state_dir;                /* state.dir */
    long journal_max_mib;           /* journal.max_mib 4096, 64 to 1,048,576 */
    char *alliance_file;            /* alliance.file "alliance.json" */
    char *alliance_zone;            /* alliance.time_zone "Asia/Shanghai" */
    char *screen_file;              /* screen.file "screen.json" */
    bool viewers_open;              /* access.viewers "open" | "token" */
    long access_code_hours;         /* access.code_hours 72, 1 to 720 */
    long access_audit_months;       /* access.audit_months 6, 1 to 120 */
    long limits_address_per_second; /* limits.address_per_second 50; 0: no limit, as in all */
    long limits_open_per_minute;    /* limits.address_open_per_minute 60 */
    long limits_connections;        /* limits.connections_per_address 0 */
    long limits_device_per_hour;    /* limits.device_per_hour 30 */
    long limits_token_events;       /* limits.token_events_per_second 200000 */
    long limits_lockout_tries;      /* limits.lockout_tries 10, 0 to 20 */
    long limits_lockout_minutes;    /* limits.lockout_minutes 10, 1 to 1,440 */
    bool limits_loopback;           /* limits.loopback false */
    long push_max_hz;               /* push.max_hz 10, 1 to 60 */
    char *recount_at;               /* recount.at "03:30" in the alliance's zone; "": never */
    struct listed *alliances;       /* alliances []; then the one of those sections */
    size_t alliance_count;
    size_t followed_count; /* all their members */
    bool followed_tls;     /* some of them by https */
    char *log_level;       /* log.level "info": error, warn, info, debug */
};

/* A flag's or a caller's own setting: "redis.url" = "private". */
struct override {
    const char *key, *value;
};

/* Loads PATH (NULL: defaults only), then the environment, then OVERRIDES (key NULL closes).
 * DEFAULT_BASE is the folder from which default relative paths count when PATH is NULL.
 * Returns 0, or -1 with complaints; then *out is zeroed. */
int config_load(struct config *out, const char *path, const char *default_base,
                const struct override *overrides, struct complaints *complaints);
void config_clear(struct config *c);
/* The annotated file with each setting's help, default and the value that C has (NULL: the
 * default); a test compares it with config/tallyd.json. */
void config_dump(const struct config *c, struct buf *out);

#endif

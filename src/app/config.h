/* config: the settings, one table: file < environment < flags. The file is JSON with // comments
 * in sections; each key is also TALLYD_SECTION_KEY in the environment. */
#ifndef TALLYD_CONFIG_H
#define TALLYD_CONFIG_H

#include "catalogue_wire.h"
#include <stdbool.h>
#include <stddef.h>

/* Plain value after config_load; strings and lists belong to it. Paths are absolute: relative
 * ones in the file count from the file's own folder. */
struct config {
    char *http_listen;         /* http.listen "127.0.0.1:8080" ([::1]:8080 too; port 0: any) */
    char **http_origins;       /* http.origins []: further Origins that may open /ws; NULL-ended */
    char *http_pages;          /* http.pages: folder of the pages */
    long http_max_connections; /* http.max_connections 20000, 16 to 1,000,000 */
    long http_body_timeout;    /* http.body_timeout 10 (s, 1 to 60): then 408 */
    char *redis_url;           /* redis.url "private" */
    long redis_timeout;        /* redis.timeout 5000 (ms, 100 to 60,000) */
    char *redis_server;        /* redis.server "redis-server": the private one's program */
    char *state_dir;           /* state.dir */
    long journal_max_mib;      /* journal.max_mib 4096, 64 to 1,048,576 */
    char *alliance_file;       /* alliance.file "alliance.json" */
    char *alliance_zone;       /* alliance.time_zone "Asia/Shanghai" */
    char *screen_file;         /* screen.file "screen.json" */
    bool screen_may_miss;      /* it is that default one, which needn't be there */
    bool viewers_open;         /* access.viewers "open" | "token" */
    long push_max_hz;          /* push.max_hz 10, 1 to 60 */
    char *recount_at;          /* recount.at "03:30" in the alliance's zone; "": never */
    char *log_level;           /* log.level "info": error, warn, info, debug */
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

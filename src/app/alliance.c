#include "alliance.h"

#include "audit.h"
#include "credentials.h"
#include "api.h"
#include "cookie.h"
#include "date.h"
#include "digest.h"
#include "district.h"
#include "feed.h"
#include "follow.h"
#include "home.h"
#include "inbox.h"
#include "keep.h"
#include "log.h"
#include "proven.h"
#include "recount.h"
#include "route.h"
#include "screens.h"
#include "trimmer.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STATUS_SECONDS 15
#define WAIT_FOR_STORE 4500 /* ms: an answer comes within 5 s, with the store or without */

const char *alliance_id(const struct alliance *a)
{
    return catalogue_id(a->catalogue);
}

const char *alliance_label(const struct alliance *a)
{
    return a->app->count > 1 ? "alliance" : NULL;
}

const struct board *alliance_board(struct alliance *a)
{
    struct board *b = a->district ? district_board(a->district) : &a->board;
    b->today = date_day(date_now());
    return b;
}

bool alliance_is_ready(const struct alliance *a)
{
    return store_is_up(a->store) && a->board.loaded && a->opening_done &&
           (!a->district || district_board(a->district)->loaded) && !intake_alarm(a->intake)[0] &&
           !a->app->closing;
}

void alliance_tick(struct alliance *a)
{
    int32_t today = alliance_board(a)->today;
    if (a->day != today)
        screens_new_day(a->screens);
    a->day = today;
    if (a->app->seconds % STATUS_SECONDS == 0)
        screens_status(a->screens);
    screens_tick(a->screens);
    if (a->district)
        district_tick(a->district);
    if (a->app->seconds == 1 && !store_is_up(a->store))
        log_write(LOG_WARN, "store_down", "reason", store_reason(a->store), alliance_label(a),
                  alliance_id(a), NULL);
    if (!a->opening_done)
        follow_opening(a);
    if (!a->app->closing)
        recount_tick(a->recount);
    audit_tick(a->audit);
}

/* --- building ----------------------------------------------------------------------------- */

void alliance_take_files(struct alliance *a, const struct files *files)
{
    catalogue_free(a->catalogue);
    free(a->layout);
    a->board.catalogue = a->catalogue = files->catalogue;
    a->layout = files->layout;
    if (a->district)
        district_take_catalogue(a->district);
}

/* From the line that the pages' build has left beside them, and from the layout. */
void alliance_note_build(struct alliance *a)
{
    const struct page *mark = pages_find(a->app->pages, "/build.txt");
    unsigned char digest[DIGEST_SIZE];
    struct buf both = {0};
    if (mark)
        buf_add(&both, mark->body, mark->len);
    buf_addf(&both, "\n%s", a->layout);
    digest_sha256(both.data, both.len, digest);
    digest_hex(digest, 4, a->build);
    buf_free(&both);
}

/* What the first one has is where it is without a list of alliances, too. */
static void name_parts(struct alliance *a, bool first)
{
    struct buf folder = {0}, base = {0}, cookie = {0};
    buf_adds(&folder, a->app->config.state_dir);
    buf_adds(&base, "");
    buf_adds(&cookie, COOKIE_NAME);
    if (!first) {
        buf_addf(&folder, "/a/%s", alliance_id(a));
        buf_addf(&base, "/a/%s", alliance_id(a));
        buf_addf(&cookie, "-%s", alliance_id(a));
    }
    a->folder = buf_take(&folder, NULL);
    a->base = buf_take(&base, NULL);
    a->cookie = buf_take(&cookie, NULL);
}

struct alliance *alliance_new(struct app *app, const struct listed *listed, struct files *files)
{
    struct alliance *a = mem_alloc(sizeof *a);
    a->app = app;
    a->listed = listed;
    strcpy(a->newest, "-");
    alliance_take_files(a, files);
    a->opening = files->opening;
    if (listed->member_count) { /* what it counts, its members count */
        free(a->opening);
        a->opening = NULL;
    }
    a->lock = -1;
    name_parts(a, listed == app->config.alliances);
    return a;
}

static int open_address(struct alliance *a, char *error, size_t error_size)
{
    char reason[200];
    if (a->app->child && strcmp(a->listed->redis_url, "private") == 0) {
        a->address.path = mem_string(child_socket(a->app->child));
        return 0;
    }
    if (address_read(a->listed->redis_url, &a->address, reason, sizeof reason))
        return 0;
    snprintf(error, error_size, "redis.url: %s", reason);
    return -1;
}

/* A segment takes its room as it is begun: many alliances begin many. */
static uint64_t segment_size(const struct app *app)
{
    return UINT64_C(1) << (app->count == 1 ? 26 : 23);
}

static int open_journal(struct alliance *a, char *error, size_t error_size)
{
    char *folder = keep_path(a->folder, "journal");
    struct journal_options options = {.folder = folder,
                                      .max_bytes = (uint64_t)a->app->config.journal_max_mib << 20,
                                      .segment_bytes = segment_size(a->app)};
    a->journal = journal_open(a->app->loop, &options, error, error_size);
    free(folder);
    return a->journal ? 0 : -1;
}

static uint64_t shown_rev(void *ctx)
{
    return ((const struct alliance *)ctx)->board.rev;
}

static size_t known_marks(void *ctx, struct mark out[MARKS_MAX])
{
    return intake_marks(((const struct alliance *)ctx)->intake, out);
}

static void open_store(struct alliance *a)
{
    char key[160];
    uv_loop_t *loop = a->app->loop;
    snprintf(key, sizeof key, "tally:{%s}:meta", alliance_id(a));
    a->route = route_open(loop, &a->address, key);
    struct store_options store = {
        .route = a->route,
        .alliance = alliance_id(a),
        .timeout_ms = (unsigned)a->app->config.redis_timeout,
        .handler = follow_handler(a),
    };
    a->store = store_open(loop, &store);
    a->proven = proven_open(a->folder);
    struct intake_options intake = {.loop = loop,
                                    .journal = a->journal,
                                    .store = a->store,
                                    .proven = a->proven,
                                    .wait_ms = WAIT_FOR_STORE,
                                    .shown = shown_rev,
                                    .ctx = a};
    a->intake = intake_open(&intake);
    struct trimmer_options trimmer = {.loop = loop,
                                      .store = a->store,
                                      .journal = a->journal,
                                      .proven = a->proven,
                                      .route = a->route,
                                      .marks = known_marks,
                                      .ctx = a};
    a->trimmer = trimmer_open(&trimmer);
    a->inbox = a->district ? NULL : inbox_open(a);
}

/* The first one's folder is the daemon's, which holds its lock. */
static int lock(struct alliance *a, char *error, size_t error_size)
{
    if (a == a->app->alliances[0])
        return 0;
    struct buf above = {0};
    buf_addf(&above, "%s/a", a->app->config.state_dir);
    if (mkdir(above.data, 0700) == 0 || errno == EEXIST)
        a->lock = home_lock(a->folder, error, error_size);
    else
        snprintf(error, error_size, "%s: %s", above.data, strerror(errno));
    buf_free(&above);
    return a->lock < 0 ? -1 : 0;
}

int alliance_open(struct alliance *a, char *error, size_t error_size)
{
    if (lock(a, error, error_size))
        return -1;
    if (home_claim(a, error, error_size))
        return -2;
    alliance_note_build(a);
    a->guard = guard_new();
    a->audit = audit_open(a);
    credentials_load(a);
    owner_backup_remember(a);
    a->board.totals = totals_new();
    a->board.today = a->day = date_day(date_now());
    if (open_journal(a, error, error_size) || open_address(a, error, error_size))
        return -1;
    a->screens = screens_new(a);
    if (a->listed->member_count)
        a->district = district_open(a);
    open_store(a);
    a->recount = recount_new(a);
    return 0;
}

void alliance_start(struct alliance *a, struct server *server)
{
    screens_start(a->screens, server);
    if (a->district)
        district_start(a->district, server);
}

/* --- the way down: journal, intake and store ---------------------------------------------- */

void alliance_stop(struct alliance *a)
{
    if (a->recount)
        recount_close(a->recount);
    if (a->district)
        district_stop(a->district);
}

struct closing {
    struct alliance *alliance;
    void (*on_closed)(struct app *app);
};

/* Each of these calls back whoever waits for it, so those who wait end last. */
static void on_journal_closed(void *ctx)
{
    struct closing closing = *(struct closing *)ctx;
    struct alliance *a = closing.alliance;
    free(ctx);
    a->journal = NULL;
    if (a->intake) {
        intake_close(a->intake);
        store_close(a->store);
        if (a->inbox)
            inbox_close(a->inbox);
        route_close(a->route);
        trimmer_close(a->trimmer);
    }
    closing.on_closed(a->app);
}

bool alliance_close(struct alliance *a, void (*on_closed)(struct app *app))
{
    if (a->screens)
        screens_stop(a->screens);
    if (a->trimmer)
        trimmer_stop(a->trimmer);
    if (!a->journal)
        return false;
    struct closing *closing = mem_alloc(sizeof *closing);
    *closing = (struct closing){a, on_closed};
    journal_close(a->journal, on_journal_closed, closing);
    return true;
}

void alliance_free(struct alliance *a)
{
    screens_free(a->screens);
    proven_close(a->proven);
    audit_close(a->audit);
    guard_free(a->guard);
    totals_free(a->board.totals);
    feed_clear(&a->board);
    district_free(a->district);
    catalogue_free(a->catalogue);
    free(a->layout);
    free(a->opening);
    free(a->folder);
    free(a->base);
    free(a->cookie);
    address_clear(&a->address);
    if (a->lock >= 0)
        close(a->lock);
    free(a);
}

/* app: the daemon as a whole: what it is made of, in which order that is built and taken down, and
 * the wires between parts that don't know each other. The parts of this floor share it. */
#ifndef TALLYD_APP_H
#define TALLYD_APP_H

#include "board.h"
#include "child.h"
#include "config.h"
#include "files.h"
#include "guard.h"
#include "intake.h"
#include "journal.h"
#include "pages.h"
#include "server.h"
#include "store.h"
#include <uv.h>

struct audit;
struct inbox;
struct limits;
struct recount;
struct route;
struct screens;

/* How the program was called; borrowed for its whole life. */
struct app_call {
    const char *config_path; /* NULL: defaults */
    const char *config_base;
    const struct override *overrides;
};

struct app {
    uv_loop_t *loop;
    struct app_call call;
    struct config config;
    struct board board;
    struct catalogue *catalogue;   /* the board borrows it */
    char *layout;                  /* of the screen, as JSON */
    char build[9];                 /* of the pages and that layout: by another one pages renew */
    char newest[EVENT_ID_MAX + 1]; /* id of the newest event on the board; "-": none */
    struct guard *guard;
    bool guard_known; /* the tokens have been read once */
    unsigned char secret[STORE_SECRET];
    bool secret_known;
    unsigned char kept[32]; /* digest of the credentials as they stand in the state folder */
    char *opening;          /* events of the catalogue's file to be counted once, or NULL */
    bool opening_asking, opening_sent, opening_done;
    struct address address;
    struct route *route;
    int lock;   /* of the state folder */
    int socket; /* the service manager gave it; -1: none */
    struct child *child;
    struct journal *journal;
    struct store *store;
    struct intake *intake;
    struct proven *proven;
    struct trimmer *trimmer;
    struct inbox *inbox;
    struct recount *recount;
    struct audit *audit;
    struct limits *limits;
    struct pages *pages;
    struct screens *screens;
    struct server *server;
    uv_timer_t tick;
    uv_signal_t signals[3];
    int32_t day;      /* for which ranges are shown */
    unsigned seconds; /* since the start */
    int64_t started;
    int64_t backed_up; /* when a backup was last handed out whole; 0: never known */
    int closing;
    bool misfit; /* the catalogue doesn't go on from the store's history: that ends the daemon */
};

/* Builds all and starts listening. 0, or with the reason in ERROR -2 (the configuration is wrong)
 * or -1; then app_close, the loop's end and app_free take down what was built. */
int app_open(struct app *app, uv_loop_t *loop, const struct app_call *call, char *error,
             size_t error_size);
/* Begins the way down; the loop runs dry when it is done. */
void app_close(struct app *app);
/* After the loop has run dry. */
void app_free(struct app *app);

/* The parts of building that a reload does again. The first takes catalogue and layout. */
void app_take_files(struct app *app, const struct files *files);
void app_note_build(struct app *app);
struct server_options app_server_options(struct app *app);

/* The store is up and loaded, and the opening balances are counted. */
bool app_is_ready(const struct app *app);
/* The board, by today's day. */
const struct board *app_board(struct app *app);

#endif

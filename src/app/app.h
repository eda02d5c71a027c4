/* app: the daemon as a whole: what there is of it once, whatever the number of alliances, and in
 * which order all is built and taken down. The parts of this floor share it. */
#ifndef TALLYD_APP_H
#define TALLYD_APP_H

#include "child.h"
#include "config.h"
#include "pages.h"
#include "server.h"
#include <uv.h>

struct alliance;
struct limits;

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
    struct alliance **alliances; /* the plain paths are the first one's */
    size_t count;
    int lock;            /* of the state folder */
    int socket;          /* the service manager gave it; -1: none */
    struct child *child; /* the private Redis, NULL: none */
    struct limits *limits;
    struct pages *pages;
    struct server *server;
    uv_timer_t tick;
    uv_signal_t signals[3];
    bool ticking;     /* these two are there */
    unsigned seconds; /* since the start */
    int64_t started;
    bool recounting; /* one alliance at a time */
    bool looking_up; /* a member's name (peer) */
    int closing;
    size_t leaving; /* parts that the child is still needed by */
    bool misfit;    /* a catalogue doesn't go on from its store's history: that ends the daemon */
};

/* Builds all and starts listening. 0, or with the reason in ERROR -2 (the configuration is wrong)
 * or -1; then app_close, the loop's end and app_free take down what was built. */
int app_open(struct app *app, uv_loop_t *loop, const struct app_call *call, char *error,
             size_t error_size);
/* Begins the way down; the loop runs dry when it is done. */
void app_close(struct app *app);
/* After the loop has run dry. */
void app_free(struct app *app);

struct server_options app_server_options(struct app *app);
/* By its id, LEN bytes; NULL: there is none. */
struct alliance *app_find(const struct app *app, const char *id, size_t len);
/* All alliances are. */
bool app_is_ready(const struct app *app);

#endif

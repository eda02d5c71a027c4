/* alliance: one of those that the daemon counts for: its catalogue, its tokens, its journal, its
 * place in the store and its screens. Nothing of it is seen in another; what they share is the
 * app's. */
#ifndef TALLYD_ALLIANCE_H
#define TALLYD_ALLIANCE_H

#include "app.h"
#include "board.h"
#include "files.h"
#include "guard.h"
#include "intake.h"
#include "journal.h"
#include "store.h"

struct district;

struct alliance {
    struct app *app;
    const struct listed *listed;   /* what the settings say of it; the app's */
    char *folder;                  /* for what is kept of it: state.dir, in it a/ID of all but the
                                    * first */
    char *base;                    /* of its pages: "", or "/a/ID" for all but the first */
    char *cookie;                  /* the name of its sessions' one: a browser may have several */
    int lock;                      /* of that folder, where it isn't the app's */
    struct board board;            /* of what its store says */
    struct district *district;     /* where its members are alliances; else NULL */
    struct catalogue *catalogue;   /* the board borrows it */
    char *layout;                  /* of the screen, as JSON */
    char build[9];                 /* of the pages and that layout: by another one pages renew */
    char newest[EVENT_ID_MAX + 1]; /* id of the newest event on the board; "-": none */
    struct guard *guard;
    bool guard_known; /* the tokens have been read once */
    unsigned char secret[STORE_SECRET];
    bool secret_known;
    unsigned char kept[32]; /* digest of the credentials as they stand in the folder */
    char *opening;          /* events of the catalogue's file to be counted once, or NULL */
    bool opening_asking, opening_sent, opening_done;
    struct address address;
    struct route *route;
    struct journal *journal;
    struct store *store;
    struct intake *intake;
    struct proven *proven;
    struct trimmer *trimmer;
    struct inbox *inbox;
    struct recount *recount;
    struct audit *audit;
    struct screens *screens;
    int32_t day;       /* for which ranges are shown */
    int64_t backed_up; /* when a backup was last handed out whole; 0: never known */
};

/* Takes catalogue, layout and opening. */
struct alliance *alliance_new(struct app *app, const struct listed *listed, struct files *files);
/* Builds its parts. 0, or with the reason in ERROR -2 (the configuration is wrong) or -1. */
int alliance_open(struct alliance *a, char *error, size_t error_size);
/* When it can be reached, and reach others. */
void alliance_start(struct alliance *a, struct server *server);
/* Each second. */
void alliance_tick(struct alliance *a);
/* The way down has begun: no recount any more. alliance_close ends the rest. */
void alliance_stop(struct alliance *a);
/* When nobody can ask any more: closes the journal, then what depends on it, then calls ON_CLOSED
 * with the app; true if it will. */
bool alliance_close(struct alliance *a, void (*on_closed)(struct app *app));
/* After the loop has run dry. */
void alliance_free(struct alliance *a);

/* The part of building that a reload does again. Takes catalogue and layout. */
void alliance_take_files(struct alliance *a, const struct files *files);
void alliance_note_build(struct alliance *a);

const char *alliance_id(const struct alliance *a);
/* For the end of a line of the log, before its id: "alliance", or NULL where there is but one. */
const char *alliance_label(const struct alliance *a);
/* The store is up and loaded, and the opening balances are counted. */
bool alliance_is_ready(const struct alliance *a);
/* What is shown, by today's day. */
const struct board *alliance_board(struct alliance *a);

#endif

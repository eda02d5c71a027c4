#include "follow.h"

#include "api.h"
#include "credentials.h"
#include "date.h"
#include "feed.h"
#include "history.h"
#include "log.h"
#include "screens.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The newest event's id, to recognise the history by. */
static void note_newest(struct alliance *alliance)
{
    const char *json = alliance->board.feed[FEED_SIZE - 1].json;
    /* event_write puts the id first, and an id needs no escapes. */
    if (!json || sscanf(json, "{\"id\":\"%64[^\"]", alliance->newest) != 1)
        strcpy(alliance->newest, "-");
}

/* At the start a catalogue that lacks what was counted ends the daemon before anybody relies on it.
 * Later the store may have been given another history: then it is only said. */
static void judge_catalogue(struct alliance *alliance, bool first)
{
    bool fits = history_fits(alliance);
    if (fits)
        history_note(alliance);
    else if (first)
        alliance->app->misfit = true;
}

static void on_loaded(void *ctx, const struct store_loaded *l)
{
    struct alliance *alliance = ctx;
    struct store_text field, value;
    struct board *b = &alliance->board;
    totals_clear(b->totals);
    for (size_t i = 0; i < l->cell_count; i++) {
        store_cell_at(l, i, &field, &value);
        totals_set(b->totals, field.text, field.len, value.text, value.len);
    }
    feed_clear(b);
    for (size_t i = 0; i < l->feed_count; i++) {
        struct store_text line = store_feed_at(l, i);
        feed_push(b, line.text, line.len);
    }
    if (b->loaded && strcmp(b->epoch, l->epoch) != 0)
        log_write(LOG_WARN, "epoch_changed", "was", b->epoch, "is", l->epoch,
                  alliance_label(alliance), alliance_id(alliance), NULL);
    snprintf(b->epoch, sizeof b->epoch, "%s", l->epoch);
    b->rev = l->rev;
    bool first = !b->loaded;
    b->loaded = true;
    note_newest(alliance);
    judge_catalogue(alliance, first);
    log_write(LOG_INFO, "store_loaded", "rev", log_num((long long)l->rev), "cells",
              log_num((long long)l->cell_count), "epoch", l->epoch, alliance_label(alliance),
              alliance_id(alliance), NULL);
    screens_reset(alliance->screens);
    intake_shown(alliance->intake);
    if (alliance->app->misfit)
        app_close(alliance->app);
    else if (!alliance->opening_done)
        follow_opening(alliance);
}

static void for_each_line(struct store_text text,
                          void (*each)(struct board *b, const char *line, size_t len),
                          struct board *b)
{
    for (size_t at = 0; at < text.len;) {
        const char *line = text.text + at, *end = memchr(line, '\n', text.len - at);
        size_t n = end ? (size_t)(end - line) : text.len - at;
        each(b, line, n);
        at += n + 1;
    }
}

static void set_cell(struct board *b, const char *line, size_t len)
{
    const char *tab = memchr(line, '\t', len);
    if (tab)
        totals_set(b->totals, line, (size_t)(tab - line), tab + 1, len - (size_t)(tab + 1 - line));
}

static bool on_changed(void *ctx, const struct store_change *change)
{
    struct alliance *alliance = ctx;
    if (change->prev != alliance->board.rev)
        return false;
    for_each_line(change->cells, set_cell, &alliance->board);
    for_each_line(change->feed, feed_push, &alliance->board);
    alliance->board.rev = change->rev;
    note_newest(alliance);
    screens_changed(alliance->screens);
    intake_shown(alliance->intake);
    return true;
}

static void on_complete(void *ctx, int64_t at)
{
    struct alliance *alliance = ctx;
    alliance->board.as_of = at;
}

static void on_shown(void *ctx, uint64_t *rev, const char **newest, const char **epoch)
{
    const struct alliance *alliance = ctx;
    if (!alliance->board.loaded)
        return;
    *rev = alliance->board.rev;
    *newest = alliance->newest;
    *epoch = alliance->board.epoch;
}

static size_t on_journalled(void *ctx, struct mark out[MARKS_MAX])
{
    const struct alliance *alliance = ctx;
    struct journal_run runs[MARKS_MAX];
    size_t count = journal_runs(alliance->journal, runs, MARKS_MAX), n = 0;
    for (size_t i = 0; i + 1 < count; i++) { /* the present one comes last */
        if (runs[i].last < runs[i].first)
            continue;
        memcpy(out[n].incarnation, runs[i].incarnation, sizeof out[n].incarnation);
        out[n++].done = runs[i].last;
    }
    return n;
}

void follow_opening(struct alliance *alliance)
{
    if (!alliance->opening)
        alliance->opening_done = true;
    else if (!alliance->opening_asking && alliance->board.loaded && !alliance->app->misfit &&
             store_is_up(alliance->store) && alliance->secret_known)
        post_opening(alliance);
}

static void on_state(void *ctx, bool up, const char *reason)
{
    struct alliance *alliance = ctx;
    if (up)
        log_write(LOG_INFO, "store_up", alliance_label(alliance), alliance_id(alliance), NULL);
    else if (alliance->board.loaded ||
             alliance->app->seconds) /* in the first second it is no news yet */
        log_write(LOG_WARN, "store_down", "reason", reason, alliance_label(alliance),
                  alliance_id(alliance), NULL);
    intake_store_changed(alliance->intake, up);
    screens_status(alliance->screens);
    if (up && !alliance->opening_done)
        follow_opening(alliance);
}

static void on_tokens(void *ctx, const redisReply *tokens, const redisReply *sessions)
{
    struct alliance *alliance = ctx;
    if (credentials_take(alliance, tokens, sessions))
        screens_check(alliance->screens);
}

static void on_secret(void *ctx, const unsigned char secret[STORE_SECRET])
{
    credentials_take_secret(ctx, secret);
}

struct store_handler follow_handler(struct alliance *alliance)
{
    return (struct store_handler){.ctx = alliance,
                                  .state = on_state,
                                  .loaded = on_loaded,
                                  .changed = on_changed,
                                  .complete = on_complete,
                                  .shown = on_shown,
                                  .journalled = on_journalled,
                                  .tokens = on_tokens,
                                  .secret = on_secret};
}

#include "history.h"

#include "effect.h"
#include "keep.h"
#include "log.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOTE "catalogue.json" /* as /catalogue answers, which reads like the operator's file */

struct judging {
    const struct catalogue *fresh, *was;
    const struct totals *totals; /* NULL: what was counted isn't known */
    struct complaints *list;
};

/* ---- what was counted -------------------------------------------------------------------- */

struct search {
    const char *key;
    bool found;
};

static void look(void *ctx, const char *key)
{
    struct search *s = ctx;
    s->found = s->found || strcmp(key, s->key) == 0;
}

/* "activities 12, residents 340": what of GROUP ("u=u07") nobody would find any more. */
static void add_figures(const struct judging *j, const char *group, struct buf *out)
{
    int64_t n[METRIC_COUNT];
    struct range all;
    const char *comma = "";
    if (!j->totals) {
        buf_adds(out, "may have events, which can't be seen while the store is away");
        return;
    }
    range_of(NULL, 0, &all);
    totals_get(j->totals, group, &all, n);
    buf_adds(out, "has events (");
    for (int m = 0; m < METRIC_COUNT; m++) {
        if (n[m] == 0)
            continue;
        buf_addf(out, "%s%s %" PRId64, comma, metric_names[m], n[m]);
        comma = ", ";
    }
    buf_adds(out, *comma ? ")" : "all of them taken back)");
}

static bool is_used(const struct judging *j, const char *group)
{
    struct search s = {group, !j->totals};
    if (j->totals)
        totals_groups(j->totals, look, &s);
    return s.found;
}

/* ---- what is gone or moved --------------------------------------------------------------- */

static void judge_gone(const struct judging *j, enum dimension dim, const char *id)
{
    char group[EVENT_ID_MAX + 3];
    struct buf figures = {0};
    if (catalogue_find(j->fresh, dim, id))
        return;
    add_figures(j, effect_dim_key(dim, id, group), &figures);
    complaints_add(j->list, catalogue_line(j->fresh, dim), dimension_lists[dim],
                   "\"%s\" is missing, but it %s; allowed: to keep it, with \"retired\": true", id,
                   figures.data);
    buf_free(&figures);
}

static void judge_group(void *ctx, const char *group)
{
    for (int dim = DIM_CIRCLE; dim < DIM_COUNT; dim++)
        if (group[0] == effect_dim_letter((enum dimension)dim) && group[1] == '=')
            judge_gone(ctx, (enum dimension)dim, group + 2);
}

static void judge_move(const struct judging *j, enum dimension dim, const struct entry *was)
{
    char group[EVENT_ID_MAX + 3];
    struct buf field = {0}, figures = {0};
    const struct entry *is = catalogue_find(j->fresh, dim, was->id);
    effect_dim_key(dim, was->id, group);
    if (!is || !was->parent || !strcmp(is->parent->id, was->parent->id) || !is_used(j, group))
        return;
    add_figures(j, group, &figures);
    buf_addf(&field, "%s \"%s\"", dimension_lists[dim], was->id);
    complaints_add(j->list, is->line, field.data,
                   "can't go from \"%s\" to \"%s\": it %s; allowed: to retire it and use a new id",
                   was->parent->id, is->parent->id, figures.data);
    buf_free(&field);
    buf_free(&figures);
}

static void judge(struct judging *j)
{
    if (j->totals)
        totals_groups(j->totals, judge_group, j);
    for (int dim = DIM_CIRCLE; j->was && dim < DIM_COUNT; dim++)
        for (size_t i = 0; i < catalogue_count(j->was, (enum dimension)dim); i++) {
            const struct entry *was = catalogue_at(j->was, (enum dimension)dim, i);
            if (!j->totals)
                judge_gone(j, (enum dimension)dim, was->id);
            judge_move(j, (enum dimension)dim, was);
        }
}

void history_judge(const struct alliance *alliance, const struct catalogue *fresh,
                   struct complaints *list)
{
    bool known = alliance->board.loaded && intake_queued(alliance->intake) == 0;
    struct judging j = {fresh, alliance->catalogue, known ? alliance->board.totals : NULL, list};
    judge(&j);
}

/* ---- from one start to the next ---------------------------------------------------------- */

/* The catalogue that was last in force; NULL: none is known, or it was another alliance's. */
static struct catalogue *read_note(const struct alliance *alliance)
{
    struct complaints ignored = {0};
    struct catalogue *was = NULL;
    char *opening = NULL;
    size_t len;
    char *text = keep_read(alliance->folder, NOTE, &len);
    if (text)
        was = catalogue_read(text, len, &opening, &ignored);
    if (was && strcmp(catalogue_id(was), catalogue_id(alliance->catalogue)) != 0) {
        catalogue_free(was);
        was = NULL;
    }
    complaints_free(&ignored);
    free(opening);
    free(text);
    return was;
}

static void say(void *ctx, const char *file, const struct complaint *c)
{
    (void)ctx;
    log_write(LOG_ERROR, "catalogue_refused", "file", file, "line", log_num(c->line), "field",
              c->field, "reason", c->message, NULL);
}

bool history_fits(struct alliance *alliance)
{
    struct complaints list = {0};
    struct catalogue *was = read_note(alliance);
    struct judging j = {alliance->catalogue, was, alliance->board.totals, &list};
    judge(&j);
    catalogue_free(was);
    return files_tell_all(&list, alliance->listed->file, say, NULL) == 0;
}

void history_note(const struct alliance *alliance)
{
    struct buf fresh = {0};
    size_t len = 0;
    catalogue_write(alliance->catalogue, &fresh);
    char *kept = keep_read(alliance->folder, NOTE, &len);
    bool same = kept && len == fresh.len && !memcmp(kept, fresh.data, len);
    if (!same && keep_write(alliance->folder, NOTE, &fresh) != 0)
        log_write(LOG_WARN, "catalogue_not_kept", "reason", strerror(errno), NULL);
    free(kept);
    buf_free(&fresh);
}

#include "cli.h"
#include "effect.h"
#include "fold.h"
#include "progress.h"
#include "text.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PAGE 5000

struct verify {
    struct cli *cli;
    struct fold *fold;
    struct reply cells, page;
    struct progress progress;
    long long rev, folded, differences;
    cJSON *list; /* differences, for JSON */
    const char *trouble;
    bool voids; /* the first pass: only what was taken back */
};

/* Cuts the next line off *cursor and ends it with a NUL; NULL at the end. */
static char *next_line(char **cursor)
{
    char *line = *cursor;
    if (!line || !*line)
        return NULL;
    char *end = strchr(line, '\n');
    *cursor = end ? end + 1 : NULL;
    if (end)
        *end = '\0';
    return line;
}

static bool fold_line(struct verify *v, const char *id, const char *text)
{
    struct effect effect;
    if (!v->voids)
        return fold_add(v->fold, id, text, strlen(text));
    if (!effect_read(&effect, text, strlen(text)))
        return false;
    if (effect.kind == 'x')
        fold_void(v->fold, effect.key);
    return true;
}

/* Folds a page's lines up to the cells' revision; *after moves on. False at the end. */
static bool fold_page(struct verify *v, long long *after)
{
    char *cursor = v->page.body.data, *line;
    bool any = false;
    while ((line = next_line(&cursor)) != NULL) {
        char *id, *effect;
        long long rev = strtoll(line, &id, 10);
        effect = *id == ' ' ? strchr(id + 1, ' ') : NULL;
        if (effect)
            *effect++ = '\0';
        if (rev <= *after || !effect)
            return v->trouble = "the list of events makes no sense", false;
        if (rev > v->rev)
            return false;
        if (!fold_line(v, id + 1, effect))
            return v->trouble = "an event's effect makes no sense", false;
        *after = rev;
        v->folded += !v->voids;
        any = true;
    }
    return any;
}

static int fold_all(struct verify *v)
{
    long long after = 0;
    bool more = v->rev > 0;
    while (more) {
        char path[96];
        snprintf(path, sizeof path, "/owner/v1/events?after=%lld&limit=%d", after, PAGE);
        client_get(v->cli->client, path, &v->page);
        if (v->page.status != 200) {
            progress_end(&v->progress);
            return client_complain(v->cli->client, &v->page, NULL, NULL);
        }
        more = fold_page(v, &after);
        progress_show(&v->progress, v->voids ? after : v->rev + after, 2 * v->rev, "revisions");
    }
    progress_end(&v->progress);
    if (!v->trouble)
        return EXIT_DONE;
    fprintf(stderr, "tallyctl: behind revision %lld: %s\n", after, v->trouble);
    return EXIT_WRONG;
}

static void differ(void *ctx, const char *field, const char *counted, const char *folded)
{
    struct verify *v = ctx;
    v->differences++;
    if (v->cli->json) {
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "field", field);
        cJSON_AddStringToObject(item, "counted", counted);
        cJSON_AddStringToObject(item, "folded", folded);
        cJSON_AddItemToArray(v->list, item);
        return;
    }
    if (v->differences == 1)
        printf("Figures are activities,venues,residents,problems_raised,problems_solved of a day "
               "and a group.\n");
    printf("%s: counted %s, folded %s\n", field, counted, folded);
}

static void compare(struct verify *v, char *cursor)
{
    char *line;
    while ((line = next_line(&cursor)) != NULL) {
        char *value = strrchr(line, ' ');
        if (value) {
            *value++ = '\0';
            fold_compare(v->fold, line, value, differ, v);
        }
    }
}

static void say_json(struct verify *v, size_t cells)
{
    cJSON *out = cJSON_CreateObject();
    cJSON_AddBoolToObject(out, "agrees", v->differences == 0);
    cJSON_AddNumberToObject(out, "rev", (double)v->rev);
    cJSON_AddNumberToObject(out, "events", (double)v->folded);
    cJSON_AddNumberToObject(out, "counters", (double)cells);
    cJSON_AddItemToObject(out, "differences", v->list);
    v->list = NULL;
    char *text = cJSON_PrintUnformatted(out);
    printf("%s\n", text ? text : "");
    cJSON_free(text);
    cJSON_Delete(out);
}

static void say_words(const struct verify *v, size_t cells)
{
    char events[TEXT_NUMBER], counters[TEXT_NUMBER], rev[TEXT_NUMBER], wrong[TEXT_NUMBER];
    text_number(v->folded, events);
    text_number((int64_t)cells, counters);
    text_number(v->rev, rev);
    if (v->differences == 0)
        printf("%s events folded, %s counters agree at revision %s\n", events, counters, rev);
    else
        printf("%s events folded: %s of the counters differ at revision %s\n", events,
               text_number(v->differences, wrong), rev);
}

/* To the daemon, which keeps it for all to see. That it can't changes nothing about the outcome. */
static void report(struct verify *v)
{
    struct buf body = {0};
    buf_addf(&body, "{\"rev\":%lld,\"events\":%lld,\"differences\":%lld}", v->rev, v->folded,
             v->differences);
    client_post(v->cli->client, "/owner/v1/recount", body.data, body.len, &v->page);
    buf_free(&body);
    if (v->page.status == 200)
        return;
    fputs("tallyctl: the outcome isn't kept:\n", stderr);
    client_complain(v->cli->client, &v->page, NULL, NULL);
}

static int verify(struct verify *v)
{
    client_get(v->cli->client, "/owner/v1/cells", &v->cells);
    if (v->cells.status != 200)
        return client_complain(v->cli->client, &v->cells, NULL, NULL);
    char *cursor = v->cells.body.data, *head = next_line(&cursor);
    v->rev = head ? strtoll(head, NULL, 10) : 0;
    v->voids = true;
    int code = fold_all(v);
    v->voids = false;
    if (code == EXIT_DONE)
        code = fold_all(v);
    if (code != EXIT_DONE)
        return code;
    fold_finish(v->fold);
    v->list = cJSON_CreateArray();
    compare(v, cursor);
    size_t cells = fold_rest(v->fold, differ, v);
    if (v->cli->json)
        say_json(v, cells);
    else
        say_words(v, cells);
    cJSON_Delete(v->list);
    report(v);
    return v->differences ? EXIT_WRONG : EXIT_DONE;
}

int cmd_verify(struct cli *cli)
{
    int code = cli_begin_owner(cli, NULL);
    if (code != CLI_GO_ON)
        return code;
    struct verify v = {.cli = cli, .fold = fold_new()};
    code = verify(&v);
    fold_free(v.fold);
    reply_free(&v.cells);
    reply_free(&v.page);
    return code;
}

/* backup and restore: the history, the secret and the tokens' hashes as lines of JSON, packed. */
#include "cli.h"
#include "pack.h"
#include "progress.h"
#include "stop.h"
#include "text.h"
#include <stdlib.h>
#include <string.h>

#define BATCH_LINES 1000
#define BATCH_BYTES (900 * 1024)

#define STORE_WAIT_MS  30000
#define STORE_PAUSE_MS 200

/* --- backup ------------------------------------------------------------------------------- */

/* The revision that the last of a page's lines begins with. */
static int64_t last_rev(const struct buf *page)
{
    size_t at = page->len > 1 ? page->len - 1 : 0;
    while (at > 0 && page->data[at - 1] != '\n')
        at--;
    return strtoll(page->data + at + strlen("{\"rev\":"), NULL, 10);
}

static int write_events(struct cli *cli, struct pack *p, int64_t upto, int64_t *rev)
{
    struct reply page = {0};
    struct progress progress = {0};
    int code = EXIT_DONE;
    while (*rev < upto && code == EXIT_DONE) {
        char path[80];
        snprintf(path, sizeof path, "/owner/v1/backup?after=%lld", (long long)*rev);
        client_get(cli->client, path, &page);
        if (page.status != 200)
            code = client_complain(cli->client, &page, NULL, NULL);
        else if (page.body.len == 0)
            break;
        else if (!pack_add(p, page.body.data, page.body.len))
            code = EXIT_WRONG;
        else
            *rev = last_rev(&page.body);
        progress_show(&progress, *rev, upto, "events");
    }
    progress_end(&progress);
    reply_free(&page);
    return code;
}

static int backup(struct cli *cli, struct pack *p, int64_t *rev)
{
    struct reply head = {0};
    int code;
    client_get(cli->client, "/owner/v1/backup", &head);
    if (head.status != 200) {
        code = client_complain(cli->client, &head, NULL, NULL);
    } else {
        cJSON *o = cJSON_Parse(head.body.data);
        int64_t upto = field_number(o, "rev");
        cJSON_Delete(o);
        code = pack_add(p, head.body.data, head.body.len) ? write_events(cli, p, upto, rev)
                                                          : EXIT_WRONG;
    }
    reply_free(&head);
    return code;
}

int cmd_backup(struct cli *cli)
{
    int code = cli_begin_owner(cli, NULL);
    if (code != CLI_GO_ON)
        return code;
    char number[TEXT_NUMBER];
    int64_t rev = 0;
    struct pack *p = pack_create(cli->word[0]);
    if (!p)
        return EXIT_WRONG;
    code = backup(cli, p, &rev);
    if (!pack_close(p, code == EXIT_DONE) && code == EXIT_DONE)
        code = EXIT_WRONG;
    if (code == EXIT_DONE && cli->json)
        printf("{\"events\":%lld}\n", (long long)rev);
    else if (code == EXIT_DONE)
        printf("%s events are in %s\n", text_number(rev, number), cli->word[0]);
    return code;
}

/* --- restore ------------------------------------------------------------------------------ */

struct restore {
    struct cli *cli;
    struct unpack *file;
    struct buf batch;
    size_t lines;
    int64_t events, of;
    struct reply reply;
    struct progress progress;
};

static int post(struct restore *r, const char *path, const char *body, size_t len)
{
    client_post(r->cli->client, path, body, len, &r->reply);
    /* A daemon that was started just now is there before its store is. */
    for (long long end = stop_clock() + STORE_WAIT_MS;
         r->reply.status == 503 && stop_clock() < end && !stop_wait(STORE_PAUSE_MS);)
        client_post(r->cli->client, path, body, len, &r->reply);
    if (r->reply.status == 200)
        return EXIT_DONE;
    progress_end(&r->progress);
    return client_complain(r->cli->client, &r->reply, NULL, NULL);
}

static int flush(struct restore *r)
{
    int code = r->lines ? post(r, "/owner/v1/restore", r->batch.data, r->batch.len) : EXIT_DONE;
    r->events += code == EXIT_DONE ? (int64_t)r->lines : 0;
    r->lines = 0;
    buf_reset(&r->batch);
    progress_show(&r->progress, r->events, r->of, "events");
    return code;
}

static int begin(struct restore *r)
{
    size_t len;
    char *head = unpack_line(r->file, &len);
    cJSON *o = head ? cJSON_Parse(head) : NULL;
    bool good = !strcmp(field_text(o, "tallyd"), "backup") && field_number(o, "format") == 1;
    r->of = field_number(o, "rev");
    cJSON_Delete(o);
    if (good)
        return post(r, "/owner/v1/restore?step=begin", head, len);
    fprintf(stderr, "tallyctl: %s isn't a backup that this program can read\n", r->cli->word[0]);
    return EXIT_WRONG;
}

static int send_all(struct restore *r)
{
    size_t len;
    int code = begin(r);
    for (char *line; code == EXIT_DONE && (line = unpack_line(r->file, &len)) != NULL;) {
        if (r->lines == BATCH_LINES || r->batch.len + len > BATCH_BYTES)
            code = flush(r);
        buf_add(&r->batch, line, len);
        buf_adds(&r->batch, "\n");
        r->lines++;
    }
    if (code == EXIT_DONE)
        code = flush(r);
    progress_end(&r->progress);
    if (code == EXIT_DONE && !unpack_is_whole(r->file)) {
        fprintf(stderr,
                "tallyctl: %s is damaged or cut off; what could be read is restored, the "
                "store stays marked as half restored\n",
                r->cli->word[0]);
        return EXIT_WRONG;
    }
    return code == EXIT_DONE ? post(r, "/owner/v1/restore?step=end", "{}", 2) : code;
}

int cmd_restore(struct cli *cli)
{
    int code = cli_begin_owner(cli, NULL);
    if (code != CLI_GO_ON)
        return code;
    char number[TEXT_NUMBER];
    struct restore r = {.cli = cli, .file = unpack_open(cli->word[0])};
    if (!r.file)
        return EXIT_WRONG;
    code = send_all(&r);
    if (code == EXIT_DONE && cli->json)
        printf("{\"events\":%lld}\n", (long long)r.events);
    else if (code == EXIT_DONE)
        printf("%s events restored\n", text_number(r.events, number));
    unpack_close(r.file);
    buf_free(&r.batch);
    reply_free(&r.reply);
    return code;
}

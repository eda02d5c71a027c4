#include "cli.h"
#include "qr.h"
#include "text.h"
#include <stdlib.h>
#include <string.h>

static int finish(struct cli *cli, struct reply *reply, int wanted)
{
    int code = EXIT_DONE;
    if (reply->status != wanted)
        code = client_complain(cli->client, reply, NULL, NULL);
    else if (cli->json)
        printf("%s\n", reply->body.data);
    return code;
}

/* What the flags say. */
struct wish {
    const char *role, *unit, *base;
    bool qr;
};

/* --- links -------------------------------------------------------------------------------- */

static void post_name(struct cli *cli, const char *path, struct reply *reply)
{
    struct buf body = {0};
    buf_adds(&body, "{\"name\":");
    buf_add_json(&body, cli->word[1]);
    buf_adds(&body, "}");
    client_post(cli->client, path, body.data, body.len, reply);
    buf_free(&body);
}

/* By default where the daemon listens, which is of use on this machine only. */
static char *link_of(const struct wish *w, const cJSON *issue)
{
    struct buf link = {0};
    const char *base = w->base ? w->base : field_text(issue, "base");
    size_t n = strlen(base);
    while (n && base[n - 1] == '/')
        n--;
    buf_add(&link, base, n);
    buf_adds(&link, field_text(issue, "path"));
    return buf_take(&link, NULL);
}

/* Prints a new link of the token: as a line and, if wished, as a picture. Its members go to JSON.
 */
static int print_link(struct cli *cli, const struct wish *w, struct reply *reply, cJSON *json)
{
    post_name(cli, "/owner/v1/codes", reply);
    if (reply->status != 201)
        return client_complain(cli->client, reply, NULL, NULL);
    cJSON *issue = cJSON_ParseWithLength(reply->body.data, reply->body.len);
    char *link = link_of(w, issue);
    int code = EXIT_DONE;
    if (json) {
        static const char *const told[] = {"name", "role", "code", "path", "expires"};
        for (size_t i = 0; i < sizeof told / sizeof *told; i++)
            if (!cJSON_GetObjectItemCaseSensitive(json, told[i]))
                cJSON_AddStringToObject(json, told[i], field_text(issue, told[i]));
        cJSON_AddStringToObject(json, "link", link);
    } else {
        printf("%s\n", link);
        if (w->qr && qr_draw(link, stdout) != 0)
            code = cli_usage("--base is too long for a QR code");
    }
    free(link);
    cJSON_Delete(issue);
    return code;
}

static void print_json(cJSON *json)
{
    char *text = cJSON_PrintUnformatted(json);
    printf("%s\n", text);
    free(text);
    cJSON_Delete(json);
}

static int link_again(struct cli *cli, const struct wish *w, struct reply *reply)
{
    cJSON *json = cli->json ? cJSON_CreateObject() : NULL;
    int code = print_link(cli, w, reply, json);
    if (json && code == EXIT_DONE)
        print_json(json);
    else
        cJSON_Delete(json);
    return code;
}

/* --- tokens ------------------------------------------------------------------------------- */

static void post_addition(struct cli *cli, const struct wish *w, struct reply *reply)
{
    struct buf body = {0};
    buf_adds(&body, "{\"name\":");
    buf_add_json(&body, cli->word[1]);
    buf_adds(&body, ",\"role\":");
    buf_add_json(&body, w->role);
    if (w->unit) {
        buf_adds(&body, ",\"unit\":");
        buf_add_json(&body, w->unit);
    }
    buf_adds(&body, "}");
    client_post(cli->client, "/owner/v1/tokens", body.data, body.len, reply);
    buf_free(&body);
}

static int add(struct cli *cli, const struct wish *w, struct reply *reply)
{
    post_addition(cli, w, reply);
    if (reply->status != 201)
        return client_complain(cli->client, reply, NULL, NULL);
    cJSON *token = cJSON_ParseWithLength(reply->body.data, reply->body.len);
    int code = EXIT_DONE;
    if (!cli->json)
        printf("%s\n", field_text(token, "token"));
    if (w->qr)
        code = print_link(cli, w, reply, cli->json ? token : NULL);
    if (cli->json)
        print_json(token); /* also if there is no link: it is told this once only */
    else
        cJSON_Delete(token);
    return code;
}

static int list(struct cli *cli, struct reply *reply)
{
    client_get(cli->client, "/owner/v1/tokens", reply);
    int code = finish(cli, reply, 200);
    if (code != EXIT_DONE || cli->json)
        return code;
    static const char *const columns[] = {"name", "role", "unit", "created"};
    const size_t count = sizeof columns / sizeof *columns;
    struct table t = {.columns = (int)count, .left = (int)count};
    struct buf out = {0};
    cJSON *tree = cJSON_ParseWithLength(reply->body.data, reply->body.len);
    const cJSON *token;
    for (size_t i = 0; i < count; i++)
        table_add(&t, columns[i]);
    cJSON_ArrayForEach(token, cJSON_GetObjectItemCaseSensitive(tree, "tokens")) for (size_t i = 0;
                                                                                     i < count; i++)
        table_add(&t, *field_text(token, columns[i]) ? field_text(token, columns[i]) : "-");
    table_write(&t, &out);
    fwrite(out.data, 1, out.len, stdout);
    buf_free(&out);
    table_free(&t);
    cJSON_Delete(tree);
    return code;
}

static int revoke(struct cli *cli, struct reply *reply)
{
    post_name(cli, "/owner/v1/tokens/revoke", reply);
    return finish(cli, reply, 200);
}

static bool is_role(const char *name)
{
    return !strcmp(name, "report") || !strcmp(name, "admin") || !strcmp(name, "view");
}

static int check(const struct cli *cli, const struct wish *w)
{
    bool adds = strcmp(cli->word[0], "add") == 0, links = strcmp(cli->word[0], "link") == 0;
    if ((w->role || w->unit) && !adds)
        return cli_usage("--role and --unit belong to `token add`");
    if (w->role && !is_role(w->role))
        return cli_usage("--role takes report, admin or view");
    if (w->qr && !adds && !links)
        return cli_usage("--qr belongs to `token add` and `token link`");
    if (w->base && !links && !w->qr)
        return cli_usage("--base belongs to `token link` and to --qr");
    return CLI_GO_ON;
}

static int run(struct cli *cli, const struct wish *w, struct reply *reply)
{
    const char *what = cli->word[0];
    bool named = cli->words == 2;
    if (strcmp(what, "add") == 0 && named && w->role)
        return add(cli, w, reply);
    if (strcmp(what, "link") == 0 && named)
        return link_again(cli, w, reply);
    if (strcmp(what, "list") == 0 && !named)
        return list(cli, reply);
    if (strcmp(what, "revoke") == 0 && named)
        return revoke(cli, reply);
    return cli_usage(
        "usage: tallyctl --state DIR token add NAME --role R [--unit ID] [--qr] | link "
        "NAME [--qr] | list | revoke NAME");
}

int cmd_token(struct cli *cli)
{
    struct wish w = {0};
    const struct flag flags[] = {
        {"role", "R", "of `add`: report, admin or view", &w.role, NULL},
        {"unit", "ID", "of `add`: the only unit that a report token may report for", &w.unit, NULL},
        {"qr", NULL, "of `add` and `link`: a sign-in link, also as a QR code", NULL, &w.qr},
        {"base", "URL", "of a link: how phones reach tallyd, such as https://tally.example",
         &w.base, NULL},
        {NULL, NULL, NULL, NULL, NULL},
    };
    int code = cli_begin_owner(cli, flags);
    struct reply reply = {0};
    if (code == CLI_GO_ON)
        code = check(cli, &w);
    if (code == CLI_GO_ON)
        code = run(cli, &w, &reply);
    reply_free(&reply);
    return code;
}

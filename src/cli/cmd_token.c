#include "cli.h"
#include "text.h"
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

static int add(struct cli *cli, const char *role, const char *unit, struct reply *reply)
{
    struct buf body = {0};
    buf_adds(&body, "{\"name\":");
    buf_add_json(&body, cli->word[1]);
    buf_adds(&body, ",\"role\":");
    buf_add_json(&body, role);
    if (unit) {
        buf_adds(&body, ",\"unit\":");
        buf_add_json(&body, unit);
    }
    buf_adds(&body, "}");
    client_post(cli->client, "/owner/v1/tokens", body.data, body.len, reply);
    buf_free(&body);
    int code = finish(cli, reply, 201);
    if (code == EXIT_DONE && !cli->json) {
        cJSON *tree = cJSON_ParseWithLength(reply->body.data, reply->body.len);
        printf("%s\n", field_text(tree, "token"));
        cJSON_Delete(tree);
    }
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
    struct buf body = {0};
    buf_adds(&body, "{\"name\":");
    buf_add_json(&body, cli->word[1]);
    buf_adds(&body, "}");
    client_post(cli->client, "/owner/v1/tokens/revoke", body.data, body.len, reply);
    buf_free(&body);
    return finish(cli, reply, 200);
}

int cmd_token(struct cli *cli)
{
    const char *role = NULL, *unit = NULL;
    const struct flag flags[] = {
        {"role", "R", "of `add`: report, admin or view", &role, NULL},
        {"unit", "ID", "of `add`: the only unit that a report token may report for", &unit, NULL},
        {NULL, NULL, NULL, NULL, NULL},
    };
    int code = cli_begin_owner(cli, flags);
    if (code != CLI_GO_ON)
        return code;
    const char *what = cli->word[0];
    bool named = cli->words == 2, adds = strcmp(what, "add") == 0;
    struct reply reply = {0};
    if ((role || unit) && !adds)
        code = cli_usage("--role and --unit belong to `token add`");
    else if (adds && named && role)
        code = add(cli, role, unit, &reply);
    else if (strcmp(what, "list") == 0 && !named)
        code = list(cli, &reply);
    else if (strcmp(what, "revoke") == 0 && named)
        code = revoke(cli, &reply);
    else
        code = cli_usage("usage: tallyctl --state DIR token add NAME --role R [--unit ID] | list | "
                         "revoke NAME");
    reply_free(&reply);
    return code;
}

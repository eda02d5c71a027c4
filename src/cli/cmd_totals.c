#include "cli.h"
#include "metric.h"
#include "text.h"
#include <stdlib.h>
#include <string.h>

static void query_add(struct buf *path, const char *name, const char *value)
{
    if (!value)
        return;
    char *escaped = client_escape(value);
    buf_addf(path, "%s%s=%s", strchr(path->data, '?') ? "&" : "?", name, escaped);
    free(escaped);
}

static void write_head(const cJSON *tree, struct buf *out)
{
    char rev[TEXT_NUMBER];
    text_add(out, field_text(tree, "range"), INT32_MAX);
    if (*field_text(tree, "from")) {
        buf_adds(out, " (");
        text_add(out, field_text(tree, "from"), INT32_MAX);
        buf_adds(out, " to ");
        text_add(out, field_text(tree, "to"), INT32_MAX);
        buf_adds(out, ")");
    }
    buf_adds(out, ", as of ");
    text_add(out, field_text(tree, "as_of"), INT32_MAX);
    buf_addf(out, ", revision %s\n\n", text_number(field_number(tree, "rev"), rev));
}

static void write_single(const cJSON *totals, struct buf *out)
{
    struct table t = {.columns = 2, .left = 1};
    for (size_t i = 0; i < METRIC_COUNT; i++) {
        table_add(&t, metric_names[i]);
        table_add_number(&t, field_number(totals, metric_names[i]));
    }
    table_write(&t, out);
    table_free(&t);
}

static void add_row(struct table *t, const char *id, const char *name, const cJSON *figures)
{
    table_add(t, id);
    table_add(t, name);
    for (size_t i = 0; i < METRIC_COUNT; i++)
        table_add_number(t, field_number(figures, metric_names[i]));
}

static void write_groups(const char *by, const cJSON *tree, struct buf *out)
{
    struct table t = {.columns = 2 + METRIC_COUNT, .left = 2};
    const cJSON *group;
    table_add(&t, by);
    table_add(&t, "");
    for (size_t i = 0; i < METRIC_COUNT; i++)
        table_add(&t, metric_names[i]);
    cJSON_ArrayForEach(group, cJSON_GetObjectItemCaseSensitive(tree, "groups"))
        add_row(&t, field_text(group, "id"), field_text(group, "name"), group);
    add_row(&t, "all", "", cJSON_GetObjectItemCaseSensitive(tree, "totals"));
    table_write(&t, out);
    table_free(&t);
}

static int show(struct cli *cli, const char *path, const char *by)
{
    struct reply reply = {0};
    cJSON *tree = NULL;
    int code = EXIT_DONE;
    client_get(cli->client, path, &reply);
    if (reply.status == 200)
        tree = cJSON_ParseWithLength(reply.body.data, reply.body.len);
    if (!tree) {
        code = client_complain_asked(cli->client, &reply);
    } else if (cli->json) {
        printf("%s\n", reply.body.data);
    } else {
        struct buf out = {0};
        write_head(tree, &out);
        if (by)
            write_groups(by, tree, &out);
        else
            write_single(cJSON_GetObjectItemCaseSensitive(tree, "totals"), &out);
        fwrite(out.data, 1, out.len, stdout);
        buf_free(&out);
    }
    cJSON_Delete(tree);
    reply_free(&reply);
    return code;
}

int cmd_totals(struct cli *cli)
{
    const char *range = NULL, *by = NULL;
    const struct flag flags[] = {
        {"range", "R", "all (default), today, week, month, year, YYYY, YYYY-MM, YYYY-MM-DD", &range,
         NULL},
        {"by", "D", "one line each: circle, community, unit, project, category", &by, NULL},
        {NULL, NULL, NULL, NULL, NULL},
    };
    int code = cli_begin(cli, flags);
    if (code != CLI_GO_ON)
        return code;
    struct buf path = {0};
    buf_adds(&path, "/api/v1/totals");
    query_add(&path, "range", range);
    query_add(&path, "by", by);
    code = show(cli, path.data, by);
    buf_free(&path);
    return code;
}

int cmd_export(struct cli *cli)
{
    const char *range = NULL, *format = "csv";
    const struct flag flags[] = {
        {"range", "R", "as in `totals`", &range, NULL},
        {"format", "F", "csv (default) or json", &format, NULL},
        {NULL, NULL, NULL, NULL, NULL},
    };
    int code = cli_begin(cli, flags);
    if (code != CLI_GO_ON)
        return code;
    struct reply reply = {0};
    struct buf path = {0};
    buf_adds(&path, "/api/v1/export");
    query_add(&path, "format", cli->json ? "json" : format);
    query_add(&path, "range", range);
    client_stream(cli->client, path.data, stdout, &reply);
    if (reply.status != 200)
        code = client_complain_asked(cli->client, &reply);
    else
        code = EXIT_DONE;
    reply_free(&reply);
    buf_free(&path);
    return code;
}

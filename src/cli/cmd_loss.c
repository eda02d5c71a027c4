/* loss: shows which accepted events a daemon waits for in vain, and accepts that they are gone. */
#include "cli.h"
#include "text.h"
#include <string.h>

static int accept_loss(struct cli *cli, const cJSON *lost, struct reply *reply)
{
    struct buf body = {0};
    buf_addf(&body, "{\"incarnation\":\"%s\",\"last\":%lld}", field_text(lost, "incarnation"),
             (long long)field_number(lost, "last"));
    client_post(cli->client, "/owner/v1/loss", body.data, body.len, reply);
    buf_free(&body);
    if (reply->status != 200)
        return client_complain(cli->client, reply, NULL, NULL);
    if (!cli->json)
        printf("accepted; the daemon goes on with what is left\n");
    return EXIT_DONE;
}

static void describe(const cJSON *lost)
{
    int64_t first = field_number(lost, "first"), last = field_number(lost, "last");
    char number[TEXT_NUMBER];
    printf("accepted events are lost: numbers %lld to %lld of journal %s, %s in all\n%s\n",
           (long long)first, (long long)last, field_text(lost, "incarnation"),
           text_number(last - first + 1, number), field_text(lost, "reason"));
    printf("Counting has stopped; what comes in is kept. First look for a file *.damaged in the\n"
           "state folder's journal, a backup, or the disk's other half. If nothing brings them\n"
           "back: tallyctl loss --accept, then have the senders send those events again.\n");
}

int cmd_loss(struct cli *cli)
{
    bool accept = false;
    const struct flag flags[] = {{"accept", NULL, "let counting go on without them", NULL, &accept},
                                 {0}};
    int code = cli_begin_owner(cli, flags);
    if (code != CLI_GO_ON)
        return code;
    struct reply reply = {0};
    client_get(cli->client, "/owner/v1/loss", &reply);
    cJSON *answer =
        reply.status == 200 ? cJSON_ParseWithLength(reply.body.data, reply.body.len) : NULL;
    const cJSON *lost = cJSON_GetObjectItemCaseSensitive(answer, "lost");
    bool is_lost = cJSON_IsObject(lost);
    if (!answer)
        code = client_complain(cli->client, &reply, NULL, NULL);
    else if (is_lost && accept)
        code = accept_loss(cli, lost, &reply);
    else
        code = is_lost ? EXIT_WRONG : EXIT_DONE;
    if (answer && cli->json)
        printf("%s\n", reply.body.data);
    else if (answer && is_lost && !accept)
        describe(lost);
    else if (answer && !is_lost)
        printf("nothing is lost\n");
    cJSON_Delete(answer);
    reply_free(&reply);
    return code;
}

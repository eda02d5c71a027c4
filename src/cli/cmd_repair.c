/* repair: has the daemon count the stream again beside the live counters, bite by bite, and put
 * the new ones in their place once they have caught up. */
#include "cli.h"
#include "progress.h"
#include "text.h"
#include <string.h>

static bool step(struct cli *cli, const char *body, struct reply *reply)
{
    client_post(cli->client, "/owner/v1/repair", body, strlen(body), reply);
    return reply->status == 200;
}

int cmd_repair(struct cli *cli)
{
    int code = cli_begin_owner(cli, NULL);
    if (code != CLI_GO_ON)
        return code;
    struct reply reply = {0};
    struct progress progress = {0};
    int64_t rev = 0;
    bool done = false, good = step(cli, "{\"begin\":true}", &reply);
    while (good && !done) {
        good = step(cli, "{}", &reply);
        cJSON *answer = good ? cJSON_Parse(reply.body.data) : NULL;
        rev = field_number(answer, "rev");
        done = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(answer, "done"));
        progress_show(&progress, rev, field_number(answer, "of"), "revisions");
        cJSON_Delete(answer);
    }
    progress_end(&progress);
    code = good ? EXIT_DONE : client_complain(cli->client, &reply, NULL, NULL);
    char number[TEXT_NUMBER];
    if (good && cli->json)
        printf("{\"rev\":%lld}\n", (long long)rev);
    else if (good)
        printf("the counters were rebuilt from %s events and are in place\n",
               text_number(rev, number));
    reply_free(&reply);
    return code;
}

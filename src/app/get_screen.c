/* GET /screen: the cockpit's layout as the operator wrote it, and of which build the pages are. */
#include "api.h"

void get_screen(struct call *c)
{
    struct buf body = {0}, headers = {0};
    buf_adds(&body, c->alliance->layout);
    buf_addf(&headers, "X-Tallyd-Build: %s\r\n", c->alliance->build);
    answer_json_with(c, 200, &body, headers.data);
    buf_free(&headers);
}

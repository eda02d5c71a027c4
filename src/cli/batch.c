#include "batch.h"
#include "event_wire.h"
#include <stdlib.h>
#include <string.h>

#define EVENT_BYTES (16UL * 1024) /* more than the longest event takes, whatever its characters */

bool batch_full(const struct batch *b)
{
    return b->count == FEED_EVENTS_MAX || b->json.len + b->count + EVENT_BYTES > FEED_BYTES_MAX;
}

static struct batch_row *add_row(struct batch *b, const struct csv *place)
{
    struct batch_row *row = &b->rows[b->count++];
    *row = (struct batch_row){.place = *place, .start = b->json.len};
    return row;
}

void batch_add(struct batch *b, const struct csv *place, const struct event *e)
{
    struct batch_row *row = add_row(b, place);
    row->kind = e->kind;
    row->unit = mem_string(e->text[FIELD_UNIT]);
    event_write(e, e->text[FIELD_RESIDENT], &b->json);
    row->len = b->json.len - row->start;
}

void batch_add_wrong(struct batch *b, const struct csv *place, const char *error)
{
    add_row(b, place)->error = mem_string(error);
}

/* Makes the request of all rows that nothing is wrong with. Returns how many there are. */
static long compose(struct batch *b)
{
    size_t n = 0;
    buf_reset(&b->body);
    for (size_t i = 0; i < b->count; i++) {
        if (b->rows[i].error)
            continue;
        buf_adds(&b->body, n ? "," : "[");
        buf_add(&b->body, b->json.data + b->rows[i].start, b->rows[i].len);
        b->sent[n++] = i;
    }
    buf_adds(&b->body, "]");
    return (long)n;
}

static void add_error(struct batch_row *row, const char *head, const char *message)
{
    struct buf text = {0};
    if (row->error)
        buf_addf(&text, "%s; ", row->error);
    if (head)
        buf_addf(&text, "%s: ", head);
    buf_adds(&text, message);
    free(row->error);
    row->error = buf_take(&text, NULL);
}

static void on_conflict(void *ctx, int index, const char *message)
{
    struct batch *b = ctx;
    if (index >= 0 && (size_t)index < b->count)
        add_error(&b->rows[b->sent[index]], NULL, message);
}

static bool take_fault(struct batch *b, const cJSON *fault, long events)
{
    const cJSON *index = cJSON_GetObjectItemCaseSensitive(fault, "index");
    if (!cJSON_IsNumber(index) || index->valuedouble < 0 || index->valuedouble >= (double)events)
        return false;
    struct batch_row *row = &b->rows[b->sent[(size_t)index->valuedouble]];
    int field = event_field_find(field_text(fault, "field"));
    const char *head = field >= 0 ? columns_head(b->columns, row->kind, (enum field)field) : NULL;
    add_error(row, head, field_text(fault, "message"));
    return true;
}

/* Of the rows for another unit than the token's only the first is named: the others are the same
 * to tell, and asking for each would take a request each. */
static void spread_unit(struct batch *b, const cJSON *fault)
{
    size_t first = b->sent[(size_t)field_number(fault, "index")];
    const struct batch_row *named = &b->rows[first];
    for (size_t i = first + 1; i < b->count && named->unit; i++)
        if (!b->rows[i].error && b->rows[i].unit && strcmp(b->rows[i].unit, named->unit) == 0)
            b->rows[i].error = mem_string(named->error);
}

/* Gives the rows that the daemon refused their errors. False if the answer names none. */
static bool take_refusal(struct batch *b, const struct reply *reply, long events)
{
    if (reply->status != 422 && reply->status != 403)
        return false;
    cJSON *tree = cJSON_ParseWithLength(reply->body.data, reply->body.len);
    const cJSON *error = cJSON_GetObjectItemCaseSensitive(tree, "error"), *fault;
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(tree, "errors");
    bool any = false;
    cJSON_ArrayForEach(fault, list) any = take_fault(b, fault, events) || any;
    if (!any)
        any = take_fault(b, error, events);
    if (any && strcmp(field_text(error, "code"), "other_unit") == 0)
        spread_unit(b, error);
    cJSON_Delete(tree);
    return any;
}

int batch_post(struct batch *b, struct feed *feed)
{
    feed->on_conflict = on_conflict;
    for (long events; (events = compose(b)) > 0;) {
        if (!feed_offer(feed, &b->body))
            return EXIT_AWAY;
        if (feed->reply.status == 200 || feed->reply.status == 202)
            return feed_take(feed, events, NULL, b);
        if (!take_refusal(b, &feed->reply, events))
            return client_complain(feed->cli->client, &feed->reply, NULL, NULL);
    }
    return EXIT_DONE;
}

void batch_empty(struct batch *b)
{
    for (size_t i = 0; i < b->count; i++) {
        free(b->rows[i].unit);
        free(b->rows[i].error);
    }
    b->count = 0;
    buf_reset(&b->json);
}

void batch_free(struct batch *b)
{
    batch_empty(b);
    buf_free(&b->json);
    buf_free(&b->body);
}

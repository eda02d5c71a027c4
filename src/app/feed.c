#include "feed.h"

#include "buf.h"
#include "event.h"
#include "json.h"
#include "member_wire.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NEWEST (FEED_SIZE - 1)

/* Makes room behind the entry AT, at the oldest one's cost. */
static struct feed_entry *open_at(struct board *b, int at)
{
    free(b->feed[0].json);
    memmove(b->feed, b->feed + 1, (size_t)at * sizeof *b->feed);
    return &b->feed[at];
}

void feed_push(struct board *b, const char *line, size_t len)
{
    const char *json = memchr(line, ' ', len);
    if (!json)
        return;
    size_t n = len - (size_t)(json + 1 - line);
    struct feed_entry *e = open_at(b, NEWEST);
    e->rev = strtoull(line, NULL, 10);
    e->json = mem_alloc(n + 1);
    memcpy(e->json, json + 1, n);
}

static void insert(struct board *b, const cJSON *event, const char *member, bool by_time)
{
    struct buf json = {0};
    int64_t when;
    int at = NEWEST;
    if (!member_event_write(event, member, &json, &when))
        return;
    while (by_time && at >= 0 && b->feed[at].json && b->feed[at].at > when)
        at--;
    if (at < 0) {
        buf_free(&json);
        return;
    }
    *open_at(b, at) = (struct feed_entry){b->rev, buf_take(&json, NULL), when};
}

void feed_merge(struct board *b, const cJSON *events, const char *member, uint64_t seen)
{
    int count = cJSON_GetArraySize(events);
    for (int i = (count < FEED_SIZE ? count : FEED_SIZE) - 1; i >= 0; i--) {
        const cJSON *event = cJSON_GetArrayItem(events, i);
        int64_t rev = 0;
        json_integer(cJSON_GetObjectItemCaseSensitive(event, "rev"), &rev);
        if ((uint64_t)rev > seen)
            insert(b, event, member, seen == 0);
    }
}

void feed_forget(struct board *b, const char *member)
{
    char start[EVENT_ID_MAX + 16];
    int kept = FEED_SIZE;
    snprintf(start, sizeof start, "{\"id\":\"%s:", member);
    for (int i = NEWEST; i >= 0; i--) {
        struct feed_entry e = b->feed[i];
        b->feed[i] = (struct feed_entry){0, NULL, 0};
        if (e.json && strncmp(e.json, start, strlen(start)) != 0)
            b->feed[--kept] = e;
        else
            free(e.json);
    }
}

void feed_clear(struct board *b)
{
    for (int i = 0; i < FEED_SIZE; i++)
        free(b->feed[i].json);
    memset(b->feed, 0, sizeof b->feed);
}

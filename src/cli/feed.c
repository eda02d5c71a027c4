#include "feed.h"
#include "digest.h"
#include "stop.h"
#include "text.h"
#include <string.h>

#define PAUSE_FIRST  250L
#define PAUSE_MOST   5000L
#define LISTED_MOST  20
#define STATUS_COUNT (sizeof statuses / sizeof *statuses)

static const struct status {
    const char *name;
    size_t sum; /* its place in struct feed */
} statuses[] = {
    {"counted", offsetof(struct feed, counted)},
    {"queued", offsetof(struct feed, queued)},
    {"duplicate", offsetof(struct feed, duplicate)},
    {"conflict", offsetof(struct feed, conflict)},
};

static void say_conflict(struct feed *f, const cJSON *result, const char *where)
{
    if (f->quiet || f->listed++ >= LISTED_MOST)
        return;
    fprintf(stderr, "conflict: %s: ", where);
    text_say(stderr, field_text(result, "id"));
    fputs(": ", stderr);
    text_say(stderr, field_text(result, "message"));
    fputs(f->listed == LISTED_MOST ? "\n(further conflicts are only added up)\n" : "\n", stderr);
}

static bool add_up(struct feed *f, const char *(*where)(void *, int), void *ctx)
{
    cJSON *tree = cJSON_ParseWithLength(f->reply.body.data, f->reply.body.len);
    const cJSON *results = cJSON_GetObjectItemCaseSensitive(tree, "results"), *result;
    int index = 0;
    bool ok = cJSON_IsArray(results);
    f->rev = field_number(tree, "rev");
    cJSON_ArrayForEach(result, results)
    {
        const char *name = field_text(result, "status");
        for (size_t i = 0; i < STATUS_COUNT; i++)
            if (strcmp(statuses[i].name, name) == 0)
                ++*(long long *)(void *)((char *)f + statuses[i].sum);
        if (strcmp(name, "conflict") == 0 && f->on_conflict)
            f->on_conflict(ctx, index, field_text(result, "message"));
        else if (strcmp(name, "conflict") == 0)
            say_conflict(f, result, where(ctx, index));
        index++;
    }
    cJSON_Delete(tree);
    return ok;
}

static bool worth_another_try(const struct feed *f)
{
    int status = f->reply.status;
    if (status == 0)
        return f->patient || client_reached(f->cli->client);
    return status == 503 || status == 429;
}

/* Doubling, with a random half so that many senders don't come back as one. */
static long pause_of(const struct feed *f, int tries)
{
    unsigned random;
    digest_random(&random, sizeof random);
    long ms = tries < 5 ? PAUSE_FIRST << tries : PAUSE_MOST;
    if (f->reply.retry_after > 0 && f->reply.retry_after <= f->wait)
        ms = f->reply.retry_after * 1000;
    return ms / 2 + (long)(random % (unsigned)(ms / 2 + 1)) + (f->reply.retry_after ? ms / 2 : 0);
}

/* BODY NULL: a GET. */
static bool ask(struct feed *f, const char *path, const struct buf *body)
{
    long long end = 0;
    for (int tries = 0;; tries++) {
        if (body)
            client_post(f->cli->client, path, body->data, body->len, &f->reply);
        else
            client_get(f->cli->client, path, &f->reply);
        long long now = stop_clock();
        if (end == 0)
            end = now + f->wait * 1000;
        if (!worth_another_try(f) || now >= end)
            return true;
        f->stopped = stop_wait(pause_of(f, tries));
        if (f->stopped)
            return false;
    }
}

bool feed_offer(struct feed *f, const struct buf *body)
{
    return ask(f, "/api/v1/events", body);
}

bool feed_get(struct feed *f, const char *path)
{
    return ask(f, path, NULL);
}

int feed_take(struct feed *f, long events, const char *(*where)(void *ctx, int index), void *ctx)
{
    f->events += events;
    if (add_up(f, where, ctx))
        return EXIT_DONE;
    return client_complain(f->cli->client, &f->reply, where, ctx);
}

int feed_post(struct feed *f, const struct buf *body, long events,
              const char *(*where)(void *ctx, int index), void *ctx)
{
    if (!feed_offer(f, body))
        return EXIT_AWAY;
    if (f->reply.status == 200 || f->reply.status == 202)
        return feed_take(f, events, where, ctx);
    f->refused += f->reply.status == 0 ? 0 : events;
    return client_complain(f->cli->client, &f->reply, where, ctx);
}

void feed_clear(struct feed *f)
{
    reply_free(&f->reply);
}

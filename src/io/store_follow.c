/* Load and follow: all counters at one revision, then each change after it. */
#include "store_private.h"

#include "date.h"
#include "digest.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOLLOW_BLOCK "5000"
#define FOLLOW_MS    10000

/* --- what is known to be complete --------------------------------------------------------- */

struct moment store_moment(void)
{
    return (struct moment){uv_hrtime(), date_now()};
}

void store_complete(struct store *s, struct moment then)
{
    if (then.order < s->proven.order)
        return;
    s->proven = then;
    s->handler.complete(s->handler.ctx, then.at);
}

/* Of several that the follower has yet to bring the oldest is kept, so that one who is late, but
 * comes, shows how late it is. */
void store_held(struct store *s, uint64_t rev, struct moment then)
{
    s->known = rev;
    if (rev <= s->rev) {
        s->ahead = 0;
        store_complete(s, then);
    } else if (!s->ahead) {
        s->ahead = rev;
        s->ahead_at = then;
    }
}

/* A change has come. It is the newest there is, unless the store is known to be further. */
static void come_to(struct store *s, uint64_t rev)
{
    s->rev = rev;
    s->behind = 0;
    if (s->ahead && rev >= s->ahead) {
        s->ahead = 0;
        store_complete(s, s->ahead_at);
    }
    if (rev >= s->known)
        store_complete(s, store_moment());
}

/* --- load --------------------------------------------------------------------------------- */

struct store_text store_feed_at(const struct store_loaded *l, size_t i)
{
    const redisReply *e = l->reply->element[4 + i];
    return (struct store_text){e->str, (size_t)e->len};
}

void store_cell_at(const struct store_loaded *l, size_t i, struct store_text *field,
                   struct store_text *value)
{
    redisReply **e = l->reply->element + 4 + l->feed_count + 2 * i;
    *field = (struct store_text){e[0]->str, (size_t)e[0]->len};
    *value = (struct store_text){e[1]->str, (size_t)e[1]->len};
}

static void on_loaded(void *ctx, const redisReply *reply)
{
    struct store *s = ctx;
    s->loading = false;
    if (store_is_error(s, reply))
        return;
    redisReply **e = reply->element;
    struct store_loaded l = {.epoch = e[0]->str,
                             .newest = e[2]->str,
                             .rev = strtoull(e[1]->str, NULL, 10),
                             .feed_count = strtoul(e[3]->str, NULL, 10),
                             .reply = reply};
    l.cell_count = (reply->elements - 4 - l.feed_count) / 2;
    s->rev = l.rev;
    s->loaded = true;
    s->behind = 0;
    store_held(s, l.rev, s->load_at);
    s->handler.loaded(s->handler.ctx, &l);
    store_tell(s, NULL);
    store_follow_on(s);
}

/* Who has shown nothing yet asks whether the store has all that ended journals hold. */
static void add_journalled(struct store *s, struct args *a, struct mark *marks, char (*numbers)[24])
{
    size_t count = s->handler.journalled(s->handler.ctx, marks);
    for (size_t i = 0; i < count; i++) {
        snprintf(numbers[i], sizeof numbers[i], "%" PRIu64, marks[i].done);
        args_adds(a, marks[i].incarnation);
        args_adds(a, numbers[i]);
    }
}

void store_load(struct store *s)
{
    struct args a = {0};
    struct mark marks[MARKS_MAX];
    char numbers[MARKS_MAX][24];
    unsigned char random[12];
    char fresh[25], shown[24];
    uint64_t rev = 0;
    const char *newest = "-", *epoch = "-";
    if (s->loading || !s->prepared)
        return;
    s->handler.shown(s->handler.ctx, &rev, &newest, &epoch);
    digest_random(random, sizeof random);
    digest_hex(random, sizeof random, fresh);
    snprintf(shown, sizeof shown, "%" PRIu64, rev);
    args_script(s, &a, SCRIPT_LOAD);
    args_adds(&a, fresh);
    args_adds(&a, shown);
    args_adds(&a, newest);
    args_adds(&a, epoch);
    if (!strcmp(epoch, "-"))
        add_journalled(s, &a, marks, numbers);
    store_read_secret(s); /* a restored store has another */
    s->load_at = store_moment();
    s->loading = args_send(s, &a, on_loaded, s) == 0;
}

/* --- follow ------------------------------------------------------------------------------- */

static struct store_text field_of(const redisReply *pairs, const char *name)
{
    for (size_t i = 0; i + 1 < pairs->elements; i += 2)
        if (!strcmp(pairs->element[i]->str, name))
            return (struct store_text){pairs->element[i + 1]->str,
                                       (size_t)pairs->element[i + 1]->len};
    return (struct store_text){"", 0};
}

/* One entry: [id, [field, value, …]]. False if it doesn't follow. */
static bool take_change(struct store *s, const redisReply *entry)
{
    if (entry->elements != 2 || entry->element[1]->type != REDIS_REPLY_ARRAY)
        return true;
    const redisReply *pairs = entry->element[1];
    struct store_change change = {.rev = strtoull(entry->element[0]->str, NULL, 10),
                                  .prev = strtoull(field_of(pairs, "p").text, NULL, 10),
                                  .cells = field_of(pairs, "c"),
                                  .feed = field_of(pairs, "f")};
    if (change.rev <= s->rev)
        return true;
    if (change.prev != s->rev || !s->handler.changed(s->handler.ctx, &change))
        return false;
    come_to(s, change.rev);
    return true;
}

static void on_changes(void *ctx, const redisReply *reply)
{
    struct store *s = ctx;
    s->following = false;
    if (!reply || s->closed || s->loading)
        return; /* a load under way goes on from its own revision */
    if (reply->type == REDIS_REPLY_ERROR) {
        link_reset(s->follow, reply->str);
        return;
    }
    /* Nothing in time: nil; else [[key, [entry, …]]]. */
    if (reply->type == REDIS_REPLY_ARRAY && reply->elements == 1) {
        const redisReply *entries = reply->element[0]->element[1];
        for (size_t i = 0; i < entries->elements; i++) {
            if (!take_change(s, entries->element[i])) {
                store_load(s);
                return; /* the load goes on following */
            }
        }
    }
    store_follow_on(s);
}

void store_follow_on(struct store *s)
{
    char from[32];
    if (s->following || !s->loaded || s->loading || !link_is_up(s->follow))
        return;
    snprintf(from, sizeof from, "%" PRIu64 "-0", s->rev);
    const char *argv[] = {
        "XREAD", "COUNT", "100", "BLOCK", FOLLOW_BLOCK, "STREAMS", s->keys[KEY_CHANGES], from};
    s->following = link_send(s->follow, on_changes, s, FOLLOW_MS, 8, argv, NULL) == 0;
}

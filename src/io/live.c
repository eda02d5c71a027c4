#include "session.h"

#include <libwebsockets.h>
#include <string.h>

#define ROW 16 /* sessions that are looked at before they are sent something */

/* Writes the header of a whole text message of LEN bytes so that it ends before END. Gives its
 * size. */
static unsigned write_head(unsigned char *end, size_t len)
{
    unsigned size = len < 126 ? 0 : len < 65536 ? 2 : 8; /* of the length, beyond one byte */
    for (unsigned i = 1; i <= size; i++, len >>= 8)
        end[-(int)i] = (unsigned char)len;
    end[-(int)size - 1] = (unsigned char)(size == 0 ? len : size == 2 ? 126 : 127);
    end[-(int)size - 2] = 0x81; /* the last fragment, of text */
    return size + 2;
}

struct frame *frame_new(const char *text, size_t len)
{
    struct frame *f = mem_alloc(sizeof *f + LWS_PRE + len);
    f->refs = 1;
    f->len = len;
    f->head = write_head(f->room + LWS_PRE, len);
    memcpy(f->room + LWS_PRE, text, len);
    return f;
}

struct frame *frame_ref(struct frame *f)
{
    f->refs++;
    return f;
}

void frame_unref(struct frame *f)
{
    if (f && --f->refs == 0)
        free(f);
}

struct live *live_new(const struct live_handler *handler)
{
    struct live *l = mem_alloc(sizeof *l);
    *l = (struct live){.handler = *handler, .clock = 1};
    return l;
}

static struct room *find(struct live *l, const struct channel *c)
{
    struct room *room;
    HASH_FIND_PTR(l->rooms, &c, room);
    return room;
}

static struct room *find_or_add(struct live *l, struct channel *c)
{
    struct room *room = find(l, c);
    if (room)
        return room;
    room = mem_alloc(sizeof *room);
    room->channel = c;
    HASH_ADD_PTR(l->rooms, channel, room);
    return room;
}

/* The last session takes the place that is left. */
static void empty_place(struct room *room, size_t place)
{
    room->sessions[place] = room->sessions[--room->count];
    room->sessions[place]->place = place;
}

void live_leave(struct session *s)
{
    struct live *l = s->live;
    struct room *room = s->room;
    if (!room)
        return;
    empty_place(room, s->place);
    s->room = NULL;
    struct channel *c = room->channel;
    if (room->count == 0) {
        HASH_DEL(l->rooms, room);
        free(room->sessions);
        free(room);
    }
    l->handler.leave(l->handler.ctx, c);
}

void live_move(struct session *s, struct channel *c)
{
    live_leave(s);
    struct room *room = find_or_add(s->live, c);
    if (room->count == room->cap) {
        room->cap = room->cap ? room->cap * 2 : ROW;
        room->sessions = mem_resize(room->sessions, room->cap * sizeof(struct session *));
    }
    s->room = room;
    s->place = room->count;
    room->sessions[room->count++] = s;
    s->informed = false;
    s->lagging = true;
}

void live_publish(struct live *l, struct channel *c, struct frame *delta, uint64_t prev,
                  uint64_t rev)
{
    struct room *room = find(l, c);
    for (size_t i = 0, end; room && i < room->count; i = end) {
        end = i + ROW < room->count ? i + ROW : room->count;
        for (size_t j = i; j < end; j++)
            session_look(room->sessions[j]);
        for (size_t j = i; j < end; j++)
            session_offer(room->sessions[j], delta, prev, rev);
    }
}

static void each(struct live *l, void (*visit)(struct session *s, void *ctx), void *ctx)
{
    for (struct room *room = l->rooms; room; room = room->hh.next)
        for (size_t i = 0; i < room->count; i++)
            visit(room->sessions[i], ctx);
}

static void tell_status(struct session *s, void *ctx)
{
    (void)ctx;
    session_flush(s);
}

void live_status(struct live *l, struct frame *status)
{
    frame_unref(l->status);
    l->status = frame_ref(status);
    l->status_turn++;
    each(l, tell_status, NULL);
}

static void dismiss(struct session *s, void *ctx)
{
    s->farewell = *(const uint16_t *)ctx;
    lws_callback_on_writable(s->conn->wsi);
}

struct dismissal {
    uint16_t code;
    size_t left; /* who may still go */
};

static void dismiss_one(struct session *s, void *ctx)
{
    struct dismissal *d = ctx;
    if (s->farewell || !d->left)
        return;
    d->left--;
    dismiss(s, &d->code);
}

size_t live_dismiss(struct live *l, uint16_t code, size_t most)
{
    struct dismissal d = {code, most};
    each(l, dismiss_one, &d);
    return d.left;
}

struct inspection {
    bool (*may)(void *ctx, const char *name);
    void *ctx;
};

static void inspect(struct session *s, void *ctx)
{
    uint16_t code = CLOSE_POLICY;
    const struct inspection *i = ctx;
    if (!s->conn->owner && !i->may(i->ctx, s->conn->guest))
        dismiss(s, &code);
}

void live_check(struct live *l, bool (*may)(void *ctx, const char *name), void *ctx)
{
    struct inspection i = {may, ctx};
    each(l, inspect, &i);
}

static bool is_past(const struct live *l, uint32_t since, uint32_t patience)
{
    return since && l->clock - since >= patience;
}

static void look_after(struct session *s, void *ctx)
{
    const struct live *l = ctx;
    if (is_past(l, s->stalled, SESSION_PATIENCE) ||
        (!s->stalled && is_past(l, s->asked, SESSION_ANSWER))) {
        s->closing = true;
        s->stalled = s->asked = 0;
        conn_drop(s->conn);
    } else if ((l->clock + s->turn) % SESSION_ASK == 0) {
        session_ask(s);
    }
}

void live_sweep(struct live *l)
{
    l->clock++;
    each(l, look_after, l);
}

size_t live_count(const struct live *l)
{
    return l->count;
}

void live_free(struct live *l)
{
    frame_unref(l->status);
    free(l);
}

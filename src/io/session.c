#include "session.h"

#include "stats.h"

#include <libwebsockets.h>
#include <string.h>
#include <sys/socket.h>

#define CHUNK 16384       /* a longer frame goes out in fragments of this size */
#define TURN  (4 * CHUNK) /* and so many bytes at most before others have their turn */

/* To be called again when the socket takes more. */
static void wait_for_room(struct session *s)
{
    if (!s->stalled)
        s->stalled = s->live->clock;
    lws_callback_on_writable(s->conn->wsi);
}

static void pick_snapshot(struct session *s)
{
    struct live_handler *handler = &s->live->handler;
    uint64_t rev = 0;
    struct frame *f = handler->snapshot(handler->ctx, s->room->channel, &rev);
    if (!f)
        return; /* nothing is loaded yet; the first publish brings it */
    s->sending = frame_ref(f);
    s->rev = rev;
    s->informed = true;
    s->lagging = false;
}

/* Chooses what goes next, as late as can be, so that it is the newest. */
static bool pick(struct session *s)
{
    s->sent = 0;
    if (s->words) {
        s->sending = s->words;
        s->words = NULL;
    } else if (s->lagging) {
        pick_snapshot(s);
    }
    if (!s->sending && s->status_turn != s->live->status_turn) {
        s->sending = frame_ref(s->live->status);
        s->status_turn = s->live->status_turn;
    }
    return s->sending;
}

/* Gives the bytes that went, 0 if the socket is dead. */
static size_t write_chunk(struct session *s)
{
    struct frame *f = s->sending;
    size_t left = f->len - s->sent, n = left < CHUNK ? left : CHUNK;
    int kind =
        (s->sent ? LWS_WRITE_CONTINUATION : LWS_WRITE_TEXT) | (n < left ? LWS_WRITE_NO_FIN : 0);
    /* The library writes its header over what stands before; in the middle of a frame that is
     * text which others still need. */
    unsigned char *from = f->room + LWS_PRE + s->sent, before[LWS_PRE];
    memcpy(before, from - LWS_PRE, LWS_PRE);
    int written = lws_write(s->conn->wsi, from, n, (enum lws_write_protocol)kind);
    memcpy(from - LWS_PRE, before, LWS_PRE);
    if (written < 0) {
        s->closing = true; /* the loop will tell us of its end */
        return 0;
    }
    s->sent += n;
    if (n == left) {
        frame_unref(f);
        s->sending = NULL;
        stats_add(STAT_FRAMES, 1);
    }
    return n;
}

/* Sends bytes that are frames already. Past the library where there is no TLS: it would ask the
 * socket first, and look through what we don't use, at half the cost of a frame. What the socket
 * leaves over is the library's to send, before all else that it sends. False: nothing was taken. */
static bool put(struct session *s, unsigned char *frames, size_t n)
{
    struct lws *wsi = s->conn->wsi;
    ssize_t sent = 0;
    if (s->conn->tls ? lws_send_pipe_choked(wsi) : lws_partial_buffered(wsi))
        return false;
    if (!s->conn->tls)
        sent = send(lws_get_socket_fd(wsi), frames, n, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0)
        return false;
    if ((size_t)sent < n)
        lws_write(wsi, frames + sent, n - (size_t)sent, LWS_WRITE_HTTP);
    return true;
}

/* Begins with a frame at once; false if the socket takes nothing. A long one goes by the library,
 * in pieces, so that it can put its own between them. */
static bool begin(struct session *s, struct frame *f)
{
    if (f->len <= CHUNK) {
        if (!put(s, f->room + LWS_PRE - f->head, f->head + f->len))
            return false;
        stats_add(STAT_FRAMES, 1);
        return true;
    }
    if (lws_send_pipe_choked(s->conn->wsi))
        return false;
    s->sending = frame_ref(f);
    s->sent = 0;
    write_chunk(s);
    return true;
}

void session_flush(struct session *s)
{
    for (size_t all = 0; all < TURN && !s->closing && !s->stalled;) {
        if (lws_send_pipe_choked(s->conn->wsi))
            break;
        if (!s->sending && !pick(s))
            return;
        all += write_chunk(s);
    }
    if (!s->closing && !s->stalled)
        wait_for_room(s);
}

void session_look(const struct session *s)
{
    struct lws *wsi = s->conn->wsi;
    (void)(lws_get_socket_fd(wsi) + lws_partial_buffered(wsi));
}

void session_offer(struct session *s, struct frame *delta, uint64_t prev, uint64_t rev)
{
    bool follows = delta && s->informed && !s->lagging;
    if (s->closing || (follows && s->rev == rev))
        return;
    if (!follows || s->rev != prev || s->sending || s->words || s->stalled || !begin(s, delta)) {
        s->lagging = true;
        session_flush(s);
        return;
    }
    s->rev = rev;
    if (s->sending || s->status_turn != s->live->status_turn)
        session_flush(s);
}

void session_heard(struct session *s)
{
    s->asked = 0;
}

void session_ask(struct session *s)
{
    /* The library keeps an empty answer to itself. */
    unsigned char ping[] = {0x89, 1, '?'};
    if (!s->asked && !s->closing && !s->stalled && put(s, ping, sizeof ping))
        s->asked = s->live->clock;
}

int session_open(struct live *l, struct conn *c)
{
    struct session *s = mem_alloc(sizeof *s);
    s->live = l;
    s->conn = c;
    s->status_turn = l->status_turn;
    s->turn = l->turn;
    l->turn = (uint8_t)((l->turn + 1) % SESSION_ASK);
    c->session = s;
    l->count++;
    stats_add(STAT_SCREENS, 1);
    live_move(s, l->handler.join(l->handler.ctx));
    lws_callback_on_writable(c->wsi);
    return 0;
}

static int say_goodbye(struct session *s, uint16_t code)
{
    s->closing = true;
    lws_close_reason(s->conn->wsi, (enum lws_close_status)code, NULL, 0);
    return -1;
}

/* A binary or overlong message is asked about as an empty one, which no handler can like. */
static int take_message(struct session *s)
{
    struct live_handler *handler = &s->live->handler;
    char *error = NULL;
    struct channel *c = handler->message(handler->ctx, s->unfit ? "" : s->message.data,
                                         s->unfit ? 0 : s->message.len, &error);
    buf_free(&s->message);
    if (!c && ++s->strikes > 1) {
        free(error);
        return say_goodbye(s, CLOSE_POLICY);
    }
    if (c) {
        live_move(s, c);
    } else if (error) {
        s->words = frame_new(error, strlen(error));
        free(error);
    }
    lws_callback_on_writable(s->conn->wsi);
    return 0;
}

int session_receive(struct session *s, const char *bytes, size_t n)
{
    struct lws *wsi = s->conn->wsi;
    session_heard(s);
    if (s->closing)
        return 0;
    if (lws_is_first_fragment(wsi)) {
        s->unfit = lws_frame_is_binary(wsi);
        s->received = 0;
    }
    s->received += (uint32_t)n;
    if (s->received > SESSION_FLOOD_MAX)
        return say_goodbye(s, CLOSE_TOO_LARGE);
    s->unfit = s->unfit || s->received > SESSION_MESSAGE_MAX;
    if (!s->unfit)
        buf_add(&s->message, bytes, n);
    if (lws_is_final_fragment(wsi) && !lws_remaining_packet_payload(wsi))
        return take_message(s);
    return 0;
}

/* The library would drop a goodbye that it is asked for here, so its frame is made by hand, and
 * written past the library's framing; the other side's answer, or its end, then ends the
 * connection. */
static void part(struct session *s)
{
    unsigned char room[LWS_PRE + 4] = {0}, *frame = room + LWS_PRE;
    frame[0] = 0x88; /* the last fragment, of a close */
    frame[1] = 2;    /* bytes of payload */
    frame[2] = (unsigned char)(s->farewell >> 8);
    frame[3] = (unsigned char)s->farewell;
    lws_write(s->conn->wsi, frame, 4, LWS_WRITE_HTTP);
    s->closing = true;
    shutdown(lws_get_socket_fd(s->conn->wsi), SHUT_WR);
}

int session_writable(struct session *s)
{
    s->stalled = 0;
    if (s->asked) /* the question may have stood behind what it has only now taken */
        s->asked = s->live->clock;
    if (s->closing)
        return 0;
    if (s->farewell)
        part(s);
    else
        session_flush(s);
    return 0;
}

void session_close(struct session *s)
{
    live_leave(s);
    s->conn->session = NULL;
    s->live->count--;
    stats_add(STAT_SCREENS, -1);
    frame_unref(s->sending);
    frame_unref(s->words);
    buf_free(&s->message);
    free(s);
}

#include "cli.h"
#include "date.h"
#include "picture.h"
#include "stop.h"
#include "text.h"
#include <libwebsockets.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define TICK_US     (200 * LWS_US_PER_MS)
#define RETRY_FIRST 500L
#define RETRY_MOST  10000L
#define MESSAGE_MAX (16UL * 1024 * 1024)

/* The picture goes to the terminal's second page, so that what stood there comes back. */
#define PAGE_OPEN  "\033[?1049h\033[?25l\033[2J"
#define PAGE_CLOSE "\033[?25h\033[?1049l"
#define PAGE_TOP   "\033[H"
#define LINE_END   "\033[K\r\n"
#define PAGE_END   "\033[K\033[J"

struct watch {
    struct cli *cli;
    struct screen screen;
    struct lws_context *lws;
    struct lws *wsi;
    lws_sorted_usec_list_t tick;
    struct buf message; /* what has come of the message under way */
    bool ask;           /* the views are still to be asked for */
    bool terminal, colour, dirty, done;
    bool keys;             /* the keyboard is ours */
    struct termios cooked; /* as it was before */
    int rows, columns;
    int64_t drawn;        /* the second in which */
    struct buf complaint; /* said when the terminal is back as it was */
    long retry;           /* ms */
    long long retry_at;
    int code;
};

static void measure(struct watch *w)
{
    struct winsize size = {0};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0)
        size = (struct winsize){.ws_row = 24, .ws_col = 80};
    w->dirty = w->dirty || w->rows != size.ws_row || w->columns != size.ws_col;
    w->rows = size.ws_row;
    w->columns = size.ws_col;
}

static void write_out(struct watch *w, const struct buf *text)
{
    bool ok = fwrite(text->data, 1, text->len, stdout) == text->len;
    if (!ok || fflush(stdout) != 0)
        w->done = true; /* who read this has gone */
}

static void draw(struct watch *w)
{
    struct buf picture = {0}, out = {0};
    long long wait = w->retry_at - stop_clock();
    struct canvas canvas = {w->rows, w->columns, w->colour, date_now(),
                            w->screen.live || wait <= 0 ? 0 : (long)(wait / 1000 + 1)};
    w->drawn = canvas.now / DATE_SECOND;
    picture_draw(&w->screen, &canvas, &picture);
    buf_adds(&out, PAGE_TOP);
    for (const char *line = picture.data; line && *line;) {
        size_t n = strcspn(line, "\n");
        buf_add(&out, line, n);
        if (line[n])
            buf_adds(&out, LINE_END);
        line += n + (line[n] == '\n');
    }
    buf_adds(&out, PAGE_END);
    write_out(w, &out);
    buf_free(&picture);
    buf_free(&out);
    w->dirty = false;
}

static void say_error(struct watch *w)
{
    cJSON *tree = cJSON_ParseWithLength(w->message.data, w->message.len);
    const char *why = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(tree, "message"));
    buf_adds(&w->complaint, "tallyctl: the daemon doesn't understand: ");
    text_add(&w->complaint, why ? why : "", INT32_MAX);
    buf_adds(&w->complaint, "\n");
    cJSON_Delete(tree);
    w->code = EXIT_WRONG;
    w->done = true;
}

static void on_message(struct watch *w)
{
    enum screen_news news = screen_message(&w->screen, w->message.data, w->message.len);
    if (w->cli->json) {
        buf_adds(&w->message, "\n");
        write_out(w, &w->message);
    }
    if (news == SCREEN_ERROR) {
        say_error(w);
    } else if (news == SCREEN_GAP) {
        w->ask = true;
        lws_callback_on_writable(w->wsi);
    } else if (w->terminal) {
        w->dirty = true;
    } else if (news != SCREEN_SAME && !w->cli->json) {
        struct buf line = {0};
        screen_line(&w->screen, news, &line);
        write_out(w, &line);
        buf_free(&line);
    }
}

static void on_lost(struct watch *w)
{
    w->wsi = NULL;
    w->screen.live = false;
    w->dirty = true;
    buf_reset(&w->message);
    w->retry_at = stop_clock() + w->retry;
    w->retry = w->retry * 2 < RETRY_MOST ? w->retry * 2 : RETRY_MOST;
}

static int send_ask(struct watch *w)
{
    struct buf b = {0};
    unsigned char room[LWS_PRE] = {0};
    if (!w->ask)
        return 0;
    buf_add(&b, room, sizeof room);
    screen_ask(&w->screen, &b);
    size_t n = b.len - LWS_PRE;
    int sent = lws_write(w->wsi, (unsigned char *)b.data + LWS_PRE, n, LWS_WRITE_TEXT);
    buf_free(&b);
    w->ask = false;
    return sent < (int)n ? -1 : 0;
}

static int receive(struct watch *w, struct lws *wsi, const void *bytes, size_t n)
{
    if (w->message.len + n > MESSAGE_MAX)
        return -1;
    buf_add(&w->message, bytes, n);
    if (!lws_is_final_fragment(wsi) || lws_remaining_packet_payload(wsi))
        return 0;
    on_message(w);
    buf_reset(&w->message);
    return w->done ? -1 : 0;
}

static int add_token(struct watch *w, struct lws *wsi, unsigned char **at, size_t room)
{
    if (!w->cli->token)
        return 0;
    struct buf bearer = {0};
    buf_addf(&bearer, "Bearer %s", w->cli->token);
    int failed =
        lws_add_http_header_by_token(wsi, WSI_TOKEN_HTTP_AUTHORIZATION,
                                     (unsigned char *)bearer.data, (int)bearer.len, at, *at + room);
    buf_free(&bearer);
    return failed ? -1 : 0;
}

static int callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t len)
{
    struct watch *w = lws_context_user(lws_get_context(wsi));
    (void)user;
    switch ((int)reason) {
    case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
        return add_token(w, wsi, in, len);
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
        w->screen.live = w->ask = true;
        w->retry = RETRY_FIRST;
        lws_callback_on_writable(wsi);
        return 0;
    case LWS_CALLBACK_CLIENT_WRITEABLE:
        return send_ask(w);
    case LWS_CALLBACK_CLIENT_RECEIVE:
        return receive(w, wsi, in, len);
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
    case LWS_CALLBACK_CLIENT_CLOSED:
        on_lost(w);
        return 0;
    default:
        return 0;
    }
}

/* A daemon that says nothing for this long isn't there: it speaks every 15 s. */
static const lws_retry_bo_t idle = {.secs_since_valid_ping = 25, .secs_since_valid_hangup = 40};

static void connect_now(struct watch *w)
{
    const struct client_place *p = client_place(w->cli->client);
    struct buf address = {0}, path = {0}, host = {0};
    buf_addf(&path, "%s%s%s/ws", p->base, p->alliance ? "/a/" : "", p->alliance ? p->alliance : "");
    buf_addf(&address, "%s%s", p->socket ? "+" : "", p->socket ? p->socket : p->host);
    buf_addf(&host, strchr(p->host, ':') ? "[%s]:%ld" : "%s:%ld", p->host, p->port);
    struct lws_client_connect_info info = {
        .context = w->lws,
        .address = address.data,
        .port = (int)p->port,
        .path = path.data,
        .host = host.data,
        .protocol = "tally.v1",
        .ssl_connection = p->tls ? LCCSCF_USE_SSL : 0,
        .retry_and_idle_policy = &idle,
        .pwsi = &w->wsi,
    };
    w->retry_at = 0;
    if (!lws_client_connect_via_info(&info) && w->retry_at == 0)
        on_lost(w);
    buf_free(&address);
    buf_free(&path);
    buf_free(&host);
}

/* A pipe whose reader has gone. */
static bool is_unheard(void)
{
    struct pollfd p = {STDOUT_FILENO, 0, 0};
    return poll(&p, 1, 0) > 0 && (p.revents & POLLERR);
}

/* Keys neither show nor wait for a line's end, so that q can be one. */
static void take_keys(struct watch *w)
{
    struct termios raw;
    w->keys = w->terminal && tcgetattr(STDIN_FILENO, &w->cooked) == 0;
    if (!w->keys)
        return;
    raw = w->cooked;
    raw.c_lflag &= (tcflag_t) ~(ECHO | ICANON);
    raw.c_cc[VMIN] = raw.c_cc[VTIME] = 0;
    tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

static void read_keys(struct watch *w)
{
    char key;
    while (w->keys && read(STDIN_FILENO, &key, 1) == 1)
        w->done = w->done || key == 'q' || key == 'Q';
}

static void on_tick(lws_sorted_usec_list_t *sul)
{
    struct watch *w = lws_container_of(sul, struct watch, tick);
    w->done = w->done || stop_wait(0) || is_unheard();
    if (!w->wsi && stop_clock() >= w->retry_at)
        connect_now(w);
    if (w->terminal) {
        read_keys(w);
        measure(w);
        if (w->dirty || w->drawn != date_now() / DATE_SECOND)
            draw(w);
    }
    lws_sul_schedule(w->lws, 0, &w->tick, on_tick, TICK_US);
}

static int run(struct watch *w)
{
    static const struct lws_protocols protocols[] = {
        {"tally.v1", callback, 0, 65536, 0, NULL, 0},
        {NULL, NULL, 0, 0, 0, NULL, 0},
    };
    const struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN,
        .protocols = protocols,
        .options = client_place(w->cli->client)->tls ? LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT : 0,
        .user = w,
        .gid = -1,
        .uid = -1,
    };
    lws_set_log_level(0, NULL);
    w->lws = lws_create_context(&info);
    if (!w->lws)
        return cli_usage("libwebsockets doesn't start"), EXIT_WRONG;
    take_keys(w);
    if (w->terminal)
        fputs(PAGE_OPEN, stdout);
    on_tick(&w->tick);
    while (!w->done && lws_service(w->lws, 0) >= 0)
        if (w->terminal && w->dirty && w->rows)
            draw(w);
    lws_context_destroy(w->lws);
    if (w->terminal) {
        fputs(PAGE_CLOSE, stdout);
        fflush(stdout);
    }
    if (w->keys)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &w->cooked);
    if (w->complaint.len)
        fputs(w->complaint.data, stderr);
    return w->code;
}

int cmd_watch(struct cli *cli)
{
    const char *by = "circle";
    const struct flag flags[] = {
        {"by", "D", "which groups to show: circle (default), community, unit, project, category",
         &by, NULL},
        {NULL, NULL, NULL, NULL, NULL},
    };
    int code = cli_begin(cli, flags);
    if (code != CLI_GO_ON)
        return code;
    if (dimension_find(by) < 0)
        return cli_usage("--by takes circle, community, unit, project or category, not %s", by);
    cJSON *catalogue = client_json(cli->client, "/api/v1/catalogue", &code);
    if (!catalogue)
        return code;
    struct watch w = {
        .cli = cli,
        .screen = {.place = client_place(cli->client)->name,
                   .by = (enum dimension)dimension_find(by),
                   .catalogue = catalogue},
        .terminal = isatty(STDOUT_FILENO) && !cli->json,
        .colour = text_colour(),
        .retry = RETRY_FIRST,
    };
    stop_listen();
    code = run(&w);
    screen_clear(&w.screen);
    buf_free(&w.message);
    buf_free(&w.complaint);
    cJSON_Delete(catalogue);
    return code;
}

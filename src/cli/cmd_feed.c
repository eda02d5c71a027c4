#include "cli.h"
#include "feed.h"
#include "json.h"
#include "progress.h"
#include "split.h"
#include "text.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK        65536
#define QUIET_MS     200 /* a pipe that pauses this long: what is there is sent */
#define WAIT_DEFAULT 30

/* One request in the making. */
struct batch {
    struct buf body;
    long lines[FEED_EVENTS_MAX];
    long count;
    char place[40]; /* room for batch_where's answer */
};

struct sending {
    struct feed feed;
    struct batch batch;
    struct splitter splitter;
    struct progress progress;
    const char *name;
    long long read, size; /* bytes; size 0: unknown */
    int code;
};

static const char *batch_where(void *ctx, int index)
{
    struct batch *b = ctx;
    if (index < 0 || index >= b->count)
        return "the request";
    snprintf(b->place, sizeof b->place, "line %ld", b->lines[index]);
    return b->place;
}

static bool flush(struct sending *s)
{
    struct batch *b = &s->batch;
    if (b->count == 0)
        return true;
    buf_adds(&b->body, "]");
    progress_show(&s->progress, s->size ? s->read : s->feed.events, s->size,
                  s->size ? "bytes" : "events");
    s->code = feed_post(&s->feed, &b->body, b->count, batch_where, b);
    buf_reset(&b->body);
    b->count = 0;
    return s->code == EXIT_DONE;
}

static bool refuse(struct sending *s, const char *why)
{
    progress_end(&s->progress);
    fprintf(stderr, "tallyctl: %s, line %ld: ", s->name, s->splitter.item_line);
    text_say(stderr, why);
    fputc('\n', stderr);
    s->feed.refused += s->batch.count + 1;
    s->code = EXIT_WRONG;
    return false;
}

/* One text that isn't JSON would spoil the whole request, and the daemon couldn't say which. */
static bool judge(struct sending *s)
{
    struct faults faults = {0};
    char message[512];
    cJSON *tree = json_parse(s->splitter.item.data, s->splitter.item.len, -1, &faults);
    bool ok = tree != NULL;
    if (!ok)
        fault_message(&faults.list[0], text_chinese() ? LANG_ZH : LANG_EN, message, sizeof message);
    cJSON_Delete(tree);
    faults_free(&faults);
    return ok || refuse(s, message);
}

static bool add(struct sending *s)
{
    struct batch *b = &s->batch;
    const struct buf *item = &s->splitter.item;
    bool full = b->count == FEED_EVENTS_MAX || b->body.len + item->len + 2 > FEED_BYTES_MAX;
    if (!judge(s) || (full && !flush(s)))
        return false;
    buf_adds(&b->body, b->count ? "," : "[");
    buf_add(&b->body, item->data, item->len);
    b->lines[b->count++] = s->splitter.item_line;
    return true;
}

static bool take(struct sending *s, const char *bytes, size_t n)
{
    enum split_step step;
    while ((step = split_next(&s->splitter, &bytes, &n)) == SPLIT_ITEM)
        if (!add(s))
            return false;
    return step == SPLIT_MORE || refuse(s, s->splitter.trouble);
}

static bool finish(struct sending *s)
{
    enum split_step step = split_end(&s->splitter);
    if (step == SPLIT_BAD)
        return refuse(s, s->splitter.trouble);
    return (step == SPLIT_MORE || add(s)) && flush(s);
}

static void read_all(struct sending *s, int fd)
{
    static char chunk[CHUNK];
    for (;;) {
        struct pollfd p = {fd, POLLIN, 0};
        if (s->batch.count > 0 && poll(&p, 1, QUIET_MS) == 0 && !flush(s))
            return;
        ssize_t n = read(fd, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            s->code = EXIT_WRONG;
            fprintf(stderr, "tallyctl: %s: %s\n", s->name, strerror(errno));
            return;
        }
        s->read += n;
        if (n == 0) {
            finish(s);
            return;
        }
        if (!take(s, chunk, (size_t)n))
            return;
    }
}

static void sum(struct buf *out, long long n, const char *what, bool always)
{
    char number[TEXT_NUMBER];
    if (n || always)
        buf_addf(out, "%s%s %s", out->len ? ", " : "", text_number(n, number), what);
}

static void say_words(const struct sending *s)
{
    const struct feed *f = &s->feed;
    struct buf line = {0};
    sum(&line, f->counted, "counted", true);
    sum(&line, f->queued, "queued (kept on the daemon's disk, counted as soon as it can)", false);
    sum(&line, f->duplicate, "duplicate", true);
    sum(&line, f->conflict, "conflict", true);
    sum(&line, f->refused, "refused", false);
    printf("%s\n", line.data);
    buf_free(&line);
    if (f->refused || s->code == EXIT_AWAY)
        fputs("What came behind was not sent. Send the whole again when it is mended: nothing is "
              "counted twice.\n",
              stderr);
}

static void say_json(const struct feed *f)
{
    printf("{\"events\":%lld,\"counted\":%lld,\"queued\":%lld,\"duplicate\":%lld,"
           "\"conflict\":%lld,\"refused\":%lld,\"rev\":%lld}\n",
           f->events, f->counted, f->queued, f->duplicate, f->conflict, f->refused, f->rev);
}

static int open_input(struct sending *s, const char *name)
{
    struct stat st;
    bool standard = !name || strcmp(name, "-") == 0;
    s->name = standard ? "standard input" : name;
    int fd = standard ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return cli_usage("%s: %s", name, strerror(errno)), -1;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
        s->size = st.st_size;
    return fd;
}

int cmd_send(struct cli *cli)
{
    const char *wait = NULL;
    const struct flag flags[] = {
        {"wait", "SECONDS", "how long to go on trying while tallyd is away or busy (30)", &wait,
         NULL},
        {NULL, NULL, NULL, NULL, NULL},
    };
    int code = cli_begin(cli, flags);
    if (code != CLI_GO_ON)
        return code;
    struct sending *s = mem_alloc(sizeof *s);
    s->feed = (struct feed){.cli = cli, .wait = WAIT_DEFAULT, .patient = wait != NULL};
    s->code = EXIT_USAGE;
    int fd = -1;
    if (cli_number("wait", wait, 0, 86400, &s->feed.wait))
        fd = open_input(s, cli->words ? cli->word[0] : NULL);
    if (fd >= 0) {
        s->code = EXIT_DONE;
        read_all(s, fd);
        progress_end(&s->progress);
        if (cli->json)
            say_json(&s->feed);
        else
            say_words(s);
        close(fd);
    }
    code = s->code == EXIT_DONE && s->feed.conflict ? EXIT_WRONG : s->code;
    feed_clear(&s->feed);
    split_clear(&s->splitter);
    buf_free(&s->batch.body);
    free(s);
    return code;
}

#include "log.h"

#include "buf.h"
#include "date.h"
#include "utf8.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define VALUE_MAX 2000 /* bytes of one value that are written; the rest is cut */

static const struct {
    const char *name, *journal; /* the journal's prefix is syslog's number */
} levels[] = {
    [LOG_ERROR] = {"error", "<3>"},
    [LOG_WARN] = {"warn", "<4>"},
    [LOG_INFO] = {"info", "<6>"},
    [LOG_DEBUG] = {"debug", "<7>"},
};

/* Characters that could end a line, hide in it or turn its order round. */
static const struct {
    uint32_t from, to;
} unsafe[] = {
    {0x00, 0x1f},     {0x7f, 0x9f},     {0x061c, 0x061c}, {0x200e, 0x200f},
    {0x2028, 0x202e}, {0x2066, 0x2069}, {0xfeff, 0xfeff},
};

static enum log_level threshold = LOG_INFO;

/* How often each event was told lately. Those beyond the table's room are never left out. */
#define EVENTS_MAX 128
static struct told {
    const char *event;
    enum log_level level; /* of the last one */
    int64_t since;
    unsigned lines, unsaid;
} told[EVENTS_MAX];
static unsigned lines_max = 100;
static int64_t span_max = 10 * DATE_SECOND;

void log_bound(unsigned lines, long long span)
{
    lines_max = lines;
    span_max = span;
}

static struct told *told_of(const char *event)
{
    size_t i = 0;
    while (i < EVENTS_MAX && told[i].event && strcmp(told[i].event, event) != 0)
        i++;
    return i < EVENTS_MAX ? &told[i] : NULL;
}

/* May it be written? UNSAID gets how many weren't since the last that was. */
static bool may_tell(enum log_level level, const char *event, unsigned *unsaid)
{
    struct told *t = told_of(event);
    int64_t now = date_now();
    *unsaid = 0;
    if (!t || level == LOG_DEBUG)
        return true;
    /* A clock that was set back begins a new span as well. */
    if (!t->event || now - t->since >= span_max || now < t->since) {
        *unsaid = t->unsaid;
        *t = (struct told){.event = event, .since = now};
    }
    t->level = level;
    if (t->lines < lines_max) {
        t->lines++;
        return true;
    }
    t->unsaid++;
    return false;
}

void log_level(enum log_level level)
{
    threshold = level;
}

enum log_level log_level_of(const char *name)
{
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
        if (!strcmp(levels[i].name, name))
            return (enum log_level)i;
    return LOG_INFO;
}

static bool is_unsafe(uint32_t c)
{
    for (size_t i = 0; i < sizeof unsafe / sizeof *unsafe; i++)
        if (c >= unsafe[i].from && c <= unsafe[i].to)
            return true;
    return false;
}

/* Adds the value escaped; says whether it must stand in quotes. */
static bool add_escaped(struct buf *out, const char *value)
{
    size_t n = strnlen(value, VALUE_MAX + 1);
    bool cut = n > VALUE_MAX, quoted = n == 0 || cut;
    if (cut)
        n = utf8_cut(value, VALUE_MAX);
    for (size_t i = 0; i < n;) {
        uint32_t c = 0;
        size_t length = utf8_next(value + i, n - i, &c);
        if (length == 0)
            buf_addf(out, "\\x{%02x}", (unsigned char)value[i]);
        else if (is_unsafe(c))
            buf_addf(out, "\\u{%x}", (unsigned)c);
        else if (c == '"' || c == '\\')
            buf_addf(out, "\\%c", (int)c);
        else
            buf_add(out, value + i, length);
        quoted |= length == 0 || is_unsafe(c) || (c < 0x80 && strchr(" =\"\\", (int)c));
        i += length ? length : 1;
    }
    if (cut)
        buf_adds(out, "…");
    return quoted;
}

static void add_value(struct buf *line, const char *value)
{
    struct buf text = {0};
    bool quoted = value && add_escaped(&text, value);
    const char *quote = quoted ? "\"" : "";
    buf_adds(line, quote);
    if (!value)
        buf_adds(line, "-");
    else if (text.len)
        buf_add(line, text.data, text.len);
    buf_adds(line, quote);
    buf_free(&text);
}

/* systemd names the stream it gave us; standard error may have been turned elsewhere since. */
static bool is_journal(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    struct stat st;
    if (!stream || fstat(STDERR_FILENO, &st) != 0)
        return false;
    char mine[64];
    snprintf(mine, sizeof mine, "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
    return strcmp(stream, mine) == 0;
}

/* One write a line, so that lines of several processes don't mix. */
static void send_line(const struct buf *line)
{
    for (size_t done = 0; done < line->len;) {
        ssize_t n = write(STDERR_FILENO, line->data + done, line->len - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return; /* nowhere to complain to */
        done += (size_t)n;
    }
}

static void begin_line(struct buf *line, enum log_level level, const char *event, unsigned unsaid)
{
    if (is_journal()) {
        buf_adds(line, levels[level].journal);
    } else {
        char at[40];
        buf_addf(line, "at=%s level=%s ", date_format(date_now(), at), levels[level].name);
    }
    buf_addf(line, "event=%s", event);
    if (unsaid)
        buf_addf(line, " unsaid=%u", unsaid);
}

void log_tick(void)
{
    int64_t now = date_now();
    for (size_t i = 0; i < EVENTS_MAX && told[i].event; i++) {
        struct told *t = &told[i];
        if (!t->unsaid || (now - t->since < span_max && now >= t->since))
            continue;
        struct buf line = {0};
        begin_line(&line, t->level, t->event, t->unsaid);
        buf_adds(&line, "\n");
        send_line(&line);
        buf_free(&line);
        *t = (struct told){.event = t->event, .since = now};
    }
}

void log_write(enum log_level level, const char *event, ...)
{
    unsigned unsaid;
    if (level > threshold || !may_tell(level, event, &unsaid))
        return;
    struct buf line = {0};
    begin_line(&line, level, event, unsaid);
    va_list pairs;
    va_start(pairs, event);
    for (const char *key; (key = va_arg(pairs, const char *));) {
        buf_addf(&line, " %s=", key);
        add_value(&line, va_arg(pairs, const char *));
    }
    va_end(pairs);
    buf_adds(&line, "\n");
    send_line(&line);
    buf_free(&line);
}

const char *log_num(long long n)
{
    static char ring[8][24];
    static unsigned next;
    char *slot = ring[next++ % 8];
    snprintf(slot, sizeof ring[0], "%lld", n);
    return slot;
}

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

void log_write(enum log_level level, const char *event, ...)
{
    if (level > threshold)
        return;
    struct buf line = {0};
    if (is_journal()) {
        buf_adds(&line, levels[level].journal);
    } else {
        char at[40];
        buf_addf(&line, "at=%s level=%s ", date_format(date_now(), at), levels[level].name);
    }
    buf_addf(&line, "event=%s", event);
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

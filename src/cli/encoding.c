#include "encoding.h"
#include "utf8.h"
#include <errno.h>
#include <iconv.h>
#include <string.h>
#include <strings.h>

#define CHUNK 65536

static const struct encoding {
    const char *name, *mark;
} encodings[] = {
    {"UTF-8", "\xef\xbb\xbf"},
    {"GB18030", "\x84\x31\x95\x33"},
    {"UTF-16LE", "\xff\xfe"},
    {"UTF-16BE", "\xfe\xff"},
};
#define ENCODINGS (sizeof encodings / sizeof *encodings)

static const struct {
    const char *alias;
    const struct encoding *encoding;
} aliases[] = {
    {"utf8", &encodings[0]},   {"gb18030", &encodings[1]}, {"gbk", &encodings[1]},
    {"gb2312", &encodings[1]}, {"cp936", &encodings[1]},   {"ansi", &encodings[1]},
    {"utf16", &encodings[2]},  {"utf16le", &encodings[2]}, {"utf16be", &encodings[3]},
};

/* What is often given in place of text, by its first bytes. */
static const struct {
    const char *magic, *what;
} others[] = {
    {"PK\x03\x04", "an Excel workbook (.xlsx)"},
    {"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls)"},
    {"%PDF", "a PDF"},
};

/* "UTF-8" and "utf8" are the same to people. */
static bool same_name(const char *given, const char *alias)
{
    for (; *given; given++) {
        if (*given == '-' || *given == '_')
            continue;
        if (!*alias || strncasecmp(given, alias++, 1) != 0)
            return false;
    }
    return !*alias;
}

const char *encoding_find(const char *name)
{
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
        if (same_name(name, aliases[i].alias))
            return aliases[i].encoding->name;
    return NULL;
}

const char *encoding_names(void)
{
    return "UTF-8, GB18030 (also GBK, GB2312), UTF-16LE, UTF-16BE";
}

static bool begins(const struct buf *b, const char *with)
{
    size_t n = strlen(with);
    return b->len >= n && memcmp(b->data, with, n) == 0;
}

static void drop_start(struct buf *b, size_t n)
{
    b->len -= n;
    memmove(b->data, b->data + n, b->len + 1);
}

static long line_at(const struct buf *b, size_t offset)
{
    long line = 1;
    for (size_t i = 0; i < offset; i++)
        line += b->data[i] == '\n';
    return line;
}

/* How many of the bytes are valid UTF-8, from the first on. */
static size_t valid_utf8(const struct buf *b)
{
    size_t at = 0;
    uint32_t c;
    for (size_t n; at < b->len && (n = utf8_next(b->data + at, b->len - at, &c)) > 0;)
        at += n;
    return at;
}

/* Converts into OUT. False with how far it came in *DONE. */
static bool convert(const struct buf *in, const char *from, struct buf *out, size_t *done)
{
    static char chunk[CHUNK];
    char *at = in->data;
    size_t left = in->len, n = 0;
    iconv_t cd = iconv_open("UTF-8", from);
    *done = 0;
    if (cd == (iconv_t)-1)
        return false;
    do {
        char *to = chunk;
        size_t room = sizeof chunk;
        n = iconv(cd, &at, &left, &to, &room);
        buf_add(out, chunk, sizeof chunk - room);
    } while (n == (size_t)-1 && errno == E2BIG);
    *done = in->len - left;
    iconv_close(cd);
    return n != (size_t)-1;
}

static bool to_utf8(struct buf *bytes, const char *name, struct buf *error)
{
    struct buf out = {0};
    size_t done;
    bool utf8 = strcmp(name, "UTF-8") == 0;
    bool ok = utf8 ? (done = valid_utf8(bytes)) == bytes->len : convert(bytes, name, &out, &done);
    if (!ok)
        buf_addf(error, "line %ld isn't valid %s", line_at(bytes, done), name);
    if (ok && !utf8) {
        buf_free(bytes);
        *bytes = out;
    } else {
        buf_free(&out);
    }
    return ok;
}

static const char *find_out(struct buf *bytes, struct buf *error)
{
    for (size_t i = 0; i < ENCODINGS; i++)
        if (begins(bytes, encodings[i].mark))
            return to_utf8(bytes, encodings[i].name, error) ? encodings[i].name : NULL;
    for (size_t i = 0; i < 2; i++) {
        buf_adds(error, error->len ? ", and " : "");
        if (to_utf8(bytes, encodings[i].name, error)) {
            buf_reset(error); /* that it wasn't the other is no complaint */
            return encodings[i].name;
        }
    }
    buf_adds(error, "; --encoding NAME says what it is");
    return NULL;
}

static bool is_other(const struct buf *bytes, struct buf *error)
{
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (!begins(bytes, others[i].magic))
            continue;
        buf_addf(error, "this is %s: save the sheet as \"CSV UTF-8\" and import that",
                 others[i].what);
        return true;
    }
    return false;
}

const char *encoding_decode(struct buf *bytes, const char *name, struct buf *error)
{
    static const char mark[] = "\xef\xbb\xbf"; /* every encoding's mark, once it is UTF-8 */
    buf_add(bytes, "", 0);
    if (is_other(bytes, error))
        return NULL;
    if (name && !to_utf8(bytes, name, error))
        return NULL;
    if (!name && !(name = find_out(bytes, error)))
        return NULL;
    if (begins(bytes, mark))
        drop_start(bytes, strlen(mark));
    const char *nul = memchr(bytes->data, '\0', bytes->len);
    if (nul)
        buf_addf(error, "line %ld holds a NUL byte: this isn't text",
                 line_at(bytes, (size_t)(nul - bytes->data)));
    return nul ? NULL : name;
}

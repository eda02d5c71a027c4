#include "head.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

/* The characters of methods and of fields' names (RFC 9110, 5.6.2). */
static bool is_token(struct span s)
{
    static const char marks[] = "!#$%&'*+-.^_`|~";
    for (size_t i = 0; i < s.n; i++) {
        char c = s.at[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!plain && (c == '\0' || !strchr(marks, c)))
            return false;
    }
    return s.n > 0;
}

/* Nothing that ends a line or a string, or that a terminal would obey; LEAST is ' ' or '!'. */
static bool is_visible(struct span s, unsigned char least)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.at[i];
        if ((c < least && !(c == '\t' && least == ' ')) || c == 0x7f)
            return false;
    }
    return true;
}

struct span span_until(struct span *rest, char end)
{
    const char *found = rest->n ? memchr(rest->at, end, rest->n) : NULL;
    struct span first = {rest->at, found ? (size_t)(found - rest->at) : rest->n};
    size_t gone = first.n + (found != NULL);
    rest->at += gone;
    rest->n -= gone;
    return first;
}

static struct span trimmed(struct span s)
{
    while (s.n && (*s.at == ' ' || *s.at == '\t')) {
        s.at++;
        s.n--;
    }
    while (s.n && (s.at[s.n - 1] == ' ' || s.at[s.n - 1] == '\t'))
        s.n--;
    return s;
}

/* The next line, without its end; false if that hasn't come. */
static bool next_line(struct span *rest, struct span *line)
{
    if (!rest->n || !memchr(rest->at, '\n', rest->n))
        return false;
    *line = span_until(rest, '\n');
    if (line->n && line->at[line->n - 1] == '\r')
        line->n--;
    return true;
}

static bool read_first(struct span line, struct head *h)
{
    h->method = span_until(&line, ' ');
    h->target = span_until(&line, ' ');
    h->is_old = line.n == 8 && memcmp(line.at, "HTTP/1.0", 8) == 0;
    return is_token(h->method) && h->target.n && is_visible(h->target, '!') && line.n == 8 &&
           (h->is_old || memcmp(line.at, "HTTP/1.1", 8) == 0);
}

static bool read_field(struct span line, struct head *h)
{
    if (!memchr(line.at, ':', line.n))
        return false;
    struct span name = span_until(&line, ':'), value = trimmed(line);
    if (!is_token(name) || !is_visible(value, ' '))
        return false;
    h->fields[h->count].name = name;
    h->fields[h->count++].value = value;
    return true;
}

enum head_state head_read(const char *bytes, size_t n, struct head *out)
{
    struct span rest = {bytes, n}, line = {bytes, 0}, begun;
    out->count = 0;
    do {
        begun = rest;
        if (!next_line(&rest, &line)) {
            /* What no request begins with needn't be waited for. */
            struct span method = span_until(&begun, ' ');
            return !method.n || is_token(method) || span_is(method, "\r") ? HEAD_PART : HEAD_BAD;
        }
    } while (!line.n);
    if (!read_first(line, out))
        return HEAD_BAD;
    while (next_line(&rest, &line)) {
        if (!line.n) {
            out->len = n - rest.n;
            return HEAD_WHOLE;
        }
        if (out->count == HEAD_FIELDS_MAX)
            return HEAD_LONG;
        if (!read_field(line, out))
            return HEAD_BAD;
    }
    return HEAD_PART;
}

bool head_target(const struct head *h, struct span *path, struct span *query)
{
    static const char *const schemes[] = {"http://", "https://"};
    struct span rest = h->target;
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        size_t n = strlen(schemes[i]);
        if (rest.n < n || strncasecmp(rest.at, schemes[i], n) != 0)
            continue;
        rest.at += n;
        rest.n -= n;
        while (rest.n && !memchr("/?#", *rest.at, sizeof "/?#")) { /* the authority */
            rest.at++;
            rest.n--;
        }
        break;
    }
    if (!rest.n || *rest.at != '/')
        return false;
    *path = span_until(&rest, '?');
    *query = rest;
    return true;
}

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

size_t head_decode(struct span s, bool in_query, char *out)
{
    size_t len = 0;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.at[i];
        if (c == '%') {
            int high = i + 2 < s.n ? digit_of(s.at[i + 1]) : -1;
            int low = i + 2 < s.n ? digit_of(s.at[i + 2]) : -1;
            if (high < 0 || low < 0)
                return SIZE_MAX;
            c = (char)(high << 4 | low);
            i += 2;
        } else if (c == '+' && in_query) {
            c = ' ';
        }
        out[len++] = c;
    }
    return len;
}

bool head_param(struct span *rest, struct span *name, struct span *value)
{
    struct span param = {rest->at, 0};
    while (rest->n && !param.n)
        param = span_until(rest, '&');
    bool found = param.n;
    *name = span_until(&param, '=');
    *value = param;
    return found;
}

bool span_is(struct span s, const char *word)
{
    return s.n == strlen(word) && strncasecmp(s.at, word, s.n) == 0;
}

#include "json.h"

#include "buf.h"
#include "utf8.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SAFE_INTEGER 9007199254740991.0 /* 2^53 - 1: above, two integers share one double */

/* A key as it stands between its quotes. */
struct key {
    const char *at;
    size_t len;
    bool escaped; /* it holds escapes: equal keys may look different */
};

/* The scanner reads the text once, front to back. What isn't JSON ends it; what is JSON but
 * refused is only noted, since the rest may yet prove not to be JSON. */
struct scan {
    const char *start, *at, *end;

    unsigned char *nest; /* a bit for each open bracket: is it an object? */
    size_t depth, nest_cap;
    int key_count[JSON_DEPTH_MAX];
    struct key keys[JSON_DEPTH_MAX][JSON_KEYS_MAX];

    const char *expected; /* what should have stood where the scan ended */
    bool refused;         /* the first refusal: */
    enum fault_code code;
    const char *refused_at;
    struct key refused_key;
};

/* Field by field: zeroing the table of keys would cost more than the scan of an event. */
static void scan_init(struct scan *s, const char *text, size_t len)
{
    s->start = s->at = text;
    s->end = text + len;
    s->nest = NULL;
    s->depth = s->nest_cap = 0;
    s->expected = "";
    s->refused = false;
    s->refused_key = (struct key){0};
}

static bool expect(struct scan *s, const char *what)
{
    s->expected = what;
    return false;
}

static void refuse(struct scan *s, enum fault_code code, const char *at)
{
    if (s->refused)
        return;
    s->refused = true;
    s->code = code;
    s->refused_at = at;
}

static void skip_blanks(struct scan *s)
{
    while (s->at < s->end && (*s->at == ' ' || *s->at == '\t' || *s->at == '\n' || *s->at == '\r'))
        s->at++;
}

static bool is_next(const struct scan *s, char c)
{
    return s->at < s->end && *s->at == c;
}

static bool is_digit_next(const struct scan *s)
{
    return s->at < s->end && isdigit((unsigned char)*s->at);
}

/* ---- brackets ---- */

static void open_bracket(struct scan *s, bool object)
{
    if (s->depth / 8 >= s->nest_cap) {
        s->nest_cap = s->nest_cap ? s->nest_cap * 2 : 16;
        s->nest = mem_resize(s->nest, s->nest_cap);
    }
    unsigned char bit = (unsigned char)(1u << s->depth % 8), *byte = &s->nest[s->depth / 8];
    *byte = (unsigned char)(object ? *byte | bit : *byte & ~bit);
    if (s->depth < JSON_DEPTH_MAX)
        s->key_count[s->depth] = 0;
    else
        refuse(s, FAULT_TOO_DEEP, s->at);
    s->depth++;
    s->at++;
}

static void close_bracket(struct scan *s)
{
    s->depth--;
    s->at++;
}

static bool in_object(const struct scan *s)
{
    return s->depth > 0 && (s->nest[(s->depth - 1) / 8] >> (s->depth - 1) % 8 & 1);
}

/* ---- strings ---- */

static bool read_hex4(const char *at, const char *end, uint32_t *unit)
{
    *unit = 0;
    if (end - at < 4)
        return false;
    for (int i = 0; i < 4; i++) {
        unsigned char c = (unsigned char)at[i];
        if (!isxdigit(c))
            return false;
        *unit = *unit << 4 | (uint32_t)(isdigit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    return true;
}

/* Reads \uXXXX at *AT, with the second half of a surrogate pair where there is one. A half alone
 * is given as it is. */
static bool read_unicode(const char **at, const char *end, uint32_t *c)
{
    uint32_t low;
    if (!read_hex4(*at + 2, end, c))
        return false;
    *at += 6;
    if (*c < 0xd800 || *c > 0xdbff || end - *at < 6 || (*at)[0] != '\\' || (*at)[1] != 'u' ||
        !read_hex4(*at + 2, end, &low) || low < 0xdc00 || low > 0xdfff)
        return true;
    *c = 0x10000 + ((*c - 0xd800) << 10) + (low - 0xdc00);
    *at += 6;
    return true;
}

/* Reads one character of a string's inside, unescaped. False if it isn't one. */
static bool read_character(const char **at, const char *end, uint32_t *c)
{
    static const char escapes[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    if (**at != '\\') {
        size_t n = utf8_next(*at, (size_t)(end - *at), c);
        *at += n;
        return n > 0 && *c >= 0x20;
    }
    if (end - *at < 2)
        return false;
    if ((*at)[1] == 'u')
        return read_unicode(at, end, c);
    const char *escape = memchr(escapes, (*at)[1], sizeof escapes - 1);
    if (!escape)
        return false;
    *c = (unsigned char)meanings[escape - escapes];
    *at += 2;
    return true;
}

/* Most of a string is plain ASCII: that needn't be looked at closely. */
static void skip_plain(struct scan *s)
{
    while (s->at < s->end && *s->at >= 0x20 && *s->at < 0x7f && *s->at != '"' && *s->at != '\\')
        s->at++;
}

/* From quote to quote; INSIDE, if not NULL, receives what stands between. */
static bool scan_string(struct scan *s, struct key *inside)
{
    if (!is_next(s, '"'))
        return expect(s, "a string");
    const char *from = ++s->at;
    bool escaped = false;
    for (skip_plain(s); !is_next(s, '"'); skip_plain(s)) {
        const char *here = s->at;
        uint32_t c;
        if (s->at == s->end)
            return expect(s, "the string's closing quote");
        escaped |= *here == '\\';
        if (!read_character(&s->at, s->end, &c)) {
            s->at = here;
            return expect(s, *here == '\\' ? "a valid escape" : "a valid UTF-8 character");
        }
        if (c == 0 || (c >= 0xd800 && c <= 0xdfff))
            refuse(s, FAULT_BAD_STRING, here);
    }
    if (inside)
        *inside = (struct key){from, (size_t)(s->at - from), escaped};
    s->at++;
    return true;
}

/* Equal after unescaping; both are known to be well-formed. */
static bool key_equal(struct key a, struct key b)
{
    if (!a.escaped && !b.escaped)
        return a.len == b.len && memcmp(a.at, b.at, a.len) == 0;
    const char *p = a.at, *q = b.at, *p_end = a.at + a.len, *q_end = b.at + b.len;
    while (p < p_end && q < q_end) {
        uint32_t c, d;
        if (!read_character(&p, p_end, &c) || !read_character(&q, q_end, &d) || c != d)
            return false;
    }
    return p == p_end && q == q_end;
}

static void note_key(struct scan *s, struct key key)
{
    if (s->depth > JSON_DEPTH_MAX)
        return;
    struct key *keys = s->keys[s->depth - 1];
    int *count = &s->key_count[s->depth - 1];
    for (int i = 0; i < *count && !s->refused; i++) {
        if (key_equal(keys[i], key)) {
            refuse(s, FAULT_DUPLICATE_KEY, key.at - 1);
            s->refused_key = key;
        }
    }
    if (*count < JSON_KEYS_MAX)
        keys[(*count)++] = key;
    else
        refuse(s, FAULT_TOO_MANY, key.at - 1);
}

/* ---- numbers and words ---- */

static bool scan_digits(struct scan *s)
{
    if (!is_digit_next(s))
        return expect(s, "a digit");
    while (is_digit_next(s))
        s->at++;
    return true;
}

static bool scan_number(struct scan *s)
{
    if (is_next(s, '-'))
        s->at++;
    if (is_next(s, '0'))
        s->at++; /* nothing but a fraction or an exponent may follow */
    else if (!scan_digits(s))
        return false;
    if (is_next(s, '.')) {
        s->at++;
        if (!scan_digits(s))
            return false;
    }
    if (is_next(s, 'e') || is_next(s, 'E')) {
        s->at++;
        if (is_next(s, '+') || is_next(s, '-'))
            s->at++;
        if (!scan_digits(s))
            return false;
    }
    return true;
}

static bool scan_word(struct scan *s)
{
    static const char *const words[] = {"true", "false", "null"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t n = strlen(words[i]);
        if ((size_t)(s->end - s->at) >= n && memcmp(s->at, words[i], n) == 0) {
            s->at += n;
            return true;
        }
    }
    return expect(s, "a value");
}

/* ---- the grammar, one step after the other ---- */

enum step { VALUE, FIRST_ITEM, KEY, FIRST_KEY, BEHIND_VALUE, END };

static bool scan_value(struct scan *s, enum step *next)
{
    *next = BEHIND_VALUE;
    if (is_next(s, '{') || is_next(s, '[')) {
        bool object = *s->at == '{';
        open_bracket(s, object);
        *next = object ? FIRST_KEY : FIRST_ITEM;
        return true;
    }
    if (is_next(s, '"'))
        return scan_string(s, NULL);
    if (is_next(s, '-') || is_digit_next(s))
        return scan_number(s);
    return scan_word(s);
}

static bool scan_key(struct scan *s, enum step *next)
{
    struct key key;
    if (!scan_string(s, &key))
        return false;
    note_key(s, key);
    skip_blanks(s);
    if (!is_next(s, ':'))
        return expect(s, "a colon");
    s->at++;
    *next = VALUE;
    return true;
}

static bool scan_behind_value(struct scan *s, enum step *next)
{
    bool object = in_object(s);
    if (s->depth == 0) {
        *next = END;
    } else if (is_next(s, ',')) {
        s->at++;
        *next = object ? KEY : VALUE;
    } else if (is_next(s, object ? '}' : ']')) {
        close_bracket(s);
    } else {
        return expect(s, object ? "a comma or }" : "a comma or ]");
    }
    return true;
}

static bool scan_step(struct scan *s, enum step *next)
{
    bool first = *next == FIRST_ITEM || *next == FIRST_KEY;
    if (first && is_next(s, *next == FIRST_KEY ? '}' : ']')) {
        close_bracket(s);
        *next = BEHIND_VALUE;
        return true;
    }
    if (*next == BEHIND_VALUE)
        return scan_behind_value(s, next);
    if (*next == KEY || *next == FIRST_KEY)
        return scan_key(s, next);
    return scan_value(s, next);
}

static bool scan_text(struct scan *s)
{
    for (enum step next = VALUE; next != END;) {
        skip_blanks(s);
        if (!scan_step(s, &next))
            return false;
    }
    skip_blanks(s);
    return s->at == s->end || expect(s, "nothing more");
}

/* ---- what the others see ---- */

static void add_not_json(const struct scan *s, int index, struct faults *faults)
{
    char met[24] = "the end";
    unsigned char c = s->at < s->end ? (unsigned char)*s->at : 0;
    if (s->at < s->end && c > 0x20 && c < 0x7f)
        snprintf(met, sizeof met, "%c", c);
    else if (s->at < s->end)
        snprintf(met, sizeof met, "0x%02x", c);
    faults_add(faults, FAULT_NOT_JSON, index, "", "byte %zu: expected %s, met %s",
               (size_t)(s->at - s->start), s->expected, met);
}

static void add_refusal(const struct scan *s, int index, struct faults *faults)
{
    size_t at = (size_t)(s->refused_at - s->start);
    char key[72] = "";
    if (s->code == FAULT_TOO_DEEP) {
        faults_add(faults, s->code, index, "", "byte %zu: at most %d levels", at, JSON_DEPTH_MAX);
    } else if (s->code == FAULT_TOO_MANY) {
        faults_add(faults, s->code, index, "", "byte %zu: at most %d keys in an object", at,
                   JSON_KEYS_MAX);
    } else {
        size_t n = s->refused_key.len < sizeof key ? s->refused_key.len : sizeof key - 1;
        if (n) /* the text goes on behind the key, so utf8_cut may look one byte further */
            memcpy(key, s->refused_key.at, utf8_cut(s->refused_key.at, n));
        faults_add(faults, s->code, index, key, "byte %zu", at);
    }
}

/* An empty buffer has no text; no step should have to know. */
static const char *text_or_empty(const char *text)
{
    return text ? text : "";
}

/* WRONG_AT receives where the text is at fault. */
static cJSON *parse(const char *text, size_t len, int index, struct faults *faults,
                    const char **wrong_at)
{
    struct scan s;
    scan_init(&s, text, len);
    cJSON *root = NULL;
    if (!scan_text(&s)) {
        *wrong_at = s.at;
        add_not_json(&s, index, faults);
    } else if (s.refused) {
        *wrong_at = s.refused_at;
        add_refusal(&s, index, faults);
    } else {
        *wrong_at = text;
        root = cJSON_ParseWithLengthOpts(text, len, NULL, false);
        if (!root)
            faults_add(faults, FAULT_NOT_JSON, index, "", "the parser gave up");
    }
    free(s.nest);
    return root;
}

cJSON *json_parse(const char *text, size_t len, int index, struct faults *faults)
{
    const char *wrong_at;
    return parse(text_or_empty(text), len, index, faults, &wrong_at);
}

static int line_of(const char *text, const char *at)
{
    int line = 1;
    for (; text < at; text++)
        line += *text == '\n';
    return line;
}

cJSON *json_parse_file(const char *text, size_t len, int *line, struct faults *faults)
{
    const char *start = text_or_empty(text), *wrong_at = start;
    cJSON *root = parse(start, len, -1, faults, &wrong_at);
    *line = root ? 0 : line_of(start, wrong_at);
    return root;
}

bool json_integer(const cJSON *item, int64_t *out)
{
    if (!cJSON_IsNumber(item))
        return false;
    double n = item->valuedouble;
    if (!(n >= -SAFE_INTEGER && n <= SAFE_INTEGER) || n != floor(n))
        return false;
    *out = (int64_t)n;
    return true;
}

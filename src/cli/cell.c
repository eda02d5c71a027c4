#include "cell.h"
#include "date.h"
#include "utf8.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define NUMBER_DIGITS 15 /* all of them exact in a JSON number */

/* ---- cleaning ---- */

/* Blanks of every width, and marks without any that are pasted along with text. */
static bool is_blank(uint32_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r') || c == 0xa0 || (c >= 0x2000 && c <= 0x200b) ||
           c == 0x202f || c == 0x205f || c == 0x2060 || c == 0x3000 || c == 0xfeff;
}

static size_t next(const char *at, uint32_t *c)
{
    size_t n = utf8_next(at, strnlen(at, 4), c);
    if (n == 0)
        *c = (unsigned char)*at;
    return n ? n : 1;
}

/* Cuts blanks off both ends; *len is the length left. */
static const char *trim(const char *text, size_t *len)
{
    const char *start = NULL, *end = text;
    for (const char *at = text; *at;) {
        uint32_t c;
        size_t n = next(at, &c);
        if (!is_blank(c)) {
            start = start ? start : at;
            end = at + n;
        }
        at += n;
    }
    start = start ? start : end;
    *len = (size_t)(end - start);
    return start;
}

/* With an apostrophe Excel marks what is text. One that a second answers is the writer's own. */
static const char *clean(const char *cell, size_t *len)
{
    const char *text = trim(cell, len);
    if (*len == 0 || text[0] != '\'' || (*len > 1 && text[*len - 1] == '\''))
        return text;
    return trim(text + 1, len);
}

const char *cell_text(const char *cell, struct buf *out)
{
    size_t len;
    const char *text = clean(cell, &len);
    buf_reset(out);
    buf_add(out, "", 0);
    for (size_t i = 0; i < len; i++) {
        bool breaks = strchr("\t\r\n", text[i]) != NULL;
        if (!breaks)
            buf_add(out, text + i, 1);
        else if (out->data[out->len - 1] != ' ')
            buf_adds(out, " ");
    }
    return out->data;
}

const char *cell_plain(const char *cell, struct buf *out)
{
    size_t len, n;
    const char *text = clean(cell, &len);
    buf_reset(out);
    buf_add(out, "", 0);
    for (const char *end = text + len; text < end; text += n) {
        uint32_t c;
        n = next(text, &c);
        char plain = (char)(c >= 0xff01 && c <= 0xff5e ? c - 0xff01 + '!' : ' ');
        if (plain != ' ' || is_blank(c))
            buf_add(out, &plain, 1);
        else
            buf_add(out, text, n);
    }
    return out->data;
}

/* ---- words ---- */

struct word {
    const char *said, *means;
};

static const struct word statuses[] = {
    {"raised", "raised"}, {"提出", "raised"},    {"已提出", "raised"}, {"claimed", "claimed"},
    {"认领", "claimed"},  {"已认领", "claimed"}, {"solved", "solved"}, {"解决", "solved"},
    {"已解决", "solved"}, {"办结", "solved"},    {"已办结", "solved"}, {NULL, NULL},
};

static const struct word kinds[] = {
    {"activity", "activity"}, {"活动", "activity"},
    {"共享活动", "activity"}, {"reach", "reach"},
    {"辐射", "reach"},        {"辐射居民", "reach"},
    {"venue", "venue"},       {"阵地", "venue"},
    {"共享阵地", "venue"},    {"problem", "problem"},
    {"问题", "problem"},      {"民生问题", "problem"},
    {"plan", "plan"},         {"计划", "plan"},
    {"活动计划", "plan"},     {NULL, NULL},
};

static const struct word answers[] = {
    {"true", "yes"}, {"yes", "yes"}, {"y", "yes"}, {"1", "yes"}, {"是", "yes"}, {"false", "no"},
    {"no", "no"},    {"n", "no"},    {"0", "no"},  {"否", "no"}, {NULL, NULL},
};

static const char *find_word(const struct word *words, const char *said)
{
    while (words->said && strcasecmp(words->said, said) != 0)
        words++;
    return words->means;
}

const char *cell_status(const char *cell)
{
    return find_word(statuses, cell);
}

const char *cell_kind(const char *cell)
{
    return find_word(kinds, cell);
}

bool cell_yes(const char *cell, bool *out)
{
    const char *means = find_word(answers, cell);
    *out = means && strcmp(means, "yes") == 0;
    return means != NULL;
}

/* ---- numbers ---- */

/* Moves on behind TEXT if it stands there. */
static bool skip(const char **at, const char *text)
{
    size_t n = strlen(text);
    bool met = strncmp(*at, text, n) == 0;
    *at += met ? n : 0;
    return met;
}

static void skip_blanks(const char **at)
{
    *at += strspn(*at, " ");
}

/* From LEAST to MOST digits. */
static bool digits(const char **at, size_t least, size_t most, int64_t *out)
{
    size_t n = strspn(*at, "0123456789");
    if (n < least || n > most)
        return false;
    for (const char *end = *at + n; *at < end; ++*at)
        *out = *out * 10 + (**at - '0');
    return true;
}

/* What stands behind a number: ".00" of a decimal column, the thing that is counted. */
static bool number_ends(const char *at)
{
    static const char *const counted[] = {"人次", "人", "名", "位"};
    if (*at == '.') {
        size_t zeros = strspn(at + 1, "0");
        if (zeros == 0)
            return false;
        at += 1 + zeros;
    }
    skip_blanks(&at);
    for (size_t i = 0; i < sizeof counted / sizeof *counted; i++)
        if (skip(&at, counted[i]))
            break;
    return *at == '\0';
}

bool cell_number(const char *cell, int64_t *out)
{
    const char *at = cell;
    size_t first = strspn(at, "0123456789");
    bool grouped = at[first] == ',';
    *out = 0;
    if (!digits(&at, 1, grouped ? 3 : NUMBER_DIGITS, out))
        return false;
    while (skip(&at, ","))
        if (*out > INT64_C(999999999999) || !digits(&at, 3, 3, out))
            return false;
    return number_ends(at);
}

/* ---- times ---- */

static const struct {
    const char *year, *month, *day; /* what stands behind each */
} forms[] = {{"-", "-", ""}, {"/", "/", ""}, {".", ".", ""}, {"年", "月", "日"}};

static bool read_date(const char **at, size_t form, struct tm *tm)
{
    int64_t year = 0, month = 0, day = 0;
    if (!digits(at, 4, 4, &year) || !skip(at, forms[form].year) || !digits(at, 1, 2, &month) ||
        !skip(at, forms[form].month) || !digits(at, 1, 2, &day) || !skip(at, forms[form].day))
        return false;
    tm->tm_year = (int)year - 1900;
    tm->tm_mon = (int)month - 1;
    tm->tm_mday = (int)day;
    return date_valid((int32_t)(year * 10000 + month * 100 + day));
}

static bool read_clock(const char **at, struct tm *tm)
{
    int64_t hour = 0, minute = 0, second = 0;
    if (!digits(at, 1, 2, &hour) || !skip(at, ":") || !digits(at, 2, 2, &minute))
        return false;
    if (skip(at, ":") && !digits(at, 2, 2, &second))
        return false;
    tm->tm_hour = (int)hour;
    tm->tm_min = (int)minute;
    tm->tm_sec = (int)second;
    return hour < 24 && minute < 60 && second < 60;
}

static bool read_local(const char *at, size_t form, struct tm *tm)
{
    *tm = (struct tm){.tm_hour = 12, .tm_isdst = -1};
    if (!read_date(&at, form, tm))
        return false;
    if (*at == '\0')
        return true;
    /* Only behind a word can the time of the day follow at once. */
    if (*at != ' ' && *at != 'T' && !*forms[form].day)
        return false;
    at += *at == 'T';
    skip_blanks(&at);
    return read_clock(&at, tm) && *at == '\0';
}

bool cell_time(const char *cell, char out[CELL_TIME])
{
    int64_t instant;
    struct tm tm;
    size_t len = strlen(cell);
    if (date_parse(cell, len, &instant)) {
        if (len < CELL_TIME)
            memcpy(out, cell, len + 1);
        else
            date_format(instant, out);
        return true;
    }
    for (size_t form = 0; form < sizeof forms / sizeof *forms; form++)
        if (read_local(cell, form, &tm)) {
            date_format((int64_t)mktime(&tm) * DATE_SECOND, out);
            return true;
        }
    return false;
}

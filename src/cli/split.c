#include "split.h"

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static enum split_step bad(struct splitter *s, const char *trouble)
{
    s->trouble = trouble;
    if (s->item_line == 0)
        s->item_line = s->newlines + 1;
    return SPLIT_BAD;
}

static enum split_step give(struct splitter *s)
{
    while (s->item.len > 0 && blank(s->item.data[s->item.len - 1]))
        s->item.len--;
    if (s->item.data)
        s->item.data[s->item.len] = '\0';
    else
        buf_add(&s->item, "", 0);
    if (s->item_line == 0)
        s->item_line = s->newlines + 1;
    s->depth = 0;
    s->in_string = s->escaped = s->comma = false;
    s->ready = true;
    return SPLIT_ITEM;
}

/* Follows strings and nesting. */
static void follow(struct splitter *s, char c)
{
    if (s->escaped)
        s->escaped = false;
    else if (s->in_string && c == '\\')
        s->escaped = true;
    else if (c == '"')
        s->in_string = !s->in_string;
    else if (!s->in_string && (c == '{' || c == '['))
        s->depth++;
    else if (!s->in_string && (c == '}' || c == ']'))
        s->depth--;
}

static enum split_step keep(struct splitter *s, char c)
{
    if (s->item.len == 0 && blank(c))
        return SPLIT_MORE;
    if (s->item.len == 0)
        s->item_line = s->newlines + 1;
    if (s->item.len == SPLIT_ITEM_MAX)
        return bad(s, "an event over 1 MiB");
    follow(s, c);
    buf_add(&s->item, &c, 1);
    return SPLIT_MORE;
}

static enum split_step in_array(struct splitter *s, char c)
{
    if (s->depth > 0 || s->in_string || (c != ',' && c != ']'))
        return keep(s, c);
    bool empty = s->item.len == 0 && !s->comma && c == ']';
    s->closed = c == ']';
    if (empty)
        return SPLIT_MORE;
    give(s);
    s->comma = c == ',';
    return SPLIT_ITEM;
}

static enum split_step in_lines(struct splitter *s, char c)
{
    if (c != '\n' || s->item.len == 0)
        return keep(s, c);
    /* A line's end inside a string can't be JSON, so the harm stays on that line. */
    bool whole = s->depth <= 0 || s->in_string;
    if (!whole && !s->lines)
        return keep(s, c);
    s->lines = s->lines || s->item_line == s->newlines + 1;
    return give(s);
}

static enum split_step take(struct splitter *s, char c)
{
    if (s->closed)
        return blank(c) ? SPLIT_MORE : bad(s, "text behind the array's end");
    if (!s->begun && blank(c))
        return SPLIT_MORE;
    if (!s->begun) {
        s->begun = true;
        s->array = c == '[';
        if (s->array)
            return SPLIT_MORE;
    }
    return s->array ? in_array(s, c) : in_lines(s, c);
}

static void clear_given(struct splitter *s)
{
    if (!s->ready)
        return;
    buf_reset(&s->item);
    s->item_line = 0;
    s->ready = false;
}

enum split_step split_next(struct splitter *s, const char **bytes, size_t *n)
{
    clear_given(s);
    while (*n > 0) {
        char c = **bytes;
        ++*bytes;
        --*n;
        enum split_step step = take(s, c);
        if (c == '\n')
            s->newlines++;
        if (step != SPLIT_MORE)
            return step;
    }
    return SPLIT_MORE;
}

enum split_step split_end(struct splitter *s)
{
    clear_given(s);
    if (s->array && !s->closed)
        return bad(s, "the array's closing bracket is missing");
    return s->item.len > 0 ? give(s) : SPLIT_MORE;
}

void split_clear(struct splitter *s)
{
    buf_free(&s->item);
}

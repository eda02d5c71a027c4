/* head: what comes from a socket before anybody is known. What is taken reads the same again, lies
 * inside of what came, and holds nothing by which a line or a string would end early. */
#include "fuzz.h"

#include "head.h"
#include <string.h>

static const uint8_t *first;
static size_t count;

static void hold_inside(struct span s)
{
    const uint8_t *at = (const uint8_t *)s.at;
    HOLD(!s.n || (at >= first && at + s.n <= first + count));
    HOLD(!s.n || (!memchr(s.at, '\r', s.n) && !memchr(s.at, '\n', s.n) && !memchr(s.at, 0, s.n)));
}

static void hold_decoded(struct span s, bool in_query)
{
    char *room = malloc(s.n + 1);
    size_t n = head_decode(s, in_query, room);
    HOLD(n == SIZE_MAX || n <= s.n);
    free(room);
}

static void hold_target(const struct head *h)
{
    struct span path, query, name, value;
    if (!head_target(h, &path, &query))
        return;
    hold_inside(path);
    hold_inside(query);
    HOLD(path.n > 0 && *path.at == '/');
    hold_decoded(path, false);
    while (head_param(&query, &name, &value)) {
        hold_decoded(name, true);
        hold_decoded(value, true);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct head h, again;
    first = data;
    count = size;
    enum head_state state = head_read((const char *)data, size, &h);
    /* Who sends byte by byte is read as who sends at once. */
    for (size_t n = 0; n < size && n < 200; n++) {
        enum head_state before = head_read((const char *)data, n, &again);
        HOLD(before == HEAD_PART || before == state);
        HOLD(before != HEAD_WHOLE || again.len == h.len);
    }
    if (state != HEAD_WHOLE)
        return 0;
    HOLD(h.len <= size && h.len > 0 && data[h.len - 1] == '\n' && h.count <= HEAD_FIELDS_MAX);
    HOLD(head_read((const char *)data, h.len, &again) == HEAD_WHOLE && again.len == h.len);
    HOLD(again.count == h.count && again.target.n == h.target.n);
    hold_inside(h.method);
    hold_inside(h.target);
    for (size_t i = 0; i < h.count; i++) {
        hold_inside(h.fields[i].name);
        hold_inside(h.fields[i].value);
        HOLD(h.fields[i].name.n > 0 && !memchr(h.fields[i].name.at, ' ', h.fields[i].name.n));
    }
    hold_target(&h);
    return 0;
}

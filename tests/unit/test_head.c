/* A request's head, to the letter. */
#include "unit.h"

#include "head.h"

#include <string.h>

static enum head_state state_of(const char *text, struct head *h)
{
    memset(h, 0, sizeof *h);
    return head_read(text, strlen(text), h);
}

#define assert_span(s, text)                                                                       \
    do {                                                                                           \
        assert_int_equal((s).n, strlen(text));                                                     \
        assert_memory_equal((s).at, text, strlen(text));                                           \
    } while (0)

static void a_head_has_its_parts(void **state)
{
    struct head h;
    const char *text = "\r\nPOST /a%20b?c=d&e HTTP/1.1\r\nHost: h\r\nX-Empty:\r\n"
                       "Cookie: \t a=b; c=d \t\r\n\r\nbody";
    (void)state;
    assert_int_equal(state_of(text, &h), HEAD_WHOLE);
    assert_int_equal(h.len, strlen(text) - 4);
    assert_span(h.method, "POST");
    assert_span(h.target, "/a%20b?c=d&e");
    assert_false(h.is_old);
    assert_int_equal(h.count, 3);
    assert_span(h.fields[0].name, "Host");
    assert_span(h.fields[0].value, "h");
    assert_span(h.fields[1].value, "");
    assert_span(h.fields[2].value, "a=b; c=d");
    assert_true(span_is(h.fields[2].name, "cookie"));
    assert_int_equal(state_of("GET / HTTP/1.0\n\n", &h), HEAD_WHOLE);
    assert_true(h.is_old);
    assert_int_equal(h.count, 0);
}

/* Whatever is cut off may still come: no beginning of a good head is refused, and none is taken. */
static void each_beginning_is_a_part(void **state)
{
    struct head h;
    const char *text = "\r\n\r\nGET /x?y HTTP/1.1\r\nHost: h\r\nA: b\r\n\r\n";
    (void)state;
    for (size_t n = 0; n < strlen(text); n++)
        assert_int_equal(head_read(text, n, &h), HEAD_PART);
    assert_int_equal(head_read(text, strlen(text), &h), HEAD_WHOLE);
}

static void others_are_refused(void **state)
{
    static const char *const bad[] = {
        "GET /\r\n",
        "GET  / HTTP/1.1\r\n",
        "GET / HTTP/1.1 \r\n",
        " GET / HTTP/1.1\r\n",
        "GET / HTTP/2.0\r\n",
        "GET / http/1.1\r\n",
        "GET / HTTP/1.10\r\n",
        "G\"T / HTTP/1.1\r\n",
        "GET /\x01 HTTP/1.1\r\n",
        "GET /\x7f HTTP/1.1\r\n",
        "GET / HTTP/1.1\r\r\n",
        "GET / HTTP/1.1\r\nHost : h\r\n",
        "GET / HTTP/1.1\r\nHost\r\n",
        "GET / HTTP/1.1\r\n: h\r\n",
        "GET / HTTP/1.1\r\nA: b\r\n c\r\n",
        "GET / HTTP/1.1\r\nA: b\rc\r\n",
        "GET / HTTP/1.1\r\nA: b\x1b[1m\r\n",
        "\x16\x03\x01",
    };
    struct head h;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_int_equal(state_of(bad[i], &h), HEAD_BAD);
    assert_int_equal(head_read("GET /\0 HTTP/1.1\r\n", 17, &h), HEAD_BAD);
    assert_int_equal(head_read("GET / HTTP/1.1\r\nA: b\0c\r\n", 24, &h), HEAD_BAD);
}

static void so_many_fields_and_no_more(void **state)
{
    struct head h;
    char text[2048] = "GET / HTTP/1.1\r\n";
    (void)state;
    for (int i = 0; i < HEAD_FIELDS_MAX; i++)
        strcat(text, "A: b\r\n");
    size_t n = strlen(text);
    strcat(text, "\r\n");
    assert_int_equal(state_of(text, &h), HEAD_WHOLE);
    assert_int_equal(h.count, HEAD_FIELDS_MAX);
    strcpy(text + n, "A: b\r\n\r\n");
    assert_int_equal(state_of(text, &h), HEAD_LONG);
}

static void a_target_has_a_path_and_a_query(void **state)
{
    static const struct {
        const char *target, *path, *query; /* PATH NULL: none */
    } all[] = {
        {"/", "/", ""},
        {"/a?b=c?d", "/a", "b=c?d"},
        {"//a", "//a", ""},
        {"http://h:80/a?b", "/a", "b"},
        {"HTTPS://h/", "/", ""},
        {"http://h", NULL, NULL},
        {"http://h?x=/metrics", NULL, NULL},
        {"http://h#/a", NULL, NULL},
        {"*", NULL, NULL},
        {"h:80", NULL, NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        struct head h = {.target = {all[i].target, strlen(all[i].target)}};
        struct span path, query;
        assert_int_equal(head_target(&h, &path, &query), all[i].path != NULL);
        if (!all[i].path)
            continue;
        assert_span(path, all[i].path);
        assert_span(query, all[i].query);
    }
}

static void escapes_are_undone(void **state)
{
    static const struct {
        const char *text, *path, *query; /* NULL: it isn't one */
    } all[] = {
        {"", "", ""},
        {"a%20b+c", "a b+c", "a b c"},
        {"%e5%85%9a", "党", "党"},
        {"%2F%2f", "//", "//"},
        {"%", NULL, NULL},
        {"a%2", NULL, NULL},
        {"%zz", NULL, NULL},
        {"%2g", NULL, NULL},
    };
    char room[64];
    (void)state;
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        struct span s = {all[i].text, strlen(all[i].text)};
        for (int in_query = 0; in_query < 2; in_query++) {
            const char *want = in_query ? all[i].query : all[i].path;
            size_t n = head_decode(s, in_query, room);
            assert_int_equal(n, want ? strlen(want) : SIZE_MAX);
            if (want)
                assert_memory_equal(room, want, n);
        }
    }
}

static void a_query_has_its_parameters(void **state)
{
    static const char *const want[][2] = {{"a", "b"}, {"c", ""}, {"d", "e=f"}, {"", "g"}, {"", ""}};
    struct span rest = {"&a=b&&c&d=e=f&=g&=", 18}, name, value;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(want); i++) {
        assert_true(head_param(&rest, &name, &value));
        assert_span(name, want[i][0]);
        assert_span(value, want[i][1]);
    }
    assert_false(head_param(&rest, &name, &value));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_head_has_its_parts),
        cmocka_unit_test(each_beginning_is_a_part),
        cmocka_unit_test(others_are_refused),
        cmocka_unit_test(so_many_fields_and_no_more),
        cmocka_unit_test(a_target_has_a_path_and_a_query),
        cmocka_unit_test(escapes_are_undone),
        cmocka_unit_test(a_query_has_its_parameters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

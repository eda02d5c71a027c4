#include "unit.h"

#include "buf.h"
#include "utf8.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

static void grows_and_stays_terminated(void **state)
{
    (void)state;
    struct buf b = {0};
    for (int i = 0; i < 10000; i++)
        buf_add(&b, "abc", 3);
    assert_int_equal(b.len, 30000);
    assert_int_equal(strlen(b.data), 30000);
    buf_reset(&b);
    assert_string_equal(b.data, "");
    buf_adds(&b, "again");
    assert_string_equal(b.data, "again");
    buf_free(&b);
    assert_null(b.data);
}

static void holds_bytes_with_nul(void **state)
{
    (void)state;
    struct buf b = {0};
    buf_add(&b, "a\0b", 3);
    buf_add(&b, NULL, 0);
    assert_int_equal(b.len, 3);
    assert_memory_equal(b.data, "a\0b\0", 4);
    buf_free(&b);
}

static void formats_short_and_long(void **state)
{
    (void)state;
    struct buf b = {0};
    char word[301];
    memset(word, 'x', 300);
    word[300] = '\0';
    buf_addf(&b, "%d-%s-", 7, "seven");
    assert_string_equal(b.data, "7-seven-");
    buf_addf(&b, "%s|%s", word, word);
    assert_int_equal(b.len, 8 + 601);
    assert_int_equal(strlen(b.data), b.len);
    assert_int_equal(b.data[8 + 300], '|');
    buf_free(&b);
}

static void adds_numbers_to_their_ends(void **state)
{
    static const struct {
        long long n;
        const char *text;
    } cases[] = {{0, "0"},
                 {7, "7"},
                 {-7, "-7"},
                 {1234567890123, "1234567890123"},
                 {LLONG_MAX, "9223372036854775807"},
                 {LLONG_MIN, "-9223372036854775808"}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf b = {0};
        buf_add_int(&b, cases[i].n);
        assert_string_equal(b.data, cases[i].text);
        buf_free(&b);
    }
}

/* Every length around the room that is left, so that the second try is met at its edge. */
static void formats_at_every_edge(void **state)
{
    (void)state;
    for (int before = 0; before < 130; before++) {
        struct buf b = {0};
        buf_addf(&b, "%*s", before, "");
        buf_addf(&b, "%070d", 1);
        assert_int_equal(b.len, before + 70);
        assert_int_equal(b.data[b.len - 1], '1');
        buf_free(&b);
    }
}

static void gives_its_bytes_away(void **state)
{
    (void)state;
    struct buf b = {0};
    size_t len = 99;
    char *nothing = buf_take(&b, &len);
    assert_string_equal(nothing, "");
    assert_int_equal(len, 0);
    buf_adds(&b, "mine");
    char *text = buf_take(&b, &len);
    assert_string_equal(text, "mine");
    assert_int_equal(len, 4);
    assert_null(b.data);
    free(nothing);
    free(text);
}

static void escapes_json(void **state)
{
    (void)state;
    static const struct {
        const char *text, *json;
    } cases[] = {
        {"", "\"\""},
        {"plain", "\"plain\""},
        {"a\"b\\c/", "\"a\\\"b\\\\c/\""},
        {"\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\""},
        {"\x01\x1f\x7f", "\"\\u0001\\u001f\x7f\""},
        {"厢伴管家 🎉", "\"厢伴管家 🎉\""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buf b = {0};
        buf_add_json(&b, cases[i].text);
        assert_string_equal(b.data, cases[i].json);
        buf_free(&b);
    }
}

static void copies_strings(void **state)
{
    (void)state;
    char *copy = mem_string("text");
    assert_string_equal(copy, "text");
    assert_null(mem_string(NULL));
    free(copy);
    char *zeroed = mem_alloc(64);
    for (int i = 0; i < 64; i++)
        assert_int_equal(zeroed[i], 0);
    free(zeroed);
}

static void knows_utf8(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t length;
        uint32_t c;
    } cases[] = {
        {"A", 1, 'A'},
        {"\xc2\x80", 2, 0x80},
        {"\xdf\xbf", 2, 0x7ff},
        {"\xe0\xa0\x80", 3, 0x800},
        {"\xed\x9f\xbf", 3, 0xd7ff},
        {"\xee\x80\x80", 3, 0xe000},
        {"\xef\xbf\xbf", 3, 0xffff},
        {"\xf0\x90\x80\x80", 4, 0x10000},
        {"\xf4\x8f\xbf\xbf", 4, 0x10ffff},
        {"\x80", 0, 0},             /* a continuation alone */
        {"\xc0\x80", 0, 0},         /* overlong NUL */
        {"\xc1\xbf", 0, 0},         /* overlong */
        {"\xe0\x9f\xbf", 0, 0},     /* overlong */
        {"\xf0\x8f\xbf\xbf", 0, 0}, /* overlong */
        {"\xed\xa0\x80", 0, 0},     /* a surrogate */
        {"\xed\xbf\xbf", 0, 0},     /* a surrogate */
        {"\xf4\x90\x80\x80", 0, 0}, /* above U+10FFFF */
        {"\xf8\x88\x80\x80", 0, 0},
        {"\xff", 0, 0},
        {"\xe5\x8e", 0, 0},     /* cut off */
        {"\xe5\x8e\x41", 0, 0}, /* broken off */
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        uint32_t c = 0;
        assert_int_equal(utf8_next(cases[i].bytes, strlen(cases[i].bytes), &c), cases[i].length);
        if (cases[i].length)
            assert_int_equal(c, cases[i].c);
    }
    uint32_t c;
    assert_int_equal(utf8_next("", 0, &c), 0);
    assert_int_equal(utf8_next("\xe5\x8e\x82", 2, &c), 0);
}

static void cuts_between_characters(void **state)
{
    (void)state;
    const char *text = "a厢b"; /* 1 + 3 + 1 bytes */
    static const size_t cut[] = {0, 1, 1, 1, 4, 5, 5, 5};
    for (size_t max = 0; max < COUNT_OF(cut); max++)
        assert_int_equal(utf8_cut(text, max), cut[max]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grows_and_stays_terminated),
        cmocka_unit_test(holds_bytes_with_nul),
        cmocka_unit_test(adds_numbers_to_their_ends),
        cmocka_unit_test(formats_short_and_long),
        cmocka_unit_test(formats_at_every_edge),
        cmocka_unit_test(gives_its_bytes_away),
        cmocka_unit_test(escapes_json),
        cmocka_unit_test(copies_strings),
        cmocka_unit_test(knows_utf8),
        cmocka_unit_test(cuts_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

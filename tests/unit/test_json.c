#include "unit.h"

#include "buf.h"
#include "json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A text that may hold NUL: its length is given where strlen isn't it. */
static cJSON *parse(const char *text, size_t len, struct faults *faults)
{
    /* In a block of just its size, so that a step too far is seen. */
    char *exact = malloc(len ? len : 1);
    memcpy(exact, text, len);
    cJSON *root = json_parse(exact, len, 5, faults);
    free(exact);
    return root;
}

static void assert_taken(const char *text, size_t len)
{
    struct faults faults = {0};
    cJSON *root = parse(text, len, &faults);
    if (!root)
        fail_msg("refused: %s: %s", text, faults.list[0].detail);
    assert_int_equal(faults.count, 0);
    cJSON_Delete(root);
}

static struct fault refused(const char *text, size_t len)
{
    struct faults faults = {0};
    cJSON *root = parse(text, len, &faults);
    if (root)
        fail_msg("taken: %s", text);
    assert_int_equal(faults.count, 1);
    struct fault fault = faults.list[0];
    faults_free(&faults);
    assert_int_equal(fault.index, 5);
    return fault;
}

static void assert_refused(const char *text, size_t len, enum fault_code code)
{
    struct fault fault = refused(text, len);
    if (fault.code != code)
        fail_msg("%s: %s, not %s", text, fault_name(fault.code), fault_name(code));
}

static void takes_json(void **state)
{
    (void)state;
    static const char *const good[] = {
        "{}",
        "[]",
        "null",
        "true",
        "false",
        "0",
        "\"\"",
        " \t\r\n[ ] \n",
        "-0",
        "-1",
        "10",
        "0.5",
        "1.0",
        "1e2",
        "1E+2",
        "1e-2",
        "-0.0e0",
        "1e999",
        "-1e999",
        "1e-999",
        "123456789012345678901234567890",
        "[1,2]",
        "[ 1 , 2 ]",
        "[[],[{}]]",
        "{\"a\":1}",
        "{ \"a\" : [ ] , \"b\" : { } }",
        "{\"\":1}",
        "{\"a\":1,\"A\":2}",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
        "\"\\u00e9\\u53a2\"",
        "\"\\ud83c\\udf89\"",
        "\"厢伴管家\"",
        "\"\xf0\x9f\x8e\x89\"",
        "\"\x7f\"",
        "\"\xc2\x80\"",
        "\"\xe2\x80\xa8\"",
        "\"\xef\xbb\xbf\"",
        "\"\xef\xbf\xbf\"",
        "\"\\uFFFF\"",
        "\"//\"",
        "[\"]\"]",
    };
    for (size_t i = 0; i < COUNT_OF(good); i++)
        assert_taken(good[i], strlen(good[i]));
}

#define BYTES(literal)                                                                             \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }

static void refuses_what_is_not_json(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t len;
    } bad[] = {
        BYTES(""),
        BYTES(" "),
        BYTES("\n"),
        BYTES("01"),
        BYTES("-01"),
        BYTES("00"),
        BYTES("1."),
        BYTES(".5"),
        BYTES("1.e2"),
        BYTES("1e"),
        BYTES("1e+"),
        BYTES("+1"),
        BYTES("-"),
        BYTES("--1"),
        BYTES("0x10"),
        BYTES("1_000"),
        BYTES("1,000"),
        BYTES("NaN"),
        BYTES("Infinity"),
        BYTES("-Infinity"),
        BYTES("nul"),
        BYTES("nulll"),
        BYTES("True"),
        BYTES("TRUE"),
        BYTES("'a'"),
        BYTES("a"),
        BYTES("["),
        BYTES("]"),
        BYTES("{"),
        BYTES("}"),
        BYTES("[1"),
        BYTES("[1,"),
        BYTES("[1,]"),
        BYTES("[,1]"),
        BYTES("[1 2]"),
        BYTES("[1}"),
        BYTES("{\"a\":1]"),
        BYTES("{\"a\"}"),
        BYTES("{\"a\":}"),
        BYTES("{\"a\" 1}"),
        BYTES("{\"a\":1,}"),
        BYTES("{,\"a\":1}"),
        BYTES("{a:1}"),
        BYTES("{1:1}"),
        BYTES("{'a':1}"),
        BYTES("{null:1}"),
        BYTES("{\"a\":1 \"b\":2}"),
        BYTES("{\"a\"::1}"),
        BYTES("1 2"),
        BYTES("{} {}"),
        BYTES("{}x"),
        BYTES("[]]"),
        BYTES("null,"),
        BYTES("\""),
        BYTES("\"a"),
        BYTES("\"a\\\""),
        BYTES("\"\\\""),
        BYTES("\"\\x\""),
        BYTES("\"\\a\""),
        BYTES("\"\\'\""),
        BYTES("\"\\u12\""),
        BYTES("\"\\u12g4\""),
        BYTES("\"\\u\""),
        BYTES("\"\\U0041\""),
        BYTES("\"\\ud83c\\u\""),
        BYTES("\"\n\""),
        BYTES("\"\t\""),
        BYTES("\"\x01\""),
        BYTES("\"\x1f\""),
        BYTES("\"\\\n\""),
        BYTES("\"\0\""),
        BYTES("{}\0"),
        BYTES("\0{}"),
        BYTES("[1\0]"),
        BYTES("\xef\xbb\xbf{}"),
        BYTES("\xfe\xff\0{\0}"),
        BYTES("{\0}\0"),
        BYTES("\xc2\xa0{}"),
        BYTES("\x0b{}"),
        BYTES("\x0c{}"),
        BYTES("\"\x80\""),
        BYTES("\"\xc0\x80\""),
        BYTES("\"\xc1\xbf\""),
        BYTES("\"\xe0\x80\x80\""),
        BYTES("\"\xed\xa0\x80\""),
        BYTES("\"\xed\xbf\xbf\""),
        BYTES("\"\xf0\x80\x80\x80\""),
        BYTES("\"\xf4\x90\x80\x80\""),
        BYTES("\"\xf8\x88\x80\x80\x80\""),
        BYTES("\"\xff\""),
        BYTES("\"\xe5\x8e\""),
        BYTES("\"\xe5\x8e"),
        BYTES("{\"\xff\":1}"),
        BYTES("// c\n{}"),
        BYTES("/* c */{}"),
        BYTES("{} // c"),
        BYTES("[1,/**/2]"),
        BYTES("{\"a\":undefined}"),
        BYTES("[1,,2]"),
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_refused(bad[i].text, bad[i].len, FAULT_NOT_JSON);
}

static void says_where_and_what(void **state)
{
    (void)state;
    static const struct {
        const char *text, *detail;
    } cases[] = {
        {"", "byte 0: expected a value, met the end"},
        {"[1,]", "byte 3: expected a value, met ]"},
        {"01", "byte 1: expected nothing more, met 1"},
        {"{\"a\":1 x", "byte 7: expected a comma or }, met x"},
        {"{\"a\" 1}", "byte 5: expected a colon, met 1"},
        {"\"a\nb\"", "byte 2: expected a valid UTF-8 character, met 0x0a"},
        {"\"a\\x\"", "byte 2: expected a valid escape, met \\"},
        {"[1.]", "byte 3: expected a digit, met ]"},
        {"\xef\xbb\xbf{}", "byte 0: expected a value, met 0xef"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_string_equal(refused(cases[i].text, strlen(cases[i].text)).detail, cases[i].detail);
}

/* A file or a body without a byte is an empty buffer, which has no text at all. */
static void refuses_an_empty_buffer(void **state)
{
    (void)state;
    struct faults faults = {0};
    int line = 0;
    assert_null(json_parse(NULL, 0, -1, &faults));
    assert_null(json_parse_file(NULL, 0, &line, &faults));
    assert_int_equal(line, 1);
    assert_int_equal(faults.count, 2);
    for (size_t i = 0; i < faults.count; i++)
        assert_string_equal(faults.list[i].detail, "byte 0: expected a value, met the end");
    faults_free(&faults);
}

static void refuses_nul_and_lone_surrogates(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "\"\\u0000\"",        "\"a\\u0000b\"",
        "{\"a\\u0000\":1}",   "\"\\ud83c\"",
        "\"\\udf89\"",        "\"\\ud83cx\"",
        "\"\\ud83c\\n\"",     "\"\\ud83c\\ud83c\"",
        "\"\\udf89\\ud83c\"", "[1,{\"a\":\"\\ud800\"}]",
        "\"\\uD800\\u0041\"",
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_refused(bad[i], strlen(bad[i]), FAULT_BAD_STRING);
}

static void refuses_a_key_twice(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "{\"a\":1,\"a\":1}",
        "{\"a\":1,\"b\":2,\"a\":3}",
        "[{\"x\":{\"a\":1,\"a\":2}}]",
        "{\"a\":1,\"\\u0061\":2}",
        "{\"\\u0061\":1,\"a\":2}",
        "{\"\":1,\"\":2}",
        "{\"/\":1,\"\\/\":2}",
        "{\"\\u53a2\":1,\"厢\":2}",
        "{\"\\ud83c\\udf89\":1,\"\xf0\x9f\x8e\x89\":2}",
        "{\"a\":{\"b\":1},\"a\":2}",
        "{\"\\u0041\":1,\"\\u0041\":2}",
    };
    static const char *const good[] = {
        "[{\"a\":1},{\"a\":1}]",     "{\"a\":{\"a\":{\"a\":1}}}",   "{\"a\":1,\"ab\":2}",
        "{\"ab\":1,\"a\\u0063\":2}", "{\"a\":[{\"b\":1}],\"b\":2}", "{\"\\u0061\":1,\"aa\":2}",
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_refused(bad[i], strlen(bad[i]), FAULT_DUPLICATE_KEY);
    for (size_t i = 0; i < COUNT_OF(good); i++)
        assert_taken(good[i], strlen(good[i]));
    struct fault f = refused("{\"at\":1,\"at\":2}", 15);
    assert_string_equal(f.field, "at");
    assert_string_equal(f.detail, "byte 8");
}

/* DEPTH brackets opened and closed. */
static char *nested(size_t depth, const char *open, const char *close)
{
    size_t o = strlen(open), c = strlen(close);
    char *text = malloc(depth * (o + c) + 1);
    for (size_t i = 0; i < depth; i++) {
        memcpy(text + i * o, open, o);
        memcpy(text + depth * o + i * c, close, c);
    }
    text[depth * (o + c)] = '\0';
    return text;
}

static void bounds_depth_without_recursing(void **state)
{
    (void)state;
    static const struct {
        const char *open, *close;
    } shapes[] = {{"[", "]"}, {"[[", "]]"}, {"[{\"a\":", "}]"}};
    for (size_t s = 0; s < COUNT_OF(shapes); s++) {
        size_t each = s == 0 ? 1 : 2;
        char *at_limit = nested(JSON_DEPTH_MAX / each, shapes[s].open, shapes[s].close);
        char *beyond = nested(JSON_DEPTH_MAX / each + 1, shapes[s].open, shapes[s].close);
        char *abyss = nested(200000, shapes[s].open, shapes[s].close);
        if (s != 2) /* without a value inside the third isn't JSON */
            assert_taken(at_limit, strlen(at_limit));
        assert_refused(beyond, strlen(beyond), s == 2 ? FAULT_NOT_JSON : FAULT_TOO_DEEP);
        assert_refused(abyss, strlen(abyss), s == 2 ? FAULT_NOT_JSON : FAULT_TOO_DEEP);
        assert_refused(abyss, strlen(abyss) - 1, FAULT_NOT_JSON); /* the last bracket is missing */
        free(at_limit);
        free(beyond);
        free(abyss);
    }
    char *open_only = nested(100000, "[", "");
    assert_refused(open_only, strlen(open_only), FAULT_NOT_JSON);
    free(open_only);
}

/* An object of N keys, the last a copy of the first if TWICE. */
static char *object(int n, bool twice)
{
    struct buf b = {0};
    buf_adds(&b, "{");
    for (int i = 0; i < n; i++)
        buf_addf(&b, "%s\"k%d\":%d", i ? "," : "", twice && i == n - 1 ? 0 : i, i);
    buf_adds(&b, "}");
    return buf_take(&b, NULL);
}

static void bounds_the_keys_of_an_object(void **state)
{
    (void)state;
    static const struct {
        int keys;
        bool twice;
        enum fault_code code;
    } cases[] = {
        {JSON_KEYS_MAX, true, FAULT_DUPLICATE_KEY},
        {JSON_KEYS_MAX + 1, false, FAULT_TOO_MANY},
        {50000, false, FAULT_TOO_MANY},
    };
    char *full = object(JSON_KEYS_MAX, false);
    assert_taken(full, strlen(full));
    free(full);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char *text = object(cases[i].keys, cases[i].twice);
        assert_refused(text, strlen(text), cases[i].code);
        assert_refused(text, strlen(text) - 1, FAULT_NOT_JSON);
        free(text);
    }
}

static void keeps_what_was_said(void **state)
{
    (void)state;
    const char *text =
        "{\"a\":\"\\ud83c\\udf89\\u53a2\\/\\n\",\"b\":[1.5,-2e3,true,null],\"c\":{}}";
    struct faults faults = {0};
    cJSON *root = parse(text, strlen(text), &faults);
    assert_string_equal(cJSON_GetObjectItemCaseSensitive(root, "a")->valuestring,
                        "\xf0\x9f\x8e\x89厢/\n");
    char *printed = cJSON_PrintUnformatted(root);
    assert_string_equal(printed,
                        "{\"a\":\"\xf0\x9f\x8e\x89厢/\\n\",\"b\":[1.5,-2000,true,null],\"c\":{}}");
    cJSON_free(printed);
    cJSON_Delete(root);
}

/* A number of any length is JSON; what it means is kept. */
static void reads_numbers_of_any_length(void **state)
{
    (void)state;
    struct buf text = {0};
    buf_addf(&text, "[%0500d, -0.%0400d1, 1%0400d, -1%0400d, 3, 0.5%0100de1]", 0, 0, 0, 0, 0);
    text.data[1] = '7'; /* 7000… */
    struct faults faults = {0};
    cJSON *root = parse(text.data, text.len, &faults);
    assert_non_null(root);
    assert_int_equal(cJSON_GetArraySize(root), 6);
    static const double expected[] = {HUGE_VAL, 0, HUGE_VAL, -HUGE_VAL, 3, 5};
    for (int i = 0; i < 6; i++) {
        double value = cJSON_GetArrayItem(root, i)->valuedouble;
        if (!(value == expected[i]))
            fail_msg("item %d is %g", i, value);
    }
    cJSON_Delete(root);
    buf_free(&text);
}

static void tells_integers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool integer;
        int64_t value;
    } cases[] = {
        {"0", true, 0},
        {"-0", true, 0},
        {"100000", true, 100000},
        {"1.0", true, 1},
        {"1e2", true, 100},
        {"-5", true, -5},
        {"9007199254740991", true, INT64_C(9007199254740991)},
        {"-9007199254740991", true, -INT64_C(9007199254740991)},
        {"9007199254740992", false, 0},
        {"9007199254740993", false, 0},
        {"1e300", false, 0},
        {"1e999", false, 0},
        {"-1e999", false, 0},
        {"0.5", false, 0},
        {"1e-2", false, 0},
        {"\"5\"", false, 0},
        {"true", false, 0},
        {"null", false, 0},
        {"[5]", false, 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct faults faults = {0};
        int64_t value = 0;
        cJSON *root = parse(cases[i].text, strlen(cases[i].text), &faults);
        if (json_integer(root, &value) != cases[i].integer || value != cases[i].value)
            fail_msg("%s", cases[i].text);
        cJSON_Delete(root);
    }
    int64_t value;
    assert_false(json_integer(NULL, &value));
}

/* Whatever is done to a good text, it is judged without harm, and what is taken can be read. */
static void survives_damage(void **state)
{
    (void)state;
    static const char seed[] = "[{\"id\":\"a-1\",\"at\":\"2026-01-01T00:00:00Z\",\"n\":-1.5e3,"
                               "\"\\u5382\":[true,null,\"厢\\ud83c\\udf89\"]},{\"x\":{}}]";
    static const char bytes[] = "{}[],:\"\\u0019eE+-. \n\x80\xe5\xff";
    uint32_t random = 20261124;
    for (int round = 0; round < 200000; round++) {
        char text[sizeof seed];
        memcpy(text, seed, sizeof seed);
        for (int i = 0; i < 1 + round % 3; i++) {
            random = random * 1664525u + 1013904223u;
            text[(random >> 8) % (sizeof seed - 1)] = bytes[(random >> 24) % sizeof bytes];
        }
        size_t len = round % 4 ? sizeof seed - 1 : (random >> 4) % sizeof seed;
        struct faults faults = {0};
        cJSON *root = parse(text, len, &faults);
        assert_int_equal(faults.count, root ? 0 : 1);
        if (faults.count)
            assert_string_not_equal(faults.list[0].detail, "the parser gave up");
        cJSON_Delete(root);
        faults_free(&faults);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_json),
        cmocka_unit_test(refuses_what_is_not_json),
        cmocka_unit_test(says_where_and_what),
        cmocka_unit_test(refuses_an_empty_buffer),
        cmocka_unit_test(refuses_nul_and_lone_surrogates),
        cmocka_unit_test(refuses_a_key_twice),
        cmocka_unit_test(bounds_depth_without_recursing),
        cmocka_unit_test(bounds_the_keys_of_an_object),
        cmocka_unit_test(keeps_what_was_said),
        cmocka_unit_test(reads_numbers_of_any_length),
        cmocka_unit_test(tells_integers),
        cmocka_unit_test(survives_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

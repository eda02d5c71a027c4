#include "unit.h"

#include "fault.h"
#include "utf8.h"

#include <string.h>

static struct fault make(enum fault_code code, const char *field, const char *detail)
{
    struct faults faults = {0};
    faults_add(&faults, code, 3, field, "%s", detail);
    struct fault fault = faults.list[0];
    faults_free(&faults);
    return fault;
}

static void names_are_the_contract(void **state)
{
    (void)state;
    static const char *const names[] = {
        "not_json",      "not_an_object",    "duplicate_key", "bad_string",    "too_deep",
        "too_many",      "no_events",        "unknown_field", "missing_field", "wrong_type",
        "bad_id",        "bad_text",         "bad_time",      "in_the_future", "out_of_range",
        "unknown_value", "not_in_catalogue", "retired",       "either_or",     "mismatch",
        "personal_data",
    };
    assert_int_equal(COUNT_OF(names), FAULT_COUNT);
    for (int code = 0; code < FAULT_COUNT; code++)
        assert_string_equal(fault_name((enum fault_code)code), names[code]);
}

static void says_what_where_and_what_is_allowed(void **state)
{
    (void)state;
    static const struct {
        enum fault_code code;
        const char *field, *detail, *en, *zh;
    } cases[] = {
        {FAULT_OUT_OF_RANGE, "residents", "0 to 100,000",
         "field \"residents\" is out of range: 0 to 100,000",
         "字段 residents 超出范围：允许 0 至 100,000"},
        {FAULT_UNKNOWN_FIELD, "titel", "id, kind, at, title",
         "field \"titel\" is not known here; allowed: id, kind, at, title",
         "字段 titel 未知：允许 id, kind, at, title"},
        {FAULT_WRONG_TYPE, "title", "string", "field \"title\" has the wrong type; allowed: string",
         "字段 title 类型错误：允许字符串"},
        {FAULT_NO_EVENTS, "", "", "the request holds no event", "请求不含任何事件"},
        {FAULT_NOT_JSON, "", "byte 7: expected a comma or }, met x",
         "the text is not valid JSON: byte 7: expected a comma or }, met x",
         "内容不是合法的 JSON：字节 7：应为逗号或 }，遇到 x"},
        {FAULT_EITHER_OR, "residents", "exactly one of residents, resident",
         "field \"residents\" is one of a choice that isn't met; needed: exactly one of residents, "
         "resident",
         "字段 residents 的取舍不符合要求：需要恰有其一：residents, resident"},
        {FAULT_NOT_IN_CATALOGUE, "unit", "a string to object",
         "field \"unit\" is not in the catalogue: a string to object",
         "字段 unit 不在目录中：a string to object"},
        {FAULT_MISMATCH, "name", "a name that no token has yet",
         "field \"name\" contradicts another field: a name that no token has yet",
         "字段 name 与其他字段矛盾：须是没有令牌在用的名称；要重发，先作废旧的"},
        {FAULT_MISMATCH, "of", "an empty store or so",
         "field \"of\" contradicts another field: an empty store or so",
         "字段 of 与其他字段矛盾：an empty store or so"},
        {FAULT_BAD_TIME, "at", "",
         "field \"at\" must be RFC 3339 with a zone, such as 2026-11-24T13:05:09+08:00",
         "字段 at 必须是带时区的 RFC 3339 时间，如 2026-11-24T13:05:09+08:00"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char out[400];
        struct fault f = make(cases[i].code, cases[i].field, cases[i].detail);
        assert_int_equal(f.index, 3);
        assert_string_equal(fault_message(&f, LANG_EN, out, sizeof out), cases[i].en);
        assert_string_equal(fault_message(&f, LANG_ZH, out, sizeof out), cases[i].zh);
    }
}

static void every_code_has_words_in_both_languages(void **state)
{
    (void)state;
    for (int code = 0; code < FAULT_COUNT; code++) {
        struct fault bare = make((enum fault_code)code, "", ""), full = bare;
        strcpy(full.field, "field-name");
        strcpy(full.detail, "detail-7");
        for (int lang = 0; lang < 2; lang++) {
            char out[400];
            fault_message(&bare, (enum language)lang, out, sizeof out);
            assert_in_range(strlen(out), 10, 200);
            fault_message(&full, (enum language)lang, out, sizeof out);
            assert_non_null(strstr(out, "field-name"));
            assert_non_null(strstr(out, "detail-7"));
        }
    }
}

static void assert_utf8(const char *text)
{
    uint32_t c;
    for (size_t n; *text; text += n) {
        n = utf8_next(text, strlen(text), &c);
        assert_int_not_equal(n, 0);
    }
}

static void never_cuts_a_character(void **state)
{
    (void)state;
    char wide[601] = "";
    for (int i = 0; i < 200; i++)
        strcat(wide, "厢");
    for (size_t shift = 0; shift < 3; shift++) {
        char text[700];
        strcpy(text, &"ab"[2 - shift]);
        strcat(text, wide);
        struct fault f = make(FAULT_UNKNOWN_FIELD, text, text);
        assert_utf8(f.field);
        assert_utf8(f.detail);
        assert_in_range(strlen(f.field), 69, 71);
        assert_in_range(strlen(f.detail), 197, 199);
        for (size_t size = 1; size < 120; size++) {
            char out[120];
            fault_message(&f, LANG_ZH, out, size);
            assert_in_range(strlen(out), 0, size - 1);
            assert_utf8(out);
        }
    }
}

/* A name that was cut elsewhere in the middle of a character ends before it. */
static void drops_half_a_character(void **state)
{
    (void)state;
    struct fault f = make(FAULT_UNKNOWN_FIELD, "ab\xe5\x8e", "\xff");
    assert_string_equal(f.field, "ab");
    assert_string_equal(f.detail, "");
}

static void holds_many(void **state)
{
    (void)state;
    struct faults faults = {0};
    for (int i = 0; i < 5000; i++)
        faults_add(&faults, FAULT_BAD_ID, i, "id", "%d", i);
    assert_int_equal(faults.count, 5000);
    assert_int_equal(faults.list[4999].index, 4999);
    assert_string_equal(faults.list[4999].detail, "4999");
    faults_free(&faults);
    assert_int_equal(faults.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_the_contract),
        cmocka_unit_test(says_what_where_and_what_is_allowed),
        cmocka_unit_test(every_code_has_words_in_both_languages),
        cmocka_unit_test(never_cuts_a_character),
        cmocka_unit_test(drops_half_a_character),
        cmocka_unit_test(holds_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

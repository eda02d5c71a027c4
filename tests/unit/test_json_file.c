#include "unit.h"

#include "json.h"

#include <string.h>

static const char file[] = "{ // the head\n"
                           "  \"http\": {\n"
                           "    \"listen\": \"a//b\", // not this: {\n"
                           "    \"origins\": [\"x\\\"//\",\n"
                           "      \"y\"]\n"
                           "  },\n"
                           "  \"units\": [ {\"id\": 1}, [2, [3]],\n"
                           "    5, {\"id\":\n"
                           "      2, \"b\": null} ]\n"
                           "}\n";

static void strips_comments(void **state)
{
    (void)state;
    char text[sizeof file];
    memcpy(text, file, sizeof file);
    json_strip_comments(text, sizeof file - 1);
    assert_null(strstr(text, "head"));
    assert_null(strstr(text, "not this"));
    assert_non_null(strstr(text, "\"a//b\""));
    assert_non_null(strstr(text, "\"x\\\"//\""));
    assert_int_equal(strlen(text), sizeof file - 1);
    struct faults faults = {0};
    cJSON *root = json_parse(text, sizeof file - 1, -1, &faults);
    assert_non_null(root);
    cJSON_Delete(root);

    char odd[] = "\"\\\\\" // c\n/ \"open // s\n// x";
    json_strip_comments(odd, sizeof odd - 1);
    assert_string_equal(odd, "\"\\\\\"     \n/ \"open // s\n    ");
}

static void finds_lines(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        int line;
    } cases[] = {
        {"", 1},
        {"http", 2},
        {"http.listen", 3},
        {"http.origins", 4},
        {"http.origins[0]", 4},
        {"http.origins[1]", 5},
        {"http.origins[2]", 0},
        {"units", 7},
        {"units[0]", 7},
        {"units[0].id", 7},
        {"units[1][1][0]", 7},
        {"units[2]", 8},
        {"units[3]", 8},
        {"units[3].id", 9},
        {"units[3].b", 9},
        {"units[4]", 0},
        {"units[2].id", 0},
        {"units.id", 0},
        {"http.", 0},
        {"nothing", 0},
        {"http.listen.x", 0},
        {"http[0]", 0},
        {"units[x]", 0},
    };
    char text[sizeof file];
    memcpy(text, file, sizeof file);
    json_strip_comments(text, sizeof file - 1);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int line = json_line(text, sizeof file - 1, cases[i].path);
        if (line != cases[i].line)
            fail_msg("%s: line %d", cases[i].path, line);
    }
    size_t n = 0;
    const char *raw = json_raw(text, sizeof file - 1, "units[1]", &n);
    assert_int_equal(n, 8);
    assert_memory_equal(raw, "[2, [3]]", 8);
    assert_null(json_raw(text, sizeof file - 1, "units[9]", &n));
}

static void says_the_line_of_a_file(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int line;
    } cases[] = {
        {"{\"a\": 1}", 0}, {"{\n\"a\": 01}", 2}, {"{\"a\":\n1,\n\n\"a\": 2}", 4}, {"\n\n", 3}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct faults faults = {0};
        int line = -1;
        cJSON *root = json_parse_file(cases[i].text, strlen(cases[i].text), &line, &faults);
        assert_int_equal(line, cases[i].line);
        cJSON_Delete(root);
        faults_free(&faults);
    }
}

static void shows_values(void **state)
{
    (void)state;
    char out[16];
    cJSON *item = cJSON_Parse("[1,\"two\"]");
    assert_string_equal(json_show(item, out, sizeof out), "[1,\"two\"]");
    cJSON_Delete(item);
    item = cJSON_CreateString("厢伴管家厢伴管家");
    assert_string_equal(json_show(item, out, sizeof out), "\"厢伴管…");
    cJSON_Delete(item);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strips_comments),
        cmocka_unit_test(finds_lines),
        cmocka_unit_test(says_the_line_of_a_file),
        cmocka_unit_test(shows_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What an operator may write in screen.json, and how a mistake is told. */
#include "unit.h"

#include "buf.h"
#include "json.h"
#include "layout_wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *told(const char *text)
{
    struct complaints complaints = {0};
    struct buf out = {0};
    char *plain = mem_string(text);
    json_strip_comments(plain, strlen(plain));
    layout_check(plain, strlen(plain), &complaints);
    for (size_t i = 0; i < complaints.count; i++)
        buf_addf(&out, "%d %s: %s\n", complaints.list[i].line, complaints.list[i].field,
                 complaints.list[i].message);
    complaints_free(&complaints);
    free(plain);
    return buf_take(&out, NULL);
}

static void what_ships_is_right(void **state)
{
    (void)state;
    static char text[65536];
    static const char *const files[] = {TALLYD_CONFIG_FOLDER "/screen.json",
                                        TALLYD_CONFIG_FOLDER "/screen-district.json"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        FILE *f = fopen(files[i], "r");
        assert_non_null(f);
        size_t n = fread(text, 1, sizeof text - 1, f);
        fclose(f);
        assert_true(n > 1000);
        text[n] = '\0';
        char *got = told(text);
        assert_string_equal(got, "");
        free(got);
    }
}

static void right_ones_pass(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "{}",
        "{\"title\": \"\", \"language\": \"en\", \"motto\": \"x\", \"drift\": false, \"quiet\": "
        "null}",
        "{\"quiet\": \"23:59\", \"themes\": {\"00:00\": \"hall\", \"19:30\": \"office\"}}",
        "{\"wall\": {\"ratio\": 3.71, \"seams\": {\"columns\": [0.3, 0.7], \"rows\": [], \"gap\": "
        "0}}}",
        "{\"wall\": {\"ratio\": null}}",
        "{\"scenes\": [{\"id\": \"a\", \"title\": \"t\", \"seconds\": 5, \"each\": \"circle\","
        " \"ultra\": false, \"wide\": {\"top\": [{\"panel\": \"headline\", \"height\": 160}],"
        " \"columns\": [{\"width\": 1, \"panels\": [\"trend\", \"feed:2.5\"]}]}}]}",
        "{\"flow\": [{\"panel\": \"projects\", \"round\": \"first\"}, {\"panel\": \"trend\", "
        "\"step\": "
        "\"month\"}]}",
        "{\"frame\": {\"title\": \"t\", \"parts\": [{\"number\": \"1\", \"label\": \"l\", "
        "\"lines\": [\"a\"]}], \"note\": \"n\"}}",
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *got = told(cases[i]);
        assert_string_equal(got, "");
        free(got);
    }
}

static void mistakes_are_told_by_their_place(void **state)
{
    (void)state;
    static const struct {
        const char *text, *start;
    } cases[] = {
        {"[1]", "1 : found [1]; allowed: an object"},
        {"{\"drift\": true,\n}", "2 : the text is not valid JSON"},
        {"{\n\"languge\": \"zh\"}", "2 languge: unknown key; allowed: title, language, motto,"},
        {"{\"language\": \"fr\"}", "1 language: found \"fr\"; allowed: \"zh\" or \"en\""},
        {"{\"title\": 1}", "1 title: found 1; allowed: a text"},
        {"{\"drift\": \"yes\"}", "1 drift: found \"yes\"; allowed: true or false"},
        {"{\"quiet\": \"24:00\"}", "1 quiet: found \"24:00\"; allowed: null or \"HH:MM\""},
        {"{\"quiet\": \"3:40\"}", "1 quiet: found"},
        {"{\"quiet\": \"03:400\"}", "1 quiet: found"},
        {"{\"wall\": {\"ratio\": 40}}", "1 wall.ratio: found 40; allowed: null or a number"},
        {"{\"wall\": {\"seam\": {}}}", "1 wall.seam: unknown key; allowed: ratio, seams"},
        {"{\"wall\": {\"seams\":\n{\"columns\": [0.7, 0.3]}}}",
         "2 wall.seams.columns: found [0.7,0.3]"},
        {"{\"wall\": {\"seams\": {\"rows\": [1]}}}", "1 wall.seams.rows: found [1]"},
        {"{\"wall\": {\"seams\": {\"rows\": 1}}}", "1 wall.seams.rows: found 1"},
        {"{\"wall\": {\"seams\": {\"gap\": 201}}}", "1 wall.seams.gap: found 201"},
        {"{\"themes\": {\"7:00\": \"hall\"}}",
         "1 themes.7:00: unknown key; allowed: a time of day"},
        {"{\"themes\": {\"07:00\": \"dark\"}}",
         "1 themes.07:00: found \"dark\"; allowed: \"hall\""},
        {"{\"scenes\": []}", "1 scenes: found []; allowed: a list of scenes"},
        {"{\"scenes\": [5]}", "1 scenes[0]: found 5; allowed: an object"},
        {"{\"scenes\": [{\"id\": \"x\"}]}", "1 scenes[0]: shows nothing"},
        {"{\"scenes\": [{\"wide\": {}}]}", "1 scenes[0].wide.columns: missing"},
        {"{\"scenes\": [{\"wide\": {\"columns\": [{\"panels\": [\"trend\",\n\"trends:4\"]}]}}]}",
         "2 scenes[0].wide.columns[0].panels[1]: found \"trends:4\"; allowed: circle circles"},
        {"{\"scenes\": [{\"seconds\": 4, \"wide\": {\"columns\": [{\"panels\": [\"feed\"]}]}}]}",
         "1 scenes[0].seconds: found 4"},
        {"{\"scenes\": [{\"each\": \"unit\", \"wide\": {\"columns\": [{\"panels\": "
         "[\"feed\"]}]}}]}",
         "1 scenes[0].each: found \"unit\""},
        {"{\"flow\": [\"weather\"]}", "1 flow[0]: found \"weather\"; allowed: circle circles"},
        {"{\"flow\": [\"trend:\"]}", "1 flow[0]: found \"trend:\"; allowed: a panel's name"},
        {"{\"flow\": [\"trend:-1\"]}", "1 flow[0]: found"},
        {"{\"flow\": [\"trend:4x\"]}", "1 flow[0]: found"},
        {"{\"flow\": [7]}", "1 flow[0]: found 7"},
        {"{\"flow\": [{\"size\": 1}]}", "1 flow[0].panel: missing; allowed: circle"},
        {"{\"flow\": [{\"panel\": \"feeds\"}]}",
         "1 flow[0].panel: found \"feeds\"; allowed: circle"},
        {"{\"flow\": [{\"panel\": 3}]}", "1 flow[0].panel: found 3; allowed: a panel's name"},
        {"{\"flow\": [{\"panel\": \"projects\", \"round\": \"2nd\"}]}", "1 flow[0].round: found"},
        {"{\"frame\": {\"parts\": [{\"lines\": [1]}]}}", "1 frame.parts[0].lines[0]: found 1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *got = told(cases[i].text);
        if (strncmp(got, cases[i].start, strlen(cases[i].start)) != 0)
            fail_msg("%s\n  tells: %s  not: %s", cases[i].text, got, cases[i].start);
        free(got);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_ships_is_right),
        cmocka_unit_test(right_ones_pass),
        cmocka_unit_test(mistakes_are_told_by_their_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

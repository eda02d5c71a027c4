#include "unit.h"

#include "catalogue.h"
#include "catalogue_wire.h"
#include "json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the catalogue itself ---- */

static void names_metrics_and_dimensions(void **state)
{
    (void)state;
    static const char *const metrics[] = {"activities",      "venues",          "residents",
                                          "problems_raised", "problems_solved", "residents_unique"};
    static const char *const dimensions[] = {"circle", "community", "unit", "project", "category"};
    assert_int_equal(COUNT_OF(metrics), METRIC_COUNT);
    for (int m = 0; m < METRIC_COUNT; m++)
        assert_int_equal(metric_find(metrics[m]), m);
    for (int d = DIM_CIRCLE; d < DIM_COUNT; d++)
        assert_int_equal(dimension_find(dimensions[d - DIM_CIRCLE]), d);
    assert_int_equal(metric_find("events"), -1);
    assert_int_equal(metric_find(NULL), -1);
    assert_int_equal(dimension_find(""), -1);
    assert_int_equal(dimension_find(NULL), -1);
}

static struct catalogue *small(void)
{
    struct catalogue *c = catalogue_new("chengxiang", "城厢");
    catalogue_add(c, DIM_CIRCLE, "c1", "圈一", NULL);
    catalogue_add(c, DIM_COMMUNITY, "s1", "社区一", "c1");
    catalogue_add(c, DIM_UNIT, "u2", "单位二", NULL);
    catalogue_add(c, DIM_UNIT, "u1", "单位一", NULL);
    catalogue_add(c, DIM_CATEGORY, "k1", "类别", NULL);
    struct entry *p = catalogue_add(c, DIM_PROJECT, "p1", "项目", "k1");
    catalogue_lead(c, p, "u1");
    return c;
}

static void finds_by_id_and_keeps_the_order(void **state)
{
    (void)state;
    struct catalogue *c = small();
    assert_string_equal(catalogue_id(c), "chengxiang");
    assert_string_equal(catalogue_name(c), "城厢");
    assert_string_equal(catalogue_find(c, DIM_UNIT, "u1")->name, "单位一");
    assert_null(catalogue_find(c, DIM_UNIT, "c1"));
    assert_null(catalogue_find(c, DIM_UNIT, ""));
    assert_null(catalogue_find(c, DIM_UNIT, NULL));
    assert_null(catalogue_find(c, DIM_TOTAL, "c1"));
    assert_int_equal(catalogue_count(c, DIM_UNIT), 2);
    assert_int_equal(catalogue_count(c, DIM_TOTAL), 0);
    assert_string_equal(catalogue_at(c, DIM_UNIT, 0)->id, "u2");
    assert_string_equal(catalogue_at(c, DIM_UNIT, 1)->id, "u1");
    assert_null(catalogue_at(c, DIM_UNIT, 2));
    catalogue_free(c);
    catalogue_free(NULL);
}

static void knows_parents_and_leads(void **state)
{
    (void)state;
    struct catalogue *c = small();
    assert_ptr_equal(catalogue_find(c, DIM_COMMUNITY, "s1")->parent,
                     catalogue_find(c, DIM_CIRCLE, "c1"));
    const struct entry *p = catalogue_find(c, DIM_PROJECT, "p1");
    assert_ptr_equal(p->parent, catalogue_find(c, DIM_CATEGORY, "k1"));
    assert_int_equal(p->lead_count, 1);
    assert_ptr_equal(p->leads[0], catalogue_find(c, DIM_UNIT, "u1"));
    assert_null(catalogue_find(c, DIM_UNIT, "u1")->parent);
    catalogue_free(c);
}

static void refuses_repeats_and_orphans(void **state)
{
    (void)state;
    struct catalogue *c = small();
    assert_null(catalogue_add(c, DIM_CIRCLE, "c1", "again", NULL));
    assert_null(catalogue_add(c, DIM_COMMUNITY, "s2", "no circle", "c9"));
    assert_null(catalogue_add(c, DIM_COMMUNITY, "s2", "no circle", NULL));
    assert_null(catalogue_add(c, DIM_PROJECT, "p2", "a circle, no category", "c1"));
    assert_null(catalogue_add(c, DIM_TOTAL, "t", "no such list", NULL));
    struct entry *p = catalogue_add(c, DIM_PROJECT, "p2", "项目二", "k1");
    assert_int_equal(catalogue_lead(c, p, "nobody"), -1);
    assert_int_equal(p->lead_count, 0);
    assert_non_null(catalogue_add(c, DIM_UNIT, "c1", "another list", NULL));
    catalogue_free(c);
}

/* ---- its file ---- */

static const char head[] = "{\"alliance\":{\"id\":\"a\",\"name\":\"A\"},\n";
static const char rest[] = "\"circles\":[{\"id\":\"c1\",\"name\":\"C\"}],\n"
                           "\"communities\":[{\"id\":\"s1\",\"name\":\"S\",\"circle\":\"c1\"}],\n"
                           "\"units\":[{\"id\":\"u1\",\"name\":\"U\"}],\n"
                           "\"categories\":[{\"id\":\"k1\",\"name\":\"K\"}],\n"
                           "\"projects\":[{\"id\":\"p1\",\"name\":\"P\",\"category\":\"k1\",\n"
                           "  \"units\":[\"u1\"],\"round\":\"2024\",\"status\":\"running\"}]";

/* The text with FROM turned into TO. */
static char *changed(const char *text, const char *from, const char *to)
{
    struct buf b = {0};
    const char *at = strstr(text, from);
    assert_non_null(at);
    buf_add(&b, text, (size_t)(at - text));
    buf_adds(&b, to);
    buf_adds(&b, at + strlen(from));
    return buf_take(&b, NULL);
}

static char *small_file(void)
{
    struct buf b = {0};
    buf_addf(&b, "%s%s,\n\"opening\":[{\"n\": 1e2}]}", head, rest);
    return buf_take(&b, NULL);
}

static void reads_and_writes(void **state)
{
    (void)state;
    char *text = small_file(), *opening = NULL;
    struct complaints complaints = {0};
    struct buf out = {0};
    struct catalogue *c = catalogue_read(text, strlen(text), &opening, &complaints);
    assert_non_null(c);
    assert_int_equal(complaints.count, 0);
    assert_string_equal(opening, "[{\"n\": 1e2}]");
    catalogue_write(c, &out);
    assert_string_equal(
        out.data,
        "{\"alliance\":{\"id\":\"a\",\"name\":\"A\"},\"circles\":[{\"id\":\"c1\",\"name\":\"C\"}],"
        "\"communities\":[{\"id\":\"s1\",\"name\":\"S\",\"circle\":\"c1\"}],"
        "\"units\":[{\"id\":\"u1\",\"name\":\"U\"}],\"categories\":[{\"id\":\"k1\",\"name\":\"K\"}]"
        ","
        "\"projects\":[{\"id\":\"p1\",\"name\":\"P\",\"category\":\"k1\",\"units\":[\"u1\"],"
        "\"round\":\"2024\",\"status\":\"running\"}]}");
    buf_free(&out);
    catalogue_free(c);
    free(opening);
    free(text);
}

static void an_empty_opening_is_none(void **state)
{
    (void)state;
    char *good = small_file(), *opening = NULL;
    char *text = changed(good, "[{\"n\": 1e2}]", "[ ]");
    struct complaints complaints = {0};
    struct catalogue *c = catalogue_read(text, strlen(text), &opening, &complaints);
    assert_non_null(c);
    assert_null(opening);
    catalogue_free(c);
    free(text);
    free(good);
}

static void what_is_retired_says_so(void **state)
{
    (void)state;
    char *good = small_file(), *opening = NULL;
    char *text = changed(good, "\"name\":\"U\"", "\"name\":\"U\",\"retired\":true");
    struct complaints complaints = {0};
    struct buf out = {0};
    struct catalogue *c = catalogue_read(text, strlen(text), &opening, &complaints);
    assert_non_null(c);
    assert_true(catalogue_find(c, DIM_UNIT, "u1")->retired);
    assert_false(catalogue_find(c, DIM_CIRCLE, "c1")->retired);
    assert_int_equal(catalogue_find(c, DIM_UNIT, "u1")->line, 4);
    catalogue_write(c, &out);
    assert_non_null(strstr(out.data, "{\"id\":\"u1\",\"name\":\"U\",\"retired\":true}"));
    buf_free(&out);
    catalogue_free(c);
    free(opening);
    free(text);
    free(good);
}

/* What is wrong with TEXT, a line each. */
static char *complaints_of(const char *text, size_t len)
{
    struct complaints complaints = {0};
    struct buf b = {0};
    char *opening = NULL;
    assert_null(catalogue_read(text, len, &opening, &complaints));
    assert_null(opening);
    assert_int_not_equal(complaints.count, 0);
    for (size_t i = 0; i < complaints.count; i++)
        buf_addf(&b, "%d %s: %s\n", complaints.list[i].line, complaints.list[i].field,
                 complaints.list[i].message);
    complaints_free(&complaints);
    return buf_take(&b, NULL);
}

#define ID_RULE     "allowed: 1 to 64 of A-Z a-z 0-9 . _ : -\n"
#define NAME_RULE   "allowed: a text of 1 to 200 characters, none of them a control character\n"
#define STATUS_RULE "allowed: \"preparing\", \"running\", \"done\"\n"

static void says_what_is_wrong_and_where(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to, *complaint;
    } cases[] = {
        {"\"id\":\"a\"", "\"id\":\"城\"", "1 alliance.id: found \"城\"; " ID_RULE},
        {"\"id\":\"a\",", "", "1 alliance.id: missing; " ID_RULE},
        {"\"name\":\"A\"", "\"nome\":\"A\"",
         "1 alliance.nome: unknown key; allowed: id, name\n1 alliance.name: missing; " NAME_RULE},
        {"\"name\":\"C\"", "\"name\":\"\"", "2 circles[0].name: found \"\"; " NAME_RULE},
        {"\"name\":\"C\"", "\"name\":\"a\\nb\"", "2 circles[0].name: found \"a\\nb\"; " NAME_RULE},
        {"\"name\":\"C\"", "\"name\":7", "2 circles[0].name: found 7; " NAME_RULE},
        {"\"circle\":\"c1\"", "\"circle\":\"c2\"",
         "3 communities[0].circle: no circle has the id \"c2\"\n"},
        {"\"name\":\"C\"", "\"name\":\"C\",\"retired\":true",
         "3 communities[0].retired: must be true too: its circle \"c1\" is retired\n"},
        {"\"name\":\"U\"", "\"name\":\"U\",\"retired\":1",
         "4 units[0].retired: found 1; allowed: true or false\n"},
        {"{\"id\":\"u1\",\"name\":\"U\"}",
         "{\"id\":\"u1\",\"name\":\"U\"},{\"id\":\"u1\",\"name\":\"V\"}",
         "4 units[1].id: \"u1\" is taken; an id stands once in units\n"},
        {"{\"id\":\"u1\",\"name\":\"U\"}", "{\"id\":\"u1\",\"name\":\"U\"},5",
         "4 units[1]: found 5; allowed: an object\n"},
        {"\"id\":\"k1\"", "\"id\":\"k 1\"",
         "5 categories[0].id: found \"k 1\"; " ID_RULE
         "6 projects[0].category: no category has the id \"k1\"\n"},
        {"[\"u1\"]", "[\"u1\",\"u1\",\"u9\",3]",
         "7 projects[0].units[1]: unit \"u1\" stands twice in this list\n"
         "7 projects[0].units[2]: no unit has the id \"u9\"\n"
         "7 projects[0].units[3]: found 3; " ID_RULE},
        {"[\"u1\"]", "{}", "7 projects[0].units: found {}; allowed: a list of unit ids\n"},
        {"\"running\"", "\"paused\"", "7 projects[0].status: found \"paused\"; " STATUS_RULE},
        {",\"status\":\"running\"", "", "6 projects[0].status: missing; " STATUS_RULE},
        {"\"opening\":[", "\"opening\":{\"x\":[],\"y\":[",
         "8 : the text is not valid JSON: byte 338: expected a comma or }, met the end\n"},
        {"\"opening\"", "\"openings\"",
         "8 openings: unknown key; allowed: alliance, circles, communities, units, categories, "
         "projects, opening\n"},
        {"\"communities\":[", "\"units\":[",
         "4 units: field \"units\" stands twice in one object: byte 119\n"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char *good = small_file(), *bad = changed(good, cases[i].from, cases[i].to);
        char *found = complaints_of(bad, strlen(bad));
        assert_string_equal(found, cases[i].complaint);
        free(found);
        free(bad);
        free(good);
    }
}

static void refuses_what_is_no_catalogue(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "[]", "null", "{", "{}", "{\"alliance\":5}", "\xff"};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        free(complaints_of(bad[i], strlen(bad[i])));
    free(complaints_of(NULL, 0)); /* as an empty buffer has it */
    char *found = complaints_of("{}", 2);
    static const char *const needed[] = {"alliance", "circles",    "communities",
                                         "units",    "categories", "projects"};
    for (size_t i = 0; i < COUNT_OF(needed); i++) {
        char line[40];
        snprintf(line, sizeof line, "1 %s: missing", needed[i]);
        assert_non_null(strstr(found, line));
    }
    free(found);
}

/* ---- the example alliance ---- */

static char *read_file(const char *name, size_t *len)
{
    struct buf b = {0};
    char path[500], chunk[4096];
    snprintf(path, sizeof path, "%s/%s", TALLYD_CONFIG_FOLDER, name);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    for (size_t n; (n = fread(chunk, 1, sizeof chunk, f)) > 0;)
        buf_add(&b, chunk, n);
    fclose(f);
    return buf_take(&b, len);
}

static struct catalogue *example(char **opening)
{
    size_t len;
    char *text = read_file("alliance.json", &len);
    struct complaints complaints = {0};
    struct catalogue *c = catalogue_read(text, len, opening, &complaints);
    if (!c)
        fail_msg("line %d: %s: %s", complaints.list[0].line, complaints.list[0].field,
                 complaints.list[0].message);
    free(text);
    return c;
}

static void the_example_is_whole(void **state)
{
    (void)state;
    static const struct {
        enum dimension dim;
        size_t count;
        const char *first, *last;
    } lists[] = {
        {DIM_CIRCLE, 7, "第一联盟圈", "第七联盟圈"}, {DIM_COMMUNITY, 35, "社区01", "社区35"},
        {DIM_UNIT, 42, "区商务局", "成员单位42"},    {DIM_CATEGORY, 8, "文化利民", "安全提升"},
        {DIM_PROJECT, 42, "初心书厢", "城和相安"},
    };
    char *opening = NULL;
    struct catalogue *c = example(&opening);
    assert_string_equal(catalogue_id(c), "chengxiang");
    assert_string_equal(catalogue_name(c), "城厢街道党建联盟");
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        assert_int_equal(catalogue_count(c, lists[i].dim), lists[i].count);
        assert_string_equal(catalogue_at(c, lists[i].dim, 0)->name, lists[i].first);
        assert_string_equal(catalogue_at(c, lists[i].dim, lists[i].count - 1)->name, lists[i].last);
    }
    assert_non_null(strstr(opening, "\"opening-2022-09-20\""));
    assert_non_null(strstr(opening, "\"residents\": 10000"));
    free(opening);
    catalogue_free(c);
}

static void the_example_spreads_as_published(void **state)
{
    (void)state;
    static const struct {
        const char *category;
        int projects;
    } published[] = {{"文化利民", 5}, {"服务惠民", 11}, {"治理安民", 4}, {"发展提质", 2},
                     {"硬件提标", 6}, {"服务提档", 5},  {"治理提效", 5}, {"安全提升", 4}};
    char *opening = NULL;
    struct catalogue *c = example(&opening);
    int of_category[8] = {0}, of_circle[7] = {0}, housekeepers = 0;
    for (size_t i = 0; i < catalogue_count(c, DIM_PROJECT); i++) {
        const struct entry *p = catalogue_at(c, DIM_PROJECT, i);
        for (size_t k = 0; k < COUNT_OF(published); k++)
            of_category[k] += strcmp(p->parent->name, published[k].category) == 0;
        housekeepers += strcmp(p->name, "厢伴管家") == 0;
        assert_int_equal(p->lead_count > 0, strcmp(p->round, "2024") == 0);
    }
    for (size_t k = 0; k < COUNT_OF(published); k++)
        assert_int_equal(of_category[k], published[k].projects);
    assert_int_equal(housekeepers, 2);
    for (size_t i = 0; i < catalogue_count(c, DIM_COMMUNITY); i++)
        of_circle[catalogue_at(c, DIM_COMMUNITY, i)->parent->id[1] - '1']++;
    for (int i = 0; i < 7; i++)
        assert_int_equal(of_circle[i], 5);
    free(opening);
    catalogue_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_metrics_and_dimensions),
        cmocka_unit_test(finds_by_id_and_keeps_the_order),
        cmocka_unit_test(knows_parents_and_leads),
        cmocka_unit_test(refuses_repeats_and_orphans),
        cmocka_unit_test(reads_and_writes),
        cmocka_unit_test(an_empty_opening_is_none),
        cmocka_unit_test(what_is_retired_says_so),
        cmocka_unit_test(says_what_is_wrong_and_where),
        cmocka_unit_test(refuses_what_is_no_catalogue),
        cmocka_unit_test(the_example_is_whole),
        cmocka_unit_test(the_example_spreads_as_published),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

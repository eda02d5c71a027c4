#include "config_place.h"

static void lists_alliances(void **state)
{
    const struct place *p = *state;
    struct config c;
    char path[PATH_MAX + 32];
    write_file(p, "{\"alliances\": [{\"id\": \"a\", \"file\": \"a.json\"},\n"
                  "{\"id\": \"b.2\", \"file\": \"/x/b.json\", \"screen\": \"b-screen.json\","
                  " \"redis\": \"unix:///b.sock\"}]}");
    load(&c, p->file, NULL, NULL);
    assert_int_equal(c.alliance_count, 2);
    assert_string_equal(c.alliances[0].id, "a");
    snprintf(path, sizeof path, "%s/a.json", p->folder);
    assert_string_equal(c.alliances[0].file, path);
    snprintf(path, sizeof path, "%s/screen.json", p->folder);
    assert_string_equal(c.alliances[0].screen, path);
    assert_true(c.alliances[0].screen_may_miss);
    assert_string_equal(c.alliances[0].redis_url, "private");
    assert_string_equal(c.alliances[1].id, "b.2");
    assert_string_equal(c.alliances[1].file, "/x/b.json");
    snprintf(path, sizeof path, "%s/b-screen.json", p->folder);
    assert_string_equal(c.alliances[1].screen, path);
    assert_false(c.alliances[1].screen_may_miss);
    assert_string_equal(c.alliances[1].redis_url, "unix:///b.sock");
    config_clear(&c);
}

/* None or an empty list is one alliance, as the sections say. */
static void without_a_list_there_is_one_alliance(void **state)
{
    const struct place *p = *state;
    struct config c;
    write_file(p, "{\"alliances\": [], \"alliance\": {\"file\": \"/x/a.json\"},"
                  "\"redis\": {\"url\": \"unix:///a.sock\"}}");
    load(&c, p->file, NULL, NULL);
    assert_int_equal(c.alliance_count, 1);
    assert_null(c.alliances[0].id);
    assert_string_equal(c.alliances[0].file, "/x/a.json");
    assert_string_equal(c.alliances[0].redis_url, "unix:///a.sock");
    config_clear(&c);
}

static void the_environment_lists_alliances(void **state)
{
    const struct place *p = *state;
    struct config c;
    write_file(p, "{\"alliances\": [{\"id\": \"a\", \"file\": \"a.json\"}]}");
    setenv("TALLYD_ALLIANCES", "[{\"id\": \"b\", \"file\": \"/b.json\"}]", 1);
    load(&c, p->file, NULL, NULL);
    assert_int_equal(c.alliance_count, 1);
    assert_string_equal(c.alliances[0].id, "b");
    config_clear(&c);
    setenv("TALLYD_ALLIANCES", "b", 1);
    char *found = complaints_of(p->file, NULL);
    assert_non_null(strstr(found, "TALLYD_ALLIANCES: found what isn't JSON"));
    free(found);
    unsetenv("TALLYD_ALLIANCES");
}

static void refuses_bad_alliances(void **state)
{
    const struct place *p = *state;
    write_file(p, "{\n\"alliances\": [\n"
                  "{\"id\": \"a\", \"file\": \"a.json\"},\n"
                  "{\"id\": \"a\", \"file\": 3,\n \"redis\": \"http://:secret@h\"},\n"
                  "{\"id\": \"..\", \"fil\": \"b\"},\n"
                  "7]}");
    char *found = complaints_of(p->file, NULL);
    assert_string_equal(
        found,
        "4 alliances[1].file: found 3; allowed: the path of a catalogue\n"
        "5 alliances[1].redis: found what is not shown here; allowed: what redis.url may be\n"
        "4 alliances[1].id: found \"a\" a second time; allowed: each id once\n"
        "6 alliances[2].fil: unknown key; allowed: id, file, screen, redis, members\n"
        "6 alliances[2].id: found \"..\"; allowed: 1 to 64 of A-Z a-z 0-9 . _ -, a letter or "
        "digit first\n"
        "6 alliances[2].file: missing; allowed: the path of a catalogue\n"
        "7 alliances[3]: found 7; allowed: an object with id and file\n");
    free(found);
    write_file(p, "{\"alliances\": {}}");
    found = complaints_of(p->file, NULL);
    assert_string_equal(found,
                        "1 alliances: found {}; allowed: a list of at most 1,000 alliances\n");
    free(found);
}

static void a_dump_keeps_the_list(void **state)
{
    const struct place *p = *state;
    struct config c;
    struct buf dump = {0}, second = {0};
    write_file(p, "{\"alliances\": [{\"id\": \"a\", \"file\": \"a.json\"},"
                  "{\"id\": \"b\", \"file\": \"b.json\", \"screen\": \"/s\","
                  " \"members\": [{\"id\": \"s01\", \"url\": \"http://h:1/\"},"
                  " {\"id\": \"s02\", \"url\": \"https://h/\", \"screen\": \"http://i/\","
                  " \"token\": \"tt_x\"}]}]}");
    load(&c, p->file, NULL, NULL);
    config_dump(&c, &dump);
    config_clear(&c);
    write_file(p, dump.data);
    load(&c, p->file, NULL, NULL);
    config_dump(&c, &second);
    assert_string_equal(dump.data, second.data);
    assert_string_equal(c.alliances[1].screen, "/s");
    assert_int_equal(c.alliances[1].member_count, 2);
    assert_string_equal(c.alliances[1].members[0].url, "http://h:1/");
    assert_null(c.alliances[1].members[0].token);
    assert_string_equal(c.alliances[1].members[1].token, "tt_x");
    assert_string_equal(c.alliances[1].members[1].screen, "http://i/");
    assert_int_equal(c.followed_count, 2);
    assert_true(c.followed_tls);
    config_clear(&c);
    buf_free(&dump);
    buf_free(&second);
}

int main(void)
{
    forget_settings();
    const struct CMUnitTest tests[] = {
        IN_PLACE(lists_alliances),
        IN_PLACE(without_a_list_there_is_one_alliance),
        IN_PLACE(the_environment_lists_alliances),
        IN_PLACE(refuses_bad_alliances),
        IN_PLACE(a_dump_keeps_the_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

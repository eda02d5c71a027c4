#include "config_place.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void has_defaults(void **state)
{
    const struct place *p = *state;
    struct config c;
    char path[PATH_MAX + 32];
    load(&c, NULL, p->folder, NULL);
    assert_string_equal(c.http_listen, "127.0.0.1:8080");
    assert_null(c.http_origins[0]);
    assert_int_equal(c.http_max_connections, 20000);
    assert_int_equal(c.http_head_timeout, 10);
    assert_int_equal(c.http_body_timeout, 10);
    assert_null(c.http_trusted_proxies[0]);
    assert_string_equal(c.http_tls_certificate, "");
    assert_string_equal(c.http_tls_key, "");
    assert_string_equal(c.redis_url, "private");
    assert_int_equal(c.redis_timeout, 5000);
    assert_string_equal(c.redis_server, "redis-server");
    assert_string_equal(c.alliance_zone, "Asia/Shanghai");
    assert_true(c.viewers_open);
    assert_int_equal(c.limits_address_per_second, 50);
    assert_int_equal(c.limits_open_per_minute, 60);
    assert_int_equal(c.limits_connections, 0);
    assert_int_equal(c.limits_device_per_hour, 30);
    assert_int_equal(c.limits_token_events, 200000);
    assert_int_equal(c.limits_lockout_tries, 10);
    assert_int_equal(c.limits_lockout_minutes, 10);
    assert_false(c.limits_loopback);
    assert_int_equal(c.push_max_hz, 10);
    assert_string_equal(c.log_level, "info");
    assert_string_equal(c.recount_at, "03:30");
    snprintf(path, sizeof path, "%s/alliance.json", p->folder);
    assert_string_equal(c.alliance_file, path);
    snprintf(path, sizeof path, "%s/screen.json", p->folder);
    assert_string_equal(c.screen_file, path);
    assert_true(c.alliances[0].screen_may_miss);
    config_clear(&c);
}

/* The default layout needn't be there, written out in the file or not; another must. */
static void knows_the_default_layout(void **state)
{
    const struct place *p = *state;
    struct config c;
    write_file(p, "{\"screen\": {\"file\": \"screen.json\"}}");
    load(&c, p->file, NULL, NULL);
    assert_true(c.alliances[0].screen_may_miss);
    config_clear(&c);
    write_file(p, "{\"screen\": {\"file\": \"hall.json\"}}");
    load(&c, p->file, NULL, NULL);
    assert_false(c.alliances[0].screen_may_miss);
    config_clear(&c);
    load(&c, NULL, p->folder,
         (const struct override[]){{"screen.file", "/x/screen.json"}, {NULL, NULL}});
    assert_string_equal(c.screen_file, "/x/screen.json");
    assert_false(c.alliances[0].screen_may_miss);
    config_clear(&c);
}

static void paths_count_from_the_file(void **state)
{
    const struct place *p = *state;
    struct config c;
    char expected[PATH_MAX + 32];
    write_file(p, "{\"alliance\": {\"file\": \"sub/a.json\"}, \"http\": {\"pages\": \"/srv/web\"},"
                  " \"state\": {\"dir\": \"./x/../y\"}}");
    load(&c, p->file, NULL, NULL);
    snprintf(expected, sizeof expected, "%s/sub/a.json", p->folder);
    assert_string_equal(c.alliance_file, expected);
    assert_string_equal(c.http_pages, "/srv/web");
    snprintf(expected, sizeof expected, "%s/x/../y", p->folder);
    assert_string_equal(c.state_dir, expected);
    config_clear(&c);

    snprintf(expected, sizeof expected, "%s", p->folder);
    *strrchr(expected, '/') = '\0'; /* the folder above */
    write_file(p,
               "{\"state\": {\"dir\": \"..\"}, \"alliance\": {\"file\": \".././../../../../a\"}}");
    load(&c, p->file, NULL, NULL);
    assert_string_equal(c.state_dir, expected);
    assert_string_equal(c.alliance_file, "/a");
    config_clear(&c);
    strcat(expected, "/var");
    write_file(p, "{}");
    load(&c, p->file, NULL, NULL);
    assert_string_equal(c.state_dir, expected);
    config_clear(&c);
}

static void paths_elsewhere_count_from_here(void **state)
{
    const struct place *p = *state;
    struct config c;
    char here[PATH_MAX], expected[PATH_MAX + 16];
    assert_non_null(getcwd(here, sizeof here));
    snprintf(expected, sizeof expected, "%s/state", here);
    load(&c, NULL, p->folder, (const struct override[]){{"state.dir", "state"}, {NULL, NULL}});
    assert_string_equal(c.state_dir, expected);
    config_clear(&c);
    write_file(p, "{\"state\": {\"dir\": \"else\"}}");
    setenv("TALLYD_STATE_DIR", "state", 1);
    load(&c, p->file, NULL, NULL);
    unsetenv("TALLYD_STATE_DIR");
    assert_string_equal(c.state_dir, expected);
    config_clear(&c);
}

static void pages_are_beside_or_installed(void **state)
{
    const struct place *p = *state;
    struct config c;
    char inner[PATH_MAX + 8], web[PATH_MAX + 8];
    snprintf(inner, sizeof inner, "%s/config", p->folder);
    snprintf(web, sizeof web, "%s/web", p->folder);
    assert_int_equal(mkdir(inner, 0700), 0);
    load(&c, NULL, inner, NULL);
    assert_string_equal(c.http_pages, "/nowhere/share/tallyd/web");
    config_clear(&c);
    assert_int_equal(mkdir(web, 0700), 0);
    load(&c, NULL, inner, NULL);
    assert_string_equal(c.http_pages, web);
    config_clear(&c);
    rmdir(web);
    rmdir(inner);
}

static void flags_beat_environment_beats_file(void **state)
{
    const struct place *p = *state;
    const struct override flags[] = {{"http.listen", "127.0.0.1:3"}, {NULL, NULL}};
    struct config c;
    write_file(p, "{\"http\": {\"listen\": \"127.0.0.1:1\", \"max_connections\": 100},\n"
                  "\"push\": {\"max_hz\": 5}, \"access\": {\"viewers\": \"token\"}} // end");
    setenv("TALLYD_HTTP_LISTEN", "127.0.0.1:2", 1);
    setenv("TALLYD_HTTP_MAX_CONNECTIONS", "200", 1);
    setenv("TALLYD_HTTP_ORIGINS", "https://a.example,http://b:81", 1);
    setenv("TALLYD_NO_SUCH_SETTING", "ignored", 1);
    load(&c, p->file, NULL, flags);
    assert_string_equal(c.http_listen, "127.0.0.1:3");
    assert_int_equal(c.http_max_connections, 200);
    assert_int_equal(c.push_max_hz, 5);
    assert_false(c.viewers_open);
    assert_string_equal(c.http_origins[0], "https://a.example");
    assert_string_equal(c.http_origins[1], "http://b:81");
    assert_null(c.http_origins[2]);
    config_clear(&c);
    load(&c, p->file, NULL, NULL);
    assert_string_equal(c.http_listen, "127.0.0.1:2");
    config_clear(&c);
    unsetenv("TALLYD_HTTP_LISTEN");
    unsetenv("TALLYD_HTTP_MAX_CONNECTIONS");
    unsetenv("TALLYD_HTTP_ORIGINS");
    load(&c, p->file, NULL, NULL);
    assert_string_equal(c.http_listen, "127.0.0.1:1");
    assert_int_equal(c.http_max_connections, 100);
    config_clear(&c);
    unsetenv("TALLYD_NO_SUCH_SETTING");
}

#define STORES                                                                                     \
    "\"redis://[user:password@]host:port[/db]\", \"unix:///path\", "                               \
    "\"sentinel://[user:password@]host:port[,host:port...]/name[/db]\", "                          \
    "\"cluster://[user:password@]host:port[,host:port...]\""
#define ADDRESSES "allowed: ADDRESS:PORT with an IP address and a port from 0 to 65535\n"

static void refuses_a_bad_file(void **state)
{
    const struct place *p = *state;
    static const struct {
        const char *text, *complaint;
    } cases[] = {
        {"{\n\"htpp\": {}}", "2 htpp: unknown section; allowed: http, redis, state, journal, "
                             "alliance, screen, access, limits, push, recount, log, alliances\n"},
        {"{\"http\": {\n\"port\": 1}}",
         "2 http.port: unknown key; allowed: listen, origins, pages, max_connections, "
         "head_timeout, body_timeout, trusted_proxies, tls_certificate, tls_key\n"},
        {"{\"push\": {\"max_hz\":\n\n61}}", "3 push.max_hz: found 61; allowed: 1 to 60\n"},
        {"{\"push\": {\"max_hz\": 0}}", "1 push.max_hz: found 0; allowed: 1 to 60\n"},
        {"{\"push\": {\"max_hz\": \"10\"}}", "1 push.max_hz: found \"10\"; allowed: 1 to 60\n"},
        {"{\"push\": {\"max_hz\": 1.5}}", "1 push.max_hz: found 1.5; allowed: 1 to 60\n"},
        {"{\"push\": {\"max_hz\": null}}", "1 push.max_hz: found null; allowed: 1 to 60\n"},
        {"{\"http\": {\"max_connections\": 1000001}}",
         "1 http.max_connections: found 1000001; allowed: 16 to 1,000,000\n"},
        {"{\"http\": 5}", "1 http: found 5; allowed: an object\n"},
        {"{\"http\": {\"listen\": 8080}}", "1 http.listen: found 8080; " ADDRESSES},
        {"{\"http\": {\"listen\": \"8080\"}}", "1 http.listen: found \"8080\"; " ADDRESSES},
        {"{\"http\": {\"listen\": \"::1:80\"}}", "1 http.listen: found \"::1:80\"; " ADDRESSES},
        {"{\"http\": {\"listen\": \"1.2.3.4:65536\"}}",
         "1 http.listen: found \"1.2.3.4:65536\"; " ADDRESSES},
        {"{\"http\": {\"listen\": \"1.2.3.4:80x\"}}",
         "1 http.listen: found \"1.2.3.4:80x\"; " ADDRESSES},
        {"{\"http\": {\"listen\": \"1.2.3.4: 80\"}}",
         "1 http.listen: found \"1.2.3.4: 80\"; " ADDRESSES},
        {"{\"http\": {\"origins\": [\"https://a\", \"https://a/\"]}}",
         "1 http.origins: found [\"https://a\",\"https://a/\"]; allowed: a list of origins such as "
         "\"https://screen.example:8443\"\n"},
        {"{\"redis\": {\"url\": \"redis://:secret@host:99999\"}}",
         "1 redis.url: found what is not shown here; allowed: \"private\", " STORES "\n"},
        {"{\"access\": {\"viewers\": true}}",
         "1 access.viewers: found true; allowed: \"open\", \"token\"\n"},
        {"{\"log\": {\"level\": \"loud\"}}",
         "1 log.level: found \"loud\"; allowed: \"error\", \"warn\", \"info\", \"debug\"\n"},
        {"{\"alliance\": {\"time_zone\": \"Mars/Phobos\"}}",
         "1 alliance.time_zone: found \"Mars/Phobos\"; allowed: an IANA time zone that this "
         "machine "
         "has, such as \"Asia/Shanghai\"\n"},
        {"{\"state\": {\"dir\": \"\"}}",
         "1 state.dir: found \"\"; allowed: a text without control characters\n"},
        {"{\"state\": {\"dir\": \"a\\nb\"}}",
         "1 state.dir: found \"a\\nb\"; allowed: a text without control characters\n"},
        {"{\n\n\"http\": {,}}",
         "3 : the text is not valid JSON: byte 12: expected a string, met ,\n"},
        {"{\"http\": {},\n\"http\": {}}",
         "2 http: field \"http\" stands twice in one object: byte 13\n"},
        {"[]", "1 : found []; allowed: an object\n"},
        {"", "1 : the text is not valid JSON: byte 0: expected a value, met the end\n"},
        {"{\"push\": {\"max_hz\": 0,\n\"min_hz\": 1}, \"x\": 1}",
         "1 push.max_hz: found 0; allowed: 1 to 60\n"
         "2 push.min_hz: unknown key; allowed: max_hz\n"
         "2 x: unknown section; allowed: http, redis, state, journal, alliance, screen, access, "
         "limits, push, recount, log, alliances\n"},
        {"{\"limits\": {\"loopback\": \"true\"}}",
         "1 limits.loopback: found \"true\"; allowed: true or false\n"},
        {"{\"limits\": {\"lockout_tries\": 21}}",
         "1 limits.lockout_tries: found 21; allowed: 0 to 20\n"},
        {"{\"http\": {\"trusted_proxies\": [\"10.0.0.1/8\"]}}",
         "1 http.trusted_proxies: found [\"10.0.0.1/8\"]; allowed: a list of addresses and "
         "networks "
         "such as \"10.0.0.0/8\"\n"},
        {"{\"recount\": {\"at\": \"24:00\"}}",
         "1 recount.at: found \"24:00\"; allowed: a time of day such as \"03:30\", or \"\"\n"},
        {"{\"recount\": {\"at\": \"3:30\"}}",
         "1 recount.at: found \"3:30\"; allowed: a time of day such as \"03:30\", or \"\"\n"},
        {"{\"recount\": {\"at\": \"03:60\"}}",
         "1 recount.at: found \"03:60\"; allowed: a time of day such as \"03:30\", or \"\"\n"},
        {"{\"recount\": {\"at\": \"-1:30\"}}",
         "1 recount.at: found \"-1:30\"; allowed: a time of day such as \"03:30\", or \"\"\n"},
        {"{\"recount\": {\"at\": 330}}",
         "1 recount.at: found 330; allowed: a time of day such as \"03:30\", or \"\"\n"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        write_file(p, cases[i].text);
        char *found = complaints_of(p->file, NULL);
        assert_string_equal(found, cases[i].complaint);
        free(found);
    }
}

static void takes_every_allowed_form(void **state)
{
    const struct place *p = *state;
    static const char *const good[] = {
        "{\"http\": {\"listen\": \"[::1]:0\", \"origins\": []}}",
        "{\"http\": {\"listen\": \"0.0.0.0:65535\", \"origins\": [\"https://[::1]:8443\"]}}",
        "{\"redis\": {\"url\": \"redis://:secret@10.0.0.1:6379/3\", \"timeout\": 100}}",
        "{\"redis\": {\"url\": \"unix:///run/redis.sock\", \"timeout\": 6e4}}",
        "{\"log\": {\"level\": \"debug\"}, \"access\": {\"viewers\": \"open\"}}",
        "{\"recount\": {\"at\": \"\"}}",
        "{\"http\": {\"trusted_proxies\": [\"10.0.0.0/8\", \"::1\"], \"tls_key\": \"\"}}",
        "{\"limits\": {\"loopback\": true, \"address_per_second\": 0}}",
        "{\"recount\": {\"at\": \"23:59\"}, \"screen\": {\"file\": \"../hall.json\"}}",
    };
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        struct config c;
        write_file(p, good[i]);
        load(&c, p->file, NULL, NULL);
        config_clear(&c);
    }
}

static void refuses_a_bad_variable_or_flag(void **state)
{
    (void)state;
    setenv("TALLYD_HTTP_BODY_TIMEOUT", "10s", 1);
    setenv("TALLYD_REDIS_URL", "http://x", 1);
    setenv("TALLYD_HTTP_ORIGINS", "https://a,,", 1);
    char *found = complaints_of(
        NULL, (const struct override[]){{"push.max_hz", " 5"}, {"push.hz", "5"}, {NULL, NULL}});
    unsetenv("TALLYD_HTTP_BODY_TIMEOUT");
    unsetenv("TALLYD_REDIS_URL");
    unsetenv("TALLYD_HTTP_ORIGINS");
    assert_string_equal(
        found,
        "0 TALLYD_HTTP_ORIGINS: found \"https://a,,\"; allowed: a list of origins such as "
        "\"https://screen.example:8443\"\n"
        "0 TALLYD_HTTP_BODY_TIMEOUT: found \"10s\"; allowed: 1 to 60\n"
        "0 TALLYD_REDIS_URL: found what is not shown here; allowed: \"private\", " STORES "\n"
        "0 push.max_hz: found \" 5\"; allowed: 1 to 60\n"
        "0 push.hz: unknown setting\n");
    free(found);
}

static void says_when_there_is_no_file(void **state)
{
    (void)state;
    char *found = complaints_of("/nowhere/tallyd.json", NULL);
    assert_string_equal(found, "0 : can't be read: No such file or directory\n");
    free(found);
    found = complaints_of("/", NULL);
    assert_string_equal(found, "0 : can't be read: Is a directory\n");
    free(found);
}

static void the_file_in_config_is_the_dump(void **state)
{
    (void)state;
    char path[500], *text;
    struct buf file = {0}, dump = {0};
    char chunk[4096];
    snprintf(path, sizeof path, "%s/tallyd.json", TALLYD_CONFIG_FOLDER);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    for (size_t n; (n = fread(chunk, 1, sizeof chunk, f)) > 0;)
        buf_add(&file, chunk, n);
    fclose(f);
    config_dump(NULL, &dump);
    text = buf_take(&dump, NULL);
    assert_string_equal(file.data, text);
    free(text);
    buf_free(&file);
}

static void a_dump_is_read_again(void **state)
{
    const struct place *p = *state;
    const struct override flags[] = {
        {"http.listen", "[::1]:99"},           {"http.origins", "https://a,https://b"},
        {"access.viewers", "token"},           {"push.max_hz", "7"},
        {"state.dir", "/a \"quoted\" folder"}, {NULL, NULL}};
    struct config c, again;
    struct buf dump = {0}, second = {0};
    load(&c, NULL, p->folder, flags);
    config_dump(&c, &dump);
    write_file(p, dump.data);
    load(&again, p->file, NULL, NULL);
    config_dump(&again, &second);
    assert_string_equal(dump.data, second.data);
    assert_string_equal(again.state_dir, "/a \"quoted\" folder");
    assert_string_equal(again.http_origins[1], "https://b");
    assert_false(again.viewers_open);
    config_clear(&c);
    config_clear(&again);
    buf_free(&dump);
    buf_free(&second);
}

int main(void)
{
    forget_settings();
    const struct CMUnitTest tests[] = {
        IN_PLACE(has_defaults),
        IN_PLACE(knows_the_default_layout),
        IN_PLACE(paths_count_from_the_file),
        IN_PLACE(paths_elsewhere_count_from_here),
        IN_PLACE(pages_are_beside_or_installed),
        IN_PLACE(flags_beat_environment_beats_file),
        IN_PLACE(refuses_a_bad_file),
        IN_PLACE(takes_every_allowed_form),
        cmocka_unit_test(refuses_a_bad_variable_or_flag),
        cmocka_unit_test(says_when_there_is_no_file),
        cmocka_unit_test(the_file_in_config_is_the_dump),
        IN_PLACE(a_dump_is_read_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

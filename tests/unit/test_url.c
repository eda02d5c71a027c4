/* Where a district finds its members. */
#include "unit.h"

#include "url.h"

#include <string.h>

static void an_address_has_its_parts(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool tls;
        const char *host;
        int port;
        const char *path;
    } good[] = {
        {"http://10.0.0.2", false, "10.0.0.2", 80, ""},
        {"http://10.0.0.2/", false, "10.0.0.2", 80, "/"},
        {"https://qu.example", true, "qu.example", 443, ""},
        {"http://10.0.0.2:8080/a/s01/", false, "10.0.0.2", 8080, "/a/s01/"},
        {"http://[::1]:8080/a/s01", false, "::1", 8080, "/a/s01"},
        {"https://[fd00::2]", true, "fd00::2", 443, ""},
        {"http://h:65535", false, "h", 65535, ""},
    };
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        struct url url;
        assert_true(url_read(good[i].text, &url));
        assert_int_equal(url.tls, good[i].tls);
        assert_string_equal(url.host, good[i].host);
        assert_int_equal(url.port, good[i].port);
        assert_string_equal(url.path, good[i].path);
    }
}

static void others_are_none(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "10.0.0.2",
                                      "ws://10.0.0.2/",
                                      "http://",
                                      "http:///a",
                                      "http://:80/",
                                      "http://h:0/",
                                      "http://h:65536/",
                                      "http://h:/",
                                      "http://h:+80/",
                                      "http://h:80x/",
                                      "http://u@h/",
                                      "http://h/?a",
                                      "http://h/#a",
                                      "http://h/a b",
                                      "http://h/a\r\nX: y",
                                      "http://[::1",
                                      "http://[]/",
                                      "http://h\x7f/"};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (url_ok(bad[i]))
            fail_msg("%s", bad[i]);
    char much[400] = "http://";
    memset(much + 7, 'h', 300);
    assert_false(url_ok(much));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_has_its_parts),
        cmocka_unit_test(others_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

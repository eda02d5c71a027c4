#include "unit.h"

#include "proxies.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

static struct address16 address(const char *text)
{
    struct address16 a;
    assert_true(address16_read(text, &a));
    return a;
}

static void addresses_are_read_and_written(void **state)
{
    (void)state;
    static const char *const good[][2] = {
        {"192.0.2.1", "192.0.2.1"},         {"::ffff:192.0.2.1", "192.0.2.1"}, {"::1", "::1"},
        {"2001:DB8:0:0::9", "2001:db8::9"}, {"::ffff:c000:201", "192.0.2.1"},
    };
    static const char *const bad[] = {"",          "1.2.3",    "1.2.3.4.5", "1.2.3.256",
                                      "localhost", " 1.2.3.4", "1.2.3.4 ",  "01.2.3.4",
                                      "::1%lo",    "[::1]",    "1.2.3.4:80"};
    struct address16 a;
    char text[INET6_ADDRSTRLEN];
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        a = address(good[i][0]);
        address16_write(&a, text);
        assert_string_equal(text, good[i][1]);
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (address16_read(bad[i], &a))
            fail_msg("\"%s\" was read", bad[i]);
}

static void loopback_is_known(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool is;
    } cases[] = {
        {"127.0.0.1", true},    {"127.9.8.7", true}, {"::1", true}, {"::ffff:127.0.0.1", true},
        {"128.0.0.1", false},   {"::2", false},      {"::", false}, {"10.0.0.1", false},
        {"2001:db8::1", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct address16 a = address(cases[i].text);
        assert_int_equal(address16_is_loopback(&a), cases[i].is);
    }
}

static void sockets_have_addresses(void **state)
{
    (void)state;
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    struct address16 a, b;
    inet_pton(AF_INET, "192.0.2.9", &v4.sin_addr);
    inet_pton(AF_INET6, "::ffff:192.0.2.9", &v6.sin6_addr);
    address16_of((const struct sockaddr *)&v4, &a);
    address16_of((const struct sockaddr *)&v6, &b);
    assert_memory_equal(&a, &b, sizeof a);
    assert_true(address16_is_v4(&a));
}

static void networks_hold_their_own(void **state)
{
    (void)state;
    static const struct {
        const char *network, *in, *out;
    } cases[] = {
        {"10.0.0.0/8", "10.255.0.1", "11.0.0.1"},
        {"10.0.0.0/8", "::ffff:10.1.2.3", "::a00:1"},
        {"192.0.2.128/25", "192.0.2.200", "192.0.2.127"},
        {"192.0.2.7", "192.0.2.7", "192.0.2.6"},
        {"192.0.2.7/32", "192.0.2.7", "192.0.2.6"},
        {"0.0.0.0/0", "8.8.8.8", "2001:db8::1"},
        {"2001:db8::/33", "2001:db8:7fff::1", "2001:db8:8000::1"},
        {"::1", "::1", "::2"},
        {"::1/128", "::1", "127.0.0.1"},
        {"::/0", "1.2.3.4", NULL},
        {"::ffff:10.0.0.0/104", "10.9.9.9", "11.9.9.9"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct network n;
        assert_true(network_read(cases[i].network, &n));
        struct address16 in = address(cases[i].in);
        assert_true(network_has(&n, &in));
        if (!cases[i].out)
            continue;
        struct address16 out = address(cases[i].out);
        assert_false(network_has(&n, &out));
    }
}

static void bad_networks_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "/8",
        "10.0.0.0/",
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "10.0.0.0/8x",
        "10.0.0.0/ 8",
        "10.0.0.1/8",
        "10.0.0/8",
        "::/129",
        "2001:db8::1/32",
        "proxy",
        "10.0.0.0/0008",
        "10.0.0.0/8/8",
        "*",
    };
    struct network n;
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (network_read(bad[i], &n))
            fail_msg("\"%s\" was read", bad[i]);
}

/* --- who is behind ------------------------------------------------------------------------ */

static const char *peer(const struct proxies *p, const char *from, const char *forwarded)
{
    static char text[INET6_ADDRSTRLEN];
    struct address16 a = address(from);
    struct address16 found = proxies_peer(p, &a, forwarded);
    address16_write(&found, text);
    return text;
}

static char *const trusted[] = {(char[]){"10.0.0.0/8"}, (char[]){"::1"},
                                (char[]){"2001:db8:1::/48"}, NULL};

static void the_rightmost_that_is_not_trusted(void **state)
{
    (void)state;
    struct proxies p = {0};
    proxies_set(&p, trusted);
    static const struct {
        const char *from, *forwarded, *peer;
    } cases[] = {
        /* Nobody's word but a trusted proxy's. */
        {"192.0.2.1", "198.51.100.7", "192.0.2.1"},
        {"192.0.2.1", NULL, "192.0.2.1"},
        {"10.0.0.1", NULL, "10.0.0.1"},
        {"10.0.0.1", "", "10.0.0.1"},
        {"10.0.0.1", "198.51.100.7", "198.51.100.7"},
        {"::1", "198.51.100.7", "198.51.100.7"},
        /* What the client wrote itself stands left of what the proxy added. */
        {"10.0.0.1", "127.0.0.1, 198.51.100.7", "198.51.100.7"},
        {"10.0.0.1", "10.0.0.9,10.0.0.8,198.51.100.7", "198.51.100.7"},
        {"10.0.0.1", "203.0.113.5, 198.51.100.7, 10.0.0.2", "198.51.100.7"},
        {"10.0.0.1", "203.0.113.5, 198.51.100.7,2001:db8:1::5 , 10.0.0.2", "198.51.100.7"},
        /* All are trusted: the one who began. */
        {"10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"},
        /* Other forms that proxies write. */
        {"10.0.0.1", "198.51.100.7:4711", "198.51.100.7"},
        {"10.0.0.1", "[2001:db8::7]:4711", "2001:db8::7"},
        {"10.0.0.1", "[2001:db8::7]", "2001:db8::7"},
        {"10.0.0.1", "2001:db8::7", "2001:db8::7"},
        {"10.0.0.1", "::ffff:198.51.100.7", "198.51.100.7"},
        /* What makes no sense isn't passed over to what a client may have written before it. */
        {"10.0.0.1", "198.51.100.7, unknown", "10.0.0.1"},
        {"10.0.0.1", "198.51.100.7, _hidden, 10.0.0.2", "10.0.0.2"},
        {"10.0.0.1", "198.51.100.7, ", "10.0.0.1"},
        {"10.0.0.1", ",", "10.0.0.1"},
        {"10.0.0.1", "[", "10.0.0.1"},
        {"10.0.0.1", "1.2.3.4.5.6.7.8.9.10.11.12.13.14.15.16.17.18.19.20.21.22.23.24", "10.0.0.1"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_string_equal(peer(&p, cases[i].from, cases[i].forwarded), cases[i].peer);
    proxies_clear(&p);
    assert_string_equal(peer(&p, "10.0.0.1", "198.51.100.7"), "10.0.0.1");
}

static void they_can_be_set_again(void **state)
{
    (void)state;
    char *const other[] = {(char[]){"192.0.2.1"}, (char[]){"nonsense"}, NULL};
    struct proxies p = {0};
    proxies_set(&p, trusted);
    assert_int_equal(p.count, 3);
    proxies_set(&p, other);
    assert_int_equal(p.count, 1);
    struct address16 a = address("192.0.2.1"), b = address("10.0.0.1");
    assert_true(proxies_trust(&p, &a));
    assert_false(proxies_trust(&p, &b));
    proxies_set(&p, NULL);
    assert_int_equal(p.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_read_and_written),
        cmocka_unit_test(loopback_is_known),
        cmocka_unit_test(sockets_have_addresses),
        cmocka_unit_test(networks_hold_their_own),
        cmocka_unit_test(bad_networks_are_refused),
        cmocka_unit_test(the_rightmost_that_is_not_trusted),
        cmocka_unit_test(they_can_be_set_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

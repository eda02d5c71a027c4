/* Who owns a slot, from what a Cluster's node writes. */
#include "unit.h"

#include "nodes.h"

#include <stdio.h>
#include <string.h>

/* As Redis 7 writes it: the node that was asked doesn't know its own host, one has a name, one has
 * lost its address, and slot 5460 is on its way. */
#define NODES                                                                                      \
    "a1 :7000@17000 myself,master - 0 0 1 connected 0-5460 [5460->-b2]\n"                          \
    "b2 10.0.0.2:7001@17001,two.example master - 0 1 4 connected 5461-10922 16383\n"               \
    "c3 ::1:7002@17002 master,fail - 0 1 3 disconnected 10923-16000\n"                             \
    "d4 10.0.0.4:7003@17003 slave b2 0 1 4 connected\n"                                            \
    "e5 :0@0 slave,noaddr c3 0 1 3 disconnected\n"

static void note(void *ctx, const char *host, int port)
{
    char *list = ctx;
    size_t n = strlen(list);
    snprintf(list + n, 200 - n, " %s:%d", host, port);
}

static void names_the_owner_of_a_slot(void **state)
{
    (void)state;
    static const struct {
        long slot;
        const char *host;
        int port;
        unsigned epoch;
    } cases[] = {
        {0, "asked", 7000, 1},        {5460, "asked", 7000, 1},     {5461, "10.0.0.2", 7001, 4},
        {10922, "10.0.0.2", 7001, 4}, {16383, "10.0.0.2", 7001, 4}, {16000, "::1", 7002, 3},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct told told;
        char all[200] = "";
        assert_true(nodes_owner(NODES, cases[i].slot, "asked", &told, note, all));
        assert_string_equal(told.host, cases[i].host);
        assert_int_equal(told.port, cases[i].port);
        assert_int_equal(told.epoch, cases[i].epoch);
        assert_string_equal(all, " asked:7000 10.0.0.2:7001 ::1:7002 10.0.0.4:7003");
    }
}

static void knows_when_there_is_none(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "\n\n", "nonsense", "a b c d e f g",
                                        "a1 x y z 0 0 1 c 0-9"};
    struct told told;
    char all[200] = "";
    assert_false(nodes_owner(NODES, 16001, "asked", &told, note, all));
    assert_false(nodes_owner(NODES, -1, "asked", &told, note, all));
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        assert_false(nodes_owner(texts[i], 5, "asked", &told, note, all));
}

static void reads_where_it_is_sent(void **state)
{
    (void)state;
    struct told told;
    assert_true(nodes_moved("MOVED 3999 10.0.0.2:7001", "here", &told));
    assert_string_equal(told.host, "10.0.0.2");
    assert_int_equal(told.port, 7001);
    assert_true(nodes_moved("MOVED 3999 :7001", "here", &told));
    assert_string_equal(told.host, "here");
    assert_true(nodes_moved("MOVED 3999 ::1:7001", "here", &told));
    assert_string_equal(told.host, "::1");
    static const char *const others[] = {
        "MOVED",          "MOVED 3999",      "MOVED 3999 host",   "MOVED 3999 h:0",
        "MOVED 3999 h:x", "ASK 3999 h:7001", "MOVED 3999 h:65536"};
    for (size_t i = 0; i < COUNT_OF(others); i++)
        assert_false(nodes_moved(others[i], "here", &told));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_the_owner_of_a_slot),
        cmocka_unit_test(knows_when_there_is_none),
        cmocka_unit_test(reads_where_it_is_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

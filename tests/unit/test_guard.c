#include "unit.h"

#include "digest.h"
#include "guard.h"

#include <string.h>

#define NOW INT64_C(1800000000)

/* 64 hex digits of one kind. */
static const char *hash(char digit)
{
    static char ring[8][DIGEST_HEX];
    static int turn;
    char *out = ring[turn++ % 8];
    memset(out, digit, DIGEST_HEX - 1);
    return out;
}

static int make(void **state)
{
    static const struct identity boss = {ROLE_ADMIN, "boss", ""},
                                 clinic = {ROLE_REPORT, "clinic", "u1"};
    struct guard *g = guard_new();
    guard_add(g, hash('a'), &boss);
    guard_add(g, hash('b'), &clinic);
    *state = g;
    return 0;
}

static int drop(void **state)
{
    guard_free(*state);
    return 0;
}

static void a_session_is_its_tokens(void **state)
{
    struct guard *g = *state;
    bool due;
    guard_add_session(g, hash('1'), "clinic", NOW, NOW);
    struct identity who = guard_session(g, hash('1'), NOW + 1, &due);
    assert_int_equal(who.role, ROLE_REPORT);
    assert_string_equal(who.name, "clinic");
    assert_string_equal(who.unit, "u1");
    assert_false(due);
    assert_int_equal(guard_session(g, hash('2'), NOW, &due).role, ROLE_NONE);
    assert_int_equal(guard_session(g, hash('b'), NOW, &due).role, ROLE_NONE);
    assert_int_equal(guard_session(g, "", NOW, &due).role, ROLE_NONE);
    assert_int_equal(guard_find(g, hash('1')).role, ROLE_NONE);
}

static void without_its_token_it_is_nobodys(void **state)
{
    struct guard *g = *state;
    bool due;
    guard_add_session(g, hash('1'), "nobody", NOW, NOW);
    assert_int_equal(guard_session(g, hash('1'), NOW, &due).role, ROLE_NONE);
    guard_add_session(g, hash('2'), "boss", NOW, NOW);
    guard_clear(g);
    assert_int_equal(guard_session(g, hash('2'), NOW, &due).role, ROLE_NONE);
    assert_false(guard_has(g, "boss"));
}

static void it_ends(void **state)
{
    struct guard *g = *state;
    bool due;
    guard_add_session(g, hash('1'), "boss", NOW, NOW);
    guard_add_session(g, hash('2'), "clinic", NOW, NOW);
    guard_end_session(g, hash('1'));
    guard_end_session(g, hash('3'));
    assert_int_equal(guard_session(g, hash('1'), NOW, &due).role, ROLE_NONE);
    assert_int_equal(guard_session(g, hash('2'), NOW + GUARD_SESSION - 1, &due).role, ROLE_REPORT);
    assert_int_equal(guard_session(g, hash('2'), NOW + GUARD_SESSION, &due).role, ROLE_NONE);
}

static void its_use_is_noted_once_an_hour(void **state)
{
    struct guard *g = *state;
    bool due;
    guard_add_session(g, hash('1'), "boss", NOW, NOW);
    guard_session(g, hash('1'), NOW + GUARD_SEEN - 1, &due);
    assert_false(due);
    guard_session(g, hash('1'), NOW + GUARD_SEEN, &due);
    assert_true(due);
    guard_session(g, hash('1'), NOW + GUARD_SEEN + 1, &due);
    assert_false(due);
}

static void tells_what_a_token_has(void **state)
{
    struct guard *g = *state;
    assert_int_equal(guard_uses(g, "boss", NOW).sessions, 0);
    assert_int_equal(guard_uses(g, "boss", NOW).seen, 0);
    guard_add_session(g, hash('1'), "boss", NOW, NOW + 5);
    guard_add_session(g, hash('2'), "boss", NOW, NOW + 9);
    guard_add_session(g, hash('3'), "clinic", NOW, NOW + 20);
    guard_add_session(g, hash('4'), "boss", NOW - GUARD_SESSION, NOW + 30);
    struct guard_use use = guard_uses(g, "boss", NOW + 10);
    assert_int_equal(use.sessions, 2);
    assert_int_equal(use.seen, NOW + 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_session_is_its_tokens, make, drop),
        cmocka_unit_test_setup_teardown(without_its_token_it_is_nobodys, make, drop),
        cmocka_unit_test_setup_teardown(it_ends, make, drop),
        cmocka_unit_test_setup_teardown(its_use_is_noted_once_an_hour, make, drop),
        cmocka_unit_test_setup_teardown(tells_what_a_token_has, make, drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

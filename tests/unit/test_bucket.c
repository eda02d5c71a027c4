#include "unit.h"

#include "bucket.h"
#include "lockout.h"

#include <stdio.h>
#include <string.h>

static const unsigned char *key(unsigned n)
{
    static unsigned char bytes[SEAT_KEY];
    memset(bytes, 0, sizeof bytes);
    memcpy(bytes, &n, sizeof n);
    return bytes;
}

static struct buckets *buckets(double per_second, double burst)
{
    const struct bucket_rate rate = {per_second, burst};
    struct buckets *b = buckets_new(64, 1);
    buckets_set(b, &rate);
    return b;
}

static void a_burst_and_then_the_rate(void **state)
{
    (void)state;
    struct buckets *b = buckets(2, 5);
    for (int i = 0; i < 5; i++)
        assert_int_equal(buckets_take(b, key(1), 1, 1000), 0);
    uint64_t wait = buckets_take(b, key(1), 1, 1000);
    assert_in_range(wait, 500, 501);
    assert_int_not_equal(buckets_take(b, key(1), 1, 1499), 0);
    assert_int_equal(buckets_take(b, key(1), 1, 1000 + wait), 0);
    assert_int_not_equal(buckets_take(b, key(1), 1, 1000 + wait), 0);
    buckets_free(b);
}

/* Whoever was told to wait and waits so long is served, whatever the numbers are. */
static void waiting_as_told_is_enough(void **state)
{
    (void)state;
    static const struct bucket_rate rates[] = {{50, 500}, {1, 60}, {30.0 / 3600, 30}, {200000, 1}};
    for (size_t i = 0; i < COUNT_OF(rates); i++) {
        struct buckets *b = buckets_new(8, 1);
        buckets_set(b, &rates[i]);
        uint64_t now = 77;
        for (int n = 0; n < 2000; n++) {
            uint64_t wait = buckets_take(b, key(1), 1, now);
            now += wait;
            assert_true(!wait || buckets_take(b, key(1), 1, now) == 0);
        }
        buckets_free(b);
    }
}

static void it_fills_up_to_the_burst(void **state)
{
    (void)state;
    struct buckets *b = buckets(10, 3);
    assert_int_equal(buckets_take(b, key(1), 3, 0), 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(buckets_take(b, key(1), 1, 1000000), 0);
    assert_int_not_equal(buckets_take(b, key(1), 1, 1000000), 0);
    buckets_free(b);
}

static void keys_have_their_own(void **state)
{
    (void)state;
    struct buckets *b = buckets(1, 1);
    assert_int_equal(buckets_take(b, key(1), 1, 0), 0);
    assert_int_equal(buckets_take(b, key(2), 1, 0), 0);
    assert_int_not_equal(buckets_take(b, key(1), 1, 0), 0);
    buckets_free(b);
}

/* A batch larger than a bucket isn't refused for ever, and is paid for. */
static void a_large_cost_leaves_a_debt(void **state)
{
    (void)state;
    struct buckets *b = buckets(100, 100);
    assert_int_equal(buckets_take(b, key(1), 1000, 0), 0);
    assert_in_range(buckets_take(b, key(1), 1, 0), 9000, 9100);
    assert_in_range(buckets_take(b, key(1), 1000, 0), 10000, 10100);
    assert_int_equal(buckets_take(b, key(1), 1000, 10001), 0);
    buckets_free(b);
}

static void no_rate_is_no_limit(void **state)
{
    (void)state;
    struct buckets *b = buckets(0, 0);
    for (int i = 0; i < 10000; i++)
        assert_int_equal(buckets_take(b, key(1), 1000, 0), 0);
    const struct bucket_rate rate = {1, 1};
    buckets_set(b, &rate);
    assert_int_equal(buckets_take(b, key(1), 1, 0), 0);
    assert_int_not_equal(buckets_take(b, key(1), 1, 0), 0);
    buckets_free(b);
}

/* A million strangers cost nothing but the memory that is there, and whoever keeps knocking stays
 * limited all the while. */
static void strangers_do_not_free_the_one_who_knocks(void **state)
{
    (void)state;
    struct buckets *b = buckets(1, 10);
    unsigned served = 0, now = 0;
    for (unsigned i = 1; i <= 1000000; i++) {
        now = i / 1000;
        buckets_take(b, key(i + 1000), 1, now);
        if (i % 4 == 0)
            served += buckets_take(b, key(7), 1, now) == 0;
    }
    assert_in_range(served, 10, 11);
    buckets_free(b);
}

/* --- lock-out ----------------------------------------------------------------------------- */

#define MINUTE 60000

static struct lockout *lockout(unsigned tries)
{
    const struct lockout_rule rule = {tries, 10 * MINUTE};
    struct lockout *l = lockout_new(64, 1);
    lockout_set(l, &rule);
    return l;
}

static void the_tenth_refusal_locks(void **state)
{
    (void)state;
    struct lockout *l = lockout(10);
    for (int i = 0; i < 9; i++)
        assert_false(lockout_strike(l, key(1), 5000));
    assert_int_equal(lockout_left(l, key(1), 5000), 0);
    assert_true(lockout_strike(l, key(1), 6000));
    assert_int_equal(lockout_left(l, key(1), 6000), 10 * MINUTE);
    assert_int_equal(lockout_left(l, key(2), 6000), 0);
    assert_int_equal(lockout_left(l, key(1), 6000 + 10 * MINUTE - 1), 1);
    assert_int_equal(lockout_left(l, key(1), 6000 + 10 * MINUTE), 0);
    lockout_free(l);
}

static void what_comes_while_locked_does_not_prolong_it(void **state)
{
    (void)state;
    struct lockout *l = lockout(2);
    assert_false(lockout_strike(l, key(1), 0));
    assert_true(lockout_strike(l, key(1), 0));
    for (int i = 0; i < 50; i++)
        assert_false(lockout_strike(l, key(1), 9 * MINUTE));
    assert_int_equal(lockout_left(l, key(1), 10 * MINUTE), 0);
    assert_false(lockout_strike(l, key(1), 10 * MINUTE));
    assert_true(lockout_strike(l, key(1), 10 * MINUTE));
    lockout_free(l);
}

/* Any ten within ten minutes lock, wherever those minutes begin; ten spread wider never do. */
static void only_what_is_within_the_window_counts(void **state)
{
    (void)state;
    struct lockout *l = lockout(10);
    assert_false(lockout_strike(l, key(1), 0));
    for (int i = 0; i < 8; i++)
        assert_false(lockout_strike(l, key(1), 9 * MINUTE));
    assert_false(lockout_strike(l, key(1), 11 * MINUTE));
    assert_true(lockout_strike(l, key(1), 12 * MINUTE));
    for (uint64_t i = 1; i < 100; i++)
        assert_false(lockout_strike(l, key(2), i * 67 * 1000));
    lockout_free(l);
}

static void no_tries_is_no_lock(void **state)
{
    (void)state;
    struct lockout *l = lockout(0);
    for (int i = 0; i < 100; i++)
        assert_false(lockout_strike(l, key(1), 0));
    assert_int_equal(lockout_left(l, key(1), 0), 0);
    lockout_free(l);
    l = lockout(99); /* more than is kept: as many as are */
    int struck = 1;
    while (!lockout_strike(l, key(1), 0))
        struck++;
    assert_int_equal(struck, LOCKOUT_TRIES);
    lockout_free(l);
}

static void strangers_do_not_unlock(void **state)
{
    (void)state;
    struct lockout *l = lockout(1);
    assert_true(lockout_strike(l, key(1), 1000));
    const struct lockout_rule two = {2, 10 * MINUTE};
    lockout_set(l, &two);
    for (unsigned i = 2; i < 100000; i++)
        lockout_strike(l, key(i), 2000);
    assert_int_not_equal(lockout_left(l, key(1), 2000), 0);
    lockout_free(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_burst_and_then_the_rate),
        cmocka_unit_test(waiting_as_told_is_enough),
        cmocka_unit_test(it_fills_up_to_the_burst),
        cmocka_unit_test(keys_have_their_own),
        cmocka_unit_test(a_large_cost_leaves_a_debt),
        cmocka_unit_test(no_rate_is_no_limit),
        cmocka_unit_test(strangers_do_not_free_the_one_who_knocks),
        cmocka_unit_test(the_tenth_refusal_locks),
        cmocka_unit_test(what_comes_while_locked_does_not_prolong_it),
        cmocka_unit_test(only_what_is_within_the_window_counts),
        cmocka_unit_test(no_tries_is_no_lock),
        cmocka_unit_test(strangers_do_not_unlock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* When the journal may forget: only what Redis itself says to be on its disk. */
#include "unit.h"

#include "proof.h"

#include <string.h>

#define SECOND INT64_C(1000000)
#define NOON   INT64_C(1795492800000000)

#define RUN "7f5c1b2d9f0e4a6c8b7d6e5f4a3b2c1d0e9f8a7b"

/* As INFO of Redis 7 has it, lines ended by CRLF. */
#define INFO                                                                                       \
    "# Server\r\nredis_version:7.0.15\r\nrun_id:" RUN "\r\n"                                       \
    "server_time_usec:1795492800000000\r\n"                                                        \
    "# Persistence\r\nrdb_saves:2\r\nrdb_last_save_time:1795492700\r\n"                            \
    "rdb_last_bgsave_status:ok\r\nrdb_last_bgsave_time_sec:3\r\n"                                  \
    "aof_enabled:1\r\naof_last_write_status:ok\r\naof_buffer_length:17\r\n"                        \
    "aof_pending_bio_fsync:2\r\n# Replication\r\nconnected_slaves:1\r\n"

static void reads_what_redis_says(void **state)
{
    (void)state;
    struct durability d;
    assert_true(durability_read(&d, INFO, "everysec"));
    assert_string_equal(d.run, RUN);
    assert_int_equal(d.time, NOON);
    assert_true(d.aof && d.aof_ok && d.everysec);
    assert_false(d.always);
    assert_int_equal(d.unwritten, 17);
    assert_int_equal(d.unsynced, 2);
    assert_int_equal(d.replicas, 1);
    /* It ended at …700 and took 3 s, in whole seconds: so it was begun at …696 at the latest. */
    assert_int_equal(d.saved, INT64_C(1795492696) * SECOND);
}

static void takes_nothing_for_granted(void **state)
{
    (void)state;
    struct durability d;
    assert_false(durability_read(&d, "", "always"));
    assert_false(durability_read(&d, "-ERR unknown command", NULL));
    assert_true(durability_read(&d, "server_time_usec:5\r\n", NULL));
    assert_false(d.aof || d.aof_ok || d.always || d.everysec);
    assert_int_equal(d.saved, 0);
    /* A snapshot that failed, and one that never was, though a time stands there. */
    assert_true(durability_read(&d,
                                "server_time_usec:5\nrdb_saves:1\nrdb_last_save_time:9\n"
                                "rdb_last_bgsave_status:err\n",
                                "no"));
    assert_int_equal(d.saved, 0);
    assert_true(durability_read(&d,
                                "server_time_usec:5\nrdb_saves:0\nrdb_last_save_time:9\n"
                                "rdb_last_bgsave_status:ok\n",
                                "no"));
    assert_int_equal(d.saved, 0);
    assert_false(d.always || d.everysec);
}

static const struct durability synced = {
    .time = NOON, .aof = true, .aof_ok = true, .everysec = true};

/* SYNCED as it is some time later. */
static struct durability later(int64_t after)
{
    struct durability d = synced;
    d.time += after;
    return d;
}

static void everysec_holds_after_three_seconds_with_nothing_waiting(void **state)
{
    (void)state;
    struct durability now = later(3 * SECOND);
    assert_true(proof_holds(&synced, &now));
    now = later(3 * SECOND - 1);
    assert_false(proof_holds(&synced, &now));
    now = later(60 * SECOND);
    now.unwritten = 1;
    assert_false(proof_holds(&synced, &now));
    now = later(60 * SECOND);
    now.unsynced = 1;
    assert_false(proof_holds(&synced, &now));
    now = later(60 * SECOND);
    now.aof_ok = false;
    assert_false(proof_holds(&synced, &now));
    now = later(60 * SECOND);
    now.aof = false;
    assert_false(proof_holds(&synced, &now));
    now = later(60 * SECOND);
    now.everysec = false; /* "no": the kernel writes when it likes */
    assert_false(proof_holds(&synced, &now));
}

/* An answer under "always" is proof at once, but only if it was so then already. */
static void always_holds_at_once(void **state)
{
    (void)state;
    struct durability then = synced, now = later(1);
    now.everysec = false;
    now.always = true;
    assert_false(proof_holds(&then, &now));
    then.always = true;
    assert_true(proof_holds(&then, &now));
    now.aof_ok = false;
    assert_false(proof_holds(&then, &now));
}

static void a_snapshot_begun_since_holds(void **state)
{
    (void)state;
    struct durability then = {.time = NOON}, now = {.time = NOON + 60 * SECOND};
    assert_false(proof_holds(&then, &now));
    now.saved = NOON; /* begun then: it may have missed the last of it */
    assert_false(proof_holds(&then, &now));
    now.saved = NOON + 1;
    assert_true(proof_holds(&then, &now));
}

/* A server that began anew, or another one, may lack what this one had. */
static void another_run_proves_nothing(void **state)
{
    (void)state;
    struct durability then = synced, now = later(60 * SECOND);
    strcpy(then.run, RUN);
    assert_false(proof_holds(&then, &now));
    strcpy(now.run, RUN);
    assert_true(proof_holds(&then, &now));
    now.run[0]++;
    now.saved = now.time;
    assert_false(proof_holds(&then, &now));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_redis_says),
        cmocka_unit_test(takes_nothing_for_granted),
        cmocka_unit_test(everysec_holds_after_three_seconds_with_nothing_waiting),
        cmocka_unit_test(always_holds_at_once),
        cmocka_unit_test(a_snapshot_begun_since_holds),
        cmocka_unit_test(another_run_proves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

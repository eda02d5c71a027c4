#include "unit.h"

#include "stats.h"

#include <stdio.h>
#include <string.h>
#include <tallyd/version.h>

static void counts(void **state)
{
    (void)state;
    stats_add(STAT_REQUESTS, 2);
    stats_add(STAT_REQUESTS, 3);
    stats_add(STAT_SCREENS, 1);
    stats_add(STAT_SCREENS, -1);
    assert_int_equal(stats_get(STAT_REQUESTS), 5);
    assert_int_equal(stats_get(STAT_SCREENS), 0);
}

static void times_fall_into_buckets(void **state)
{
    (void)state;
    struct buf out = {0};
    stats_time(TIMED_STORE, 1000000);    /* just at a bound */
    stats_time(TIMED_STORE, 1000001);    /* just over it */
    stats_time(TIMED_STORE, 9000000000); /* over them all */
    stats_render(&out);
    assert_non_null(strstr(out.data, "# TYPE tallyd_store_call_duration_seconds histogram\n"));
#define LINE(text) assert_non_null(strstr(out.data, "tallyd_store_call_duration_seconds" text "\n"))
    LINE("_bucket{le=\"0.0005\"} 0");
    LINE("_bucket{le=\"0.001\"} 1");
    LINE("_bucket{le=\"0.0025\"} 2");
    LINE("_bucket{le=\"5\"} 2");
    LINE("_bucket{le=\"+Inf\"} 3");
    LINE("_sum 9.002000001");
    LINE("_count 3");
#undef LINE
    buf_free(&out);
}

/* Prometheus' text format: for each name its help, its type, its value, in that order. */
static void renders_for_prometheus(void **state)
{
    (void)state;
    struct buf out = {0};
    stats_render(&out);
    assert_non_null(strstr(out.data, "# HELP tallyd_connections Open TCP connections.\n"
                                     "# TYPE tallyd_connections gauge\ntallyd_connections 0\n"));
    assert_non_null(strstr(out.data, "# TYPE tallyd_events_counted_total counter\n"
                                     "tallyd_events_counted_total 0\n"));
    assert_non_null(strstr(out.data, "tallyd_build_info{version=\"" TALLYD_VERSION "\"} 1\n"));
    int metrics = 0;
    char *plain = strstr(out.data, "# HELP tallyd_events_counted_total"); /* behind the times */
    assert_non_null(plain);
    for (char *line = strtok(plain, "\n"); line; line = strtok(NULL, "\n"), metrics++) {
        char name[80], type[16], key[80];
        assert_int_equal(sscanf(line, "# HELP %79s", name), 1);
        line = strtok(NULL, "\n");
        assert_int_equal(sscanf(line, "# TYPE %79s %15s", key, type), 2);
        assert_string_equal(key, name);
        assert_true(strcmp(type, "gauge") == 0 || strcmp(type, "counter") == 0);
        size_t n = strlen(name);
        assert_int_equal(n > 6 && strcmp(name + n - 6, "_total") == 0,
                         strcmp(type, "counter") == 0);
        line = strtok(NULL, "\n");
        assert_memory_equal(line, name, n);
    }
    assert_int_equal(metrics, STAT_COUNT + 1);
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts),
        cmocka_unit_test(times_fall_into_buckets),
        cmocka_unit_test(renders_for_prometheus),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

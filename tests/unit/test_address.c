/* Where the store is, as the configuration says it. */
#include "unit.h"

#include "address.h"

#include <stdio.h>
#include <string.h>

static const char *const none = "-";

/* "kind user password db master path server seeds", so that a table can say it all. */
static void write_down(const struct address *a, char *out, size_t size)
{
    static const char *const kinds[] = {"server", "sentinel", "cluster"};
    int n =
        snprintf(out, size, "%s %s %s %d %s %s %s:%d", kinds[a->kind], a->user ? a->user : none,
                 a->password ? a->password : none, a->db, a->master ? a->master : none,
                 a->path ? a->path : none, a->server.name ? a->server.name : none, a->server.port);
    for (size_t i = 0; i < a->seed_count; i++)
        n += snprintf(out + n, size - (size_t)n, " %s:%d", a->seeds[i].name, a->seeds[i].port);
}

static void reads_what_is_allowed(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"unix:///run/r", "server - - 0 - /run/r -:0"},
        {"redis://h", "server - - 0 - - h:6379"},
        {"redis://h:1/", "server - - 0 - - h:1"},
        {"redis://h:1/3", "server - - 3 - - h:1"},
        {"redis://[::1]:7/3", "server - - 3 - - ::1:7"},
        {"redis://:p%40ss%2Fw@h:1", "server - p@ss/w 0 - - h:1"},
        {"redis://u:p:q@h", "server u p:q 0 - - h:6379"},
        {"redis://p@h", "server - p 0 - - h:6379"},
        {"sentinel://a:1,b,[::2]:3/my-name", "sentinel - - 0 my-name - -:0 a:1 b:26379 ::2:3"},
        {"sentinel://u:p%2C@a:1/n/5", "sentinel u p, 5 n - -:0 a:1"},
        {"cluster://a:1,b", "cluster - - 0 - - -:0 a:1 b:6379"},
        {"cluster://:p@a/0", "cluster - p 0 - - -:0 a:6379"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct address a;
        char error[300], text[300];
        if (!address_read(cases[i][0], &a, error, sizeof error))
            fail_msg("%s: %s", cases[i][0], error);
        write_down(&a, text, sizeof text);
        assert_string_equal(text, cases[i][1]);
        address_clear(&a);
    }
}

static void refuses_the_rest_and_says_what_is_expected(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "",
        "redis://",
        "redis://:p@",
        "redis://h:",
        "redis://h:0",
        "redis://h:65536",
        "redis://h:1x",
        "redis://h:1/x",
        "redis://h:1/-1",
        "redis://[::1",
        "redis://[::1]7",
        "unix://",
        "http://h",
        "sentinel://h:1",
        "sentinel://h:1/",
        "sentinel:///n",
        "sentinel://h:1,/n",
        "sentinel://h:1,,i/n",
        "sentinel://h:1/n m",
        "sentinel://h:1/n/x",
        "sentinel://a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q/n",
        "cluster://",
        "cluster://h/1",
        "cluster://h:1/n",
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct address a;
        char error[300];
        if (address_read(cases[i], &a, error, sizeof error))
            fail_msg("%s was read", cases[i]);
        assert_non_null(strstr(error, "is expected"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_is_allowed),
        cmocka_unit_test(refuses_the_rest_and_says_what_is_expected),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "unit.h"

#include "cookie.h"

#define SECRET "ts_0123456789abcdef0123456789abcdef01234567"

static void finds_ours(void **state)
{
    (void)state;
    static const char *const headers[] = {
        "tally=" SECRET,
        "a=b; tally=" SECRET,
        "tally=" SECRET "; a=b",
        "a=b;tally=" SECRET ";c=d",
        "xtally=1; tally=" SECRET,
        "tally2=ts_0; tally=" SECRET,
        "a=\"tally=x\"; tally=" SECRET ";",
    };
    for (size_t i = 0; i < COUNT_OF(headers); i++) {
        char out[COOKIE_TEXT];
        assert_true(cookie_find(headers[i], COOKIE_NAME, out));
        assert_string_equal(out, SECRET);
    }
}

static void finds_nothing_else(void **state)
{
    (void)state;
    static const char *const headers[] = {
        NULL,
        "",
        ";",
        "; ; ;",
        "tally",
        "tally=",
        "tally=ts_",
        "tally=" SECRET "0",
        "tally=tt_0123456789abcdef0123456789abcdef01234567",
        "tally=ts_0123456789ABCDEF0123456789abcdef01234567",
        "tally=\"" SECRET "\"",
        "tally= " SECRET,
        "tally =" SECRET,
        "Tally=" SECRET,
        "xtally=" SECRET,
        "a=tally=" SECRET,
        "tally=" SECRET ",a=b",
        "tally=" SECRET "; tally=" SECRET,
        "tally=x; tally=" SECRET,
        "tally=" SECRET "; a=\n",
        "a=\x01; tally=" SECRET,
        "tally=" SECRET "; a=\x7f",
        "tally=" SECRET "\t",
    };
    for (size_t i = 0; i < COUNT_OF(headers); i++) {
        char out[COOKIE_TEXT];
        if (cookie_find(headers[i], COOKIE_NAME, out))
            fail_msg("found in %s", headers[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_ours),
        cmocka_unit_test(finds_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

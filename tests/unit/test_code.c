#include "unit.h"

#include "code.h"

#include <stdio.h>
#include <string.h>

static const unsigned char secret[] = "a store's secret, of 32 bytes ...";

static void key_of(const char *purpose, unsigned char key[DIGEST_SIZE])
{
    code_key(secret, sizeof secret, purpose, key);
}

static struct code make(enum code_kind kind, const char *id, int64_t expires)
{
    struct code c = {.kind = kind, .expires = expires};
    strcpy(c.id, id);
    return c;
}

static void reads_what_it_wrote(void **state)
{
    (void)state;
    unsigned char key[DIGEST_SIZE];
    char text[CODE_TEXT], longest[EVENT_ID_MAX + 1];
    memset(longest, 'z', EVENT_ID_MAX);
    longest[EVENT_ID_MAX] = '\0';
    key_of("checkin", key);
    const struct code codes[] = {make(CODE_ACTIVITY, "a", 1), make(CODE_PLAN, "film:2", 2000000000),
                                 make(CODE_ACTIVITY, longest, UINT32_MAX)};
    for (size_t i = 0; i < COUNT_OF(codes); i++) {
        struct code read;
        code_write(&codes[i], key, text);
        assert_int_equal(strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                      "0123456789-_"),
                         strlen(text));
        assert_int_equal(code_read(text, key, codes[i].expires - 1, &read), CODE_GOOD);
        assert_int_equal(read.kind, codes[i].kind);
        assert_int_equal(read.expires, codes[i].expires);
        assert_string_equal(read.id, codes[i].id);
        assert_int_equal(code_read(text, key, codes[i].expires, &read), CODE_EXPIRED);
    }
    assert_int_equal(strlen(text), CODE_TEXT - 6);
}

static void is_the_same_for_the_same(void **state)
{
    (void)state;
    unsigned char key[DIGEST_SIZE];
    char one[CODE_TEXT], two[CODE_TEXT];
    const struct code c = make(CODE_PLAN, "film", 1234567890);
    key_of("checkin", key);
    assert_string_equal(code_write(&c, key, one), code_write(&c, key, two));
}

/* Every other letter at every place, every length, and another key. */
static void refuses_all_others(void **state)
{
    (void)state;
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
                                  "=+/ \n\x80";
    unsigned char key[DIGEST_SIZE], other[DIGEST_SIZE];
    char good[CODE_TEXT], text[CODE_TEXT + 8];
    struct code read;
    const struct code c = make(CODE_ACTIVITY, "office-7:1", 2000000000);
    key_of("checkin", key);
    key_of("another", other);
    code_write(&c, key, good);
    for (size_t i = 0; i < strlen(good); i++)
        for (size_t l = 0; l < sizeof letters - 1; l++) {
            strcpy(text, good);
            text[i] = letters[l];
            if (text[i] != good[i])
                assert_int_equal(code_read(text, key, 0, &read), CODE_FORGED);
        }
    for (size_t n = 0; n < strlen(good); n++) {
        strcpy(text, good);
        text[n] = '\0';
        assert_int_equal(code_read(text, key, 0, &read), CODE_FORGED);
    }
    assert_int_equal(code_read(good, other, 0, &read), CODE_FORGED);
    assert_int_equal(code_read(good + 1, key, 0, &read), CODE_FORGED);
    snprintf(text, sizeof text, "%sA", good);
    assert_int_equal(code_read(text, key, 0, &read), CODE_FORGED);
}

static void refuses_endless_ones(void **state)
{
    (void)state;
    static char text[100000];
    unsigned char key[DIGEST_SIZE];
    struct code read;
    key_of("checkin", key);
    memset(text, 'A', sizeof text - 1);
    assert_int_equal(code_read(text, key, 0, &read), CODE_FORGED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_it_wrote),
        cmocka_unit_test(is_the_same_for_the_same),
        cmocka_unit_test(refuses_all_others),
        cmocka_unit_test(refuses_endless_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

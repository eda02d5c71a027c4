#include "unit.h"

#include "digest.h"

#include <string.h>

static void assert_hex(const unsigned char *digest, const char *expected)
{
    char hex[DIGEST_HEX];
    assert_string_equal(digest_hex(digest, DIGEST_SIZE, hex), expected);
}

/* FIPS 180-4's own examples. */
static void hashes(void **state)
{
    (void)state;
    unsigned char d[DIGEST_SIZE];
    digest_sha256("", 0, d);
    assert_hex(d, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    digest_sha256("abc", 3, d);
    assert_hex(d, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

/* RFC 4231, cases 2 and 6. */
static void hashes_with_a_key(void **state)
{
    (void)state;
    unsigned char d[DIGEST_SIZE], key[131];
    const char *words = "what do ya want for nothing?";
    digest_hmac("Jefe", 4, words, strlen(words), d);
    assert_hex(d, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(key, 0xaa, sizeof key);
    words = "Test Using Larger Than Block-Size Key - Hash Key First";
    digest_hmac(key, sizeof key, words, strlen(words), d);
    assert_hex(d, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

static void writes_hex(void **state)
{
    (void)state;
    char out[7];
    assert_string_equal(digest_hex((const unsigned char *)"\x00\xfa\x10", 3, out), "00fa10");
    assert_string_equal(digest_hex((const unsigned char *)"", 0, out), "");
}

static void draws_at_random(void **state)
{
    (void)state;
    unsigned char a[32] = {0}, b[32] = {0}, zero[32] = {0};
    digest_random(a, sizeof a);
    digest_random(b, sizeof b);
    assert_false(digest_equal(a, b, sizeof a));
    assert_false(digest_equal(a, zero, sizeof a));
}

static void compares(void **state)
{
    (void)state;
    assert_true(digest_equal("same", "same", 4));
    assert_false(digest_equal("same", "sane", 4));
    assert_true(digest_equal("same", "sane", 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes),     cmocka_unit_test(hashes_with_a_key),
        cmocka_unit_test(writes_hex), cmocka_unit_test(draws_at_random),
        cmocka_unit_test(compares),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

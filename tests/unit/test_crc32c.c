#include "unit.h"

#include "crc32c.h"
#include <stdlib.h>

/* RFC 3720, appendix B.4. */
static void gives_the_published_values(void **state)
{
    (void)state;
    unsigned char bytes[32] = {0};
    assert_int_equal(crc32c(0, bytes, 32), 0x8a9136aa);
    for (unsigned i = 0; i < 32; i++)
        bytes[i] = 0xff;
    assert_int_equal(crc32c(0, bytes, 32), 0x62a8ab43);
    for (unsigned i = 0; i < 32; i++)
        bytes[i] = (unsigned char)i;
    assert_int_equal(crc32c(0, bytes, 32), 0x46dd794e);
    assert_int_equal(crc32c_by_table(0, bytes, 32), 0x46dd794e);
    assert_int_equal(crc32c(0, "123456789", 9), 0xe3069283);
    assert_int_equal(crc32c(0, "", 0), 0);
}

static void is_the_same_by_either_way_and_in_parts(void **state)
{
    (void)state;
    unsigned char *bytes = malloc(300);
    for (unsigned i = 0; i < 300; i++)
        bytes[i] = (unsigned char)(i * 197 + i / 7);
    for (unsigned from = 0; from < 9; from++)
        for (unsigned n = 0; n < 290; n++) {
            uint32_t whole = crc32c(0, bytes + from, n);
            assert_int_equal(crc32c_by_table(0, bytes + from, n), whole);
            assert_int_equal(
                crc32c(crc32c(0, bytes + from, n / 3), bytes + from + n / 3, n - n / 3), whole);
        }
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_published_values),
        cmocka_unit_test(is_the_same_by_either_way_and_in_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

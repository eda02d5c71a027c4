#include "unit.h"

#include "personal.h"

#include <string.h>

static void finds_phones_and_identity_cards(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "13812345678",
        "找张三13812345678",
        "138 1234 5678",
        "138-1234-5678 打我",
        "138—1234—5678",
        "138\u30001234\u30005678",
        "１３８１２３４５６７８",
        "１３８1234５６７８",
        "8613812345678",
        "+86 138 1234 5678",
        "+86-13812345678",
        "13812345678或13912345678",
        "13812345678 13912345678",
        "13812345678x",
        "11010519491231002X",
        "11010519491231002x",
        "110105194912310021",
        "110105 19491231 0021",
        "１１０１０５１９４９１２３１００２Ｘ",
        "身份证号：110105194912310021。",
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        if (!personal_found(texts[i]))
            fail_msg("not found: %s", texts[i]);
}

static void leaves_other_numbers(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "路灯坏了",
        "12345",
        "热线 12345，24 小时",
        "1381234567",
        "138123456789",
        "12812345678",
        "2024-06-01 2024-06-30 停水",
        "3号楼2单元1201室",
        "x",
        "xxxxxxxxxxxxxxxxxx",
        "5x5 5x5 5x5",
        "11010519491231002",
        "11010519491231002A",
        "1101051949123100211",
        "1-2-3-4-5-6-7-8-9",
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        if (personal_found(texts[i]))
            fail_msg("found: %s", texts[i]);
}

static void survives_long_runs(void **state)
{
    (void)state;
    char text[1000];
    memset(text, '1', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_false(personal_found(text));
    memset(text, '-', sizeof text - 1);
    assert_false(personal_found(text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_phones_and_identity_cards),
        cmocka_unit_test(leaves_other_numbers),
        cmocka_unit_test(survives_long_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

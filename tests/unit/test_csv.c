/* The sheet as a file: its bytes' encoding, and its rows and cells. */
#include "unit.h"

#include "csv.h"
#include "encoding.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Everything that is read of TEXT, each cell in brackets, each row on a line with its number. */
static char *read_all(const char *text)
{
    struct csv c;
    struct csv_row row = {0};
    struct buf out = {0};
    enum csv_step step;
    csv_open(&c, text, strlen(text));
    buf_adds(&out, "");
    while ((step = csv_next(&c, &row)) == CSV_ROW) {
        buf_addf(&out, "%ld:", c.row);
        for (size_t i = 0; i < row.count; i++)
            buf_addf(&out, "[%s]", csv_cell(&row, i));
        buf_adds(&out, "\n");
    }
    if (step == CSV_BAD)
        buf_addf(&out, "row %ld: bad", c.row);
    csv_row_free(&row);
    return buf_take(&out, NULL);
}

static void reads_rows_and_cells(void **state)
{
    (void)state;
    static const struct {
        const char *text, *rows;
    } cases[] = {
        {"", ""},
        {"a", "1:[a]\n"},
        {"a\n", "1:[a]\n"},
        {"a,b\nc,d\n", "1:[a][b]\n2:[c][d]\n"},
        {"a,b\r\nc,d\r\n", "1:[a][b]\n2:[c][d]\n"},
        {"a,b\rc,d\r", "1:[a][b]\n2:[c][d]\n"},
        {"a,b\nc,d", "1:[a][b]\n2:[c][d]\n"},
        {"a,b\n,\n\nc,", "1:[a][b]\n2:[][]\n3:[]\n4:[c][]\n"},
        {"\"a\",\"b\"\n\"\",\"c\"", "1:[a][b]\n2:[][c]\n"},
        {"a,b\n\"x,y\",\"he said \"\"no\"\"\"\n", "1:[a][b]\n2:[x,y][he said \"no\"]\n"},
        {"a,b\n\"one\r\ntwo\nthree\",4\n5,6\n", "1:[a][b]\n2:[one\r\ntwo\nthree][4]\n3:[5][6]\n"},
        {"a,b\n5\" nail,x\"y\n", "1:[a][b]\n2:[5\" nail][x\"y]\n"},
        {"a, b \n", "1:[a][ b ]\n"},
        {"标题,社区\n\"文化节，第一场\",社区一\n", "1:[标题][社区]\n2:[文化节，第一场][社区一]\n"},
        {"a,b\n\"open,c\nd,e\n", "1:[a][b]\nrow 2: bad"},
        {"a,b\n\"x\"y,c\n", "1:[a][b]\nrow 2: bad"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char *got = read_all(cases[i].text);
        assert_string_equal(got, cases[i].rows);
        free(got);
    }
}

static void finds_the_separator_in_the_head(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        char separator;
    } cases[] = {
        {"a,b;c,d\n", ','},          {"a;b;c\n1,5;2;3\n", ';'},
        {"a\tb\n1,2,3,4\n", '\t'},   {"alone\n1;2\n", ','},
        {"\"a,b,c\";d\n", ';'},      {"\n\r\na;b\n1,2,3", ';'},
        {"\"a\nb,c,d\"\te\n", '\t'}, {"", ','},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct csv c;
        csv_open(&c, cases[i].text, strlen(cases[i].text));
        assert_int_equal(c.separator, cases[i].separator);
    }
}

static void reads_a_row_again_from_a_copy(void **state)
{
    (void)state;
    static const char text[] = "a,b\n\"1\n\",2\n3,4\n";
    struct csv c, place;
    struct csv_row row = {0};
    csv_open(&c, text, strlen(text));
    csv_next(&c, &row);
    place = c;
    csv_next(&c, &row);
    csv_next(&c, &row);
    assert_string_equal(csv_cell(&row, 0), "3");
    assert_int_equal(csv_next(&place, &row), CSV_ROW);
    assert_int_equal(place.row, 2);
    assert_string_equal(csv_cell(&row, 0), "1\n");
    assert_string_equal(csv_cell(&row, 2), "");
    csv_row_free(&row);
}

static void tells_blank_rows(void **state)
{
    (void)state;
    static const char text[] = "\n, ,\t\n\"\n\"\n,x\n";
    static const bool blank[] = {true, true, true, false};
    struct csv c;
    struct csv_row row = {0};
    csv_open(&c, text, strlen(text));
    for (size_t i = 0; i < COUNT_OF(blank); i++) {
        assert_int_equal(csv_next(&c, &row), CSV_ROW);
        assert_int_equal(csv_blank(&row), blank[i]);
    }
    csv_row_free(&row);
}

/* Whatever stands in a cell comes back from what was written. */
static void writes_what_it_reads(void **state)
{
    (void)state;
    static const char *const cells[] = {"",       "a",       "a,b",       "a;b",         "a\tb",
                                        "\"",     "a\"b\"c", "two\nrows", "two\r\nrows", " edge",
                                        "edge\t", "社区一",  "=1+1",      "'007",        "\"\"\""};
    static const char separators[] = {',', ';', '\t'};
    for (size_t s = 0; s < sizeof separators; s++) {
        struct buf text = {0};
        struct csv_row row = {0};
        struct csv c;
        const char separator[] = {separators[s], '\0'};
        for (size_t i = 0; i < COUNT_OF(cells); i++) {
            buf_adds(&text, i ? separator : "");
            csv_add(&text, cells[i], separators[s]);
        }
        csv_open(&c, text.data, text.len);
        assert_int_equal(c.separator, separators[s]);
        assert_int_equal(csv_next(&c, &row), CSV_ROW);
        assert_int_equal(row.count, COUNT_OF(cells));
        for (size_t i = 0; i < COUNT_OF(cells); i++)
            assert_string_equal(csv_cell(&row, i), cells[i]);
        assert_int_equal(csv_next(&c, &row), CSV_END);
        csv_row_free(&row);
        buf_free(&text);
    }
}

static void finds_the_encoding(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
        const char *named, *encoding, *text;
    } cases[] = {
        {"", 0, NULL, "UTF-8", ""},
        {"abc", 3, NULL, "UTF-8", "abc"},
        {"社区", 6, NULL, "UTF-8", "社区"},
        {"\xef\xbb\xbf社区", 9, NULL, "UTF-8", "社区"},
        {"\xc9\xe7\xc7\xf8", 4, NULL, "GB18030", "社区"},
        {"\xc9\xe7\xc7\xf8", 4, "GB18030", "GB18030", "社区"},
        /* The classic that a lax reader takes for UTF-8. */
        {"\xc1\xaa\xcd\xa8", 4, NULL, "GB18030", "联通"},
        /* Four bytes in either. */
        {"\x95\x33\x8a\x35", 4, NULL, "GB18030", "𠔻"},
        {"\x84\x31\x95\x33\xc9\xe7", 6, NULL, "GB18030", "社"},
        {"\xff\xfe\x3e\x79\x3a\x53", 6, NULL, "UTF-16LE", "社区"},
        {"\xfe\xff\x79\x3e\x53\x3a", 6, NULL, "UTF-16BE", "社区"},
        {"\x79\x3e\x53\x3a", 4, "UTF-16BE", "UTF-16BE", "社区"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buf bytes = {0}, error = {0};
        buf_add(&bytes, cases[i].bytes, cases[i].len);
        const char *found = encoding_decode(&bytes, cases[i].named, &error);
        if (!found)
            fail_msg("case %zu: %s", i, error.data);
        assert_string_equal(found, cases[i].encoding);
        assert_string_equal(bytes.data, cases[i].text);
        assert_int_equal(bytes.len, strlen(cases[i].text));
        assert_int_equal(error.len, 0);
        buf_free(&bytes);
        buf_free(&error);
    }
}

/* Longer than any buffer on the way. */
static void decodes_long_texts(void **state)
{
    (void)state;
    struct buf bytes = {0}, error = {0};
    for (int i = 0; i < 100001; i++)
        buf_add(&bytes, "\xc9\xe7", 2);
    assert_string_equal(encoding_decode(&bytes, NULL, &error), "GB18030");
    assert_int_equal(bytes.len, 300003);
    for (size_t i = 0; i < bytes.len; i += 3)
        assert_memory_equal(bytes.data + i, "社", 3);
    buf_free(&bytes);
    buf_free(&error);
}

static void refuses_what_is_no_text(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
        const char *named, *told;
    } cases[] = {
        {"a\nb\n\xff\xff", 6, NULL, "line 3 isn't valid UTF-8, and line 3 isn't valid GB18030"},
        {"a\n\xc9\xe7\n", 5, "UTF-8", "line 2 isn't valid UTF-8"},
        {"\xc9\xe7\n\xc9", 4, NULL, "line 2 isn't valid GB18030"},
        {"a\nb\0c", 5, NULL, "line 2 holds a NUL byte"},
        {"PK\x03\x04zip", 7, NULL, "an Excel workbook"},
        {"\xd0\xcf\x11\xe0\xa1\xb1", 6, NULL, "an old Excel workbook"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buf bytes = {0}, error = {0};
        buf_add(&bytes, cases[i].bytes, cases[i].len);
        assert_null(encoding_decode(&bytes, cases[i].named, &error));
        if (!strstr(error.data, cases[i].told))
            fail_msg("case %zu: %s", i, error.data);
        buf_free(&bytes);
        buf_free(&error);
    }
}

static void knows_encodings_by_their_names(void **state)
{
    (void)state;
    assert_string_equal(encoding_find("utf8"), "UTF-8");
    assert_string_equal(encoding_find("UTF-8"), "UTF-8");
    assert_string_equal(encoding_find("GBK"), "GB18030");
    assert_string_equal(encoding_find("gb2312"), "GB18030");
    assert_string_equal(encoding_find("utf-16le"), "UTF-16LE");
    assert_null(encoding_find("latin1"));
    assert_null(encoding_find(""));
    assert_null(encoding_find("utf"));
    assert_null(encoding_find("utf88"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_rows_and_cells),
        cmocka_unit_test(finds_the_separator_in_the_head),
        cmocka_unit_test(reads_a_row_again_from_a_copy),
        cmocka_unit_test(tells_blank_rows),
        cmocka_unit_test(writes_what_it_reads),
        cmocka_unit_test(finds_the_encoding),
        cmocka_unit_test(decodes_long_texts),
        cmocka_unit_test(refuses_what_is_no_text),
        cmocka_unit_test(knows_encodings_by_their_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "unit.h"

#include "date.h"
#include "log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Standard error, turned to a file while a test writes. */
static FILE *caught;
static int real_stderr;

static int catch_start(void **state)
{
    (void)state;
    unsetenv("JOURNAL_STREAM");
    caught = tmpfile();
    real_stderr = dup(STDERR_FILENO);
    return caught && dup2(fileno(caught), STDERR_FILENO) == STDERR_FILENO ? 0 : -1;
}

static int catch_end(void **state)
{
    (void)state;
    dup2(real_stderr, STDERR_FILENO);
    close(real_stderr);
    fclose(caught);
    log_level(LOG_INFO);
    log_bound(100, 10 * DATE_SECOND);
    return 0;
}

/* What was written since the last call. */
static const char *written(void)
{
    static char text[16384];
    ssize_t n = pread(fileno(caught), text, sizeof text - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    assert_int_equal(ftruncate(fileno(caught), 0), 0);
    lseek(fileno(caught), 0, SEEK_SET);
    return text;
}

/* The line without its time; the time is one that can be read. */
static const char *line(void)
{
    const char *text = written();
    assert_memory_equal(text, "at=", 3);
    const char *rest = strchr(text, ' ');
    int64_t instant;
    assert_non_null(rest);
    assert_true(date_parse(text + 3, (size_t)(rest - text) - 3, &instant));
    return rest + 1;
}

static void writes_one_line(void **state)
{
    (void)state;
    log_write(LOG_INFO, "listening", "address", "127.0.0.1:8080", "none", NULL, NULL);
    assert_string_equal(line(), "level=info event=listening address=127.0.0.1:8080 none=-\n");
    log_write(LOG_ERROR, "alone", NULL);
    assert_string_equal(line(), "level=error event=alone\n");
}

static void quotes_and_escapes(void **state)
{
    (void)state;
    static const struct {
        const char *value, *written;
    } cases[] = {
        {"plain", "plain"},
        {"", "\"\""},
        {"two words", "\"two words\""},
        {"a=b", "\"a=b\""},
        {"say \"hi\"", "\"say \\\"hi\\\"\""},
        {"\"", "\"\\\"\""},
        {"back\\slash", "\"back\\\\slash\""},
        {"x\nevent=forged", "\"x\\u{a}event=forged\""},
        {"\r\t\x1b[2J", "\"\\u{d}\\u{9}\\u{1b}[2J\""},
        {"\x7f", "\"\\u{7f}\""},
        {"\xc2\x85", "\"\\u{85}\""},                            /* next line */
        {"\xe2\x80\xa8\xe2\x80\xa9", "\"\\u{2028}\\u{2029}\""}, /* line, paragraph separator */
        {"\xe2\x80\xae"
         "gpj.exe",
         "\"\\u{202e}gpj.exe\""}, /* right to left */
        {"\xe2\x81\xa6\xd8\x9c\xe2\x80\x8f", "\"\\u{2066}\\u{61c}\\u{200f}\""},
        {"\xff\xc0\x80", "\"\\x{ff}\\x{c0}\\x{80}\""}, /* not UTF-8 */
        {"\xe5\x8e", "\"\\x{e5}\\x{8e}\""},
        {"厢伴管家", "厢伴管家"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char expected[200];
        snprintf(expected, sizeof expected, "level=warn event=e v=%s\n", cases[i].written);
        log_write(LOG_WARN, "e", "v", cases[i].value, NULL);
        assert_string_equal(line(), expected);
    }
}

static void cuts_what_is_endless(void **state)
{
    (void)state;
    char value[9001];
    for (size_t i = 0; i + 3 <= 9000; i += 3)
        memcpy(value + i, "厢", 3);
    value[9000] = '\0';
    log_write(LOG_INFO, "e", "v", value, "w", "end", NULL);
    const char *text = line();
    assert_in_range(strlen(text), 1900, 2100);
    assert_non_null(strstr(text, "厢…\" w=end\n"));
}

static void keeps_to_its_level(void **state)
{
    (void)state;
    log_write(LOG_DEBUG, "e", NULL);
    assert_string_equal(written(), "");
    log_level(LOG_DEBUG);
    log_write(LOG_DEBUG, "e", NULL);
    assert_string_equal(line(), "level=debug event=e\n");
    log_level(LOG_ERROR);
    log_write(LOG_WARN, "e", NULL);
    assert_string_equal(written(), "");
    log_write(LOG_ERROR, "e", NULL);
    assert_string_equal(line(), "level=error event=e\n");
}

static void speaks_to_the_journal(void **state)
{
    (void)state;
    struct stat st;
    char stream[64];
    assert_int_equal(fstat(STDERR_FILENO, &st), 0);
    snprintf(stream, sizeof stream, "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
    setenv("JOURNAL_STREAM", stream, 1);
    log_write(LOG_INFO, "e", "v", "1", NULL);
    assert_string_equal(written(), "<6>event=e v=1\n");
    log_write(LOG_ERROR, "e", NULL);
    assert_string_equal(written(), "<3>event=e\n");
    setenv("JOURNAL_STREAM", "1:1", 1); /* standard error was turned elsewhere */
    log_write(LOG_INFO, "e", NULL);
    assert_string_equal(line(), "level=info event=e\n");
    unsetenv("JOURNAL_STREAM");
}

static void writes_numbers(void **state)
{
    (void)state;
    log_write(LOG_INFO, "e", "a", log_num(1), "b", log_num(-9223372036854775807LL - 1), "c",
              log_num(0), NULL);
    assert_string_equal(line(), "level=info event=e a=1 b=-9223372036854775808 c=0\n");
}

/* Lines that tell EVENT in what was written, and the number left unsaid that stands in one. */
static int lines_of(const char *text, const char *event, unsigned *unsaid)
{
    int count = 0;
    *unsaid = 0;
    for (const char *at = text; (at = strstr(at, event)); at++) {
        count++;
        sscanf(at + strlen(event), " unsaid=%u", unsaid);
    }
    return count;
}

static void what_repeats_is_counted_and_told_once(void **state)
{
    (void)state;
    unsigned unsaid;
    log_bound(5, 3600 * DATE_SECOND);
    for (int i = 0; i < 12; i++)
        log_write(LOG_WARN, "storm", "n", log_num(i), NULL);
    log_write(LOG_WARN, "other", NULL);
    log_tick();
    const char *text = written();
    assert_int_equal(lines_of(text, "event=storm", &unsaid), 5);
    assert_int_equal(unsaid, 0);
    assert_int_equal(lines_of(text, "event=other", &unsaid), 1);

    log_bound(5, 0); /* the span is over */
    log_tick();
    text = written();
    assert_int_equal(lines_of(text, "event=storm", &unsaid), 1);
    assert_int_equal(unsaid, 7);
    assert_non_null(strstr(text, "level=warn"));
    log_tick();
    assert_string_equal(written(), "");

    log_bound(1, 3600 * DATE_SECOND);
    log_write(LOG_INFO, "gust", NULL);
    log_write(LOG_INFO, "gust", NULL);
    log_bound(1, 0);
    log_write(LOG_INFO, "gust", "n", "3", NULL);
    text = written();
    assert_int_equal(lines_of(text, "event=gust", &unsaid), 2);
    assert_int_equal(unsaid, 1);
    assert_non_null(strstr(text, "event=gust unsaid=1 n=3"));
}

static void every_word_of_a_search_for_faults_is_told(void **state)
{
    (void)state;
    unsigned unsaid;
    log_bound(1, 3600 * DATE_SECOND);
    log_level(LOG_DEBUG);
    for (int i = 0; i < 9; i++)
        log_write(LOG_DEBUG, "step", NULL);
    assert_int_equal(lines_of(written(), "event=step", &unsaid), 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(writes_one_line, catch_start, catch_end),
        cmocka_unit_test_setup_teardown(quotes_and_escapes, catch_start, catch_end),
        cmocka_unit_test_setup_teardown(cuts_what_is_endless, catch_start, catch_end),
        cmocka_unit_test_setup_teardown(keeps_to_its_level, catch_start, catch_end),
        cmocka_unit_test_setup_teardown(speaks_to_the_journal, catch_start, catch_end),
        cmocka_unit_test_setup_teardown(writes_numbers, catch_start, catch_end),
        cmocka_unit_test_setup_teardown(what_repeats_is_counted_and_told_once, catch_start,
                                        catch_end),
        cmocka_unit_test_setup_teardown(every_word_of_a_search_for_faults_is_told, catch_start,
                                        catch_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

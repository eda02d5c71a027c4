#include "unit.h"

#include "catalogue.h"
#include "date.h"
#include "effect.h"
#include "event_wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOW "2026-11-24T12:00:00+08:00"

static struct catalogue *catalogue;
static int64_t now;

static int set_up(void **state)
{
    (void)state;
    date_zone("Asia/Shanghai");
    date_parse(NOW, strlen(NOW), &now);
    catalogue = catalogue_new("test", "Test");
    catalogue_add(catalogue, DIM_CIRCLE, "c1", "C1", NULL);
    catalogue_add(catalogue, DIM_CIRCLE, "c2", "C2", NULL);
    catalogue_add(catalogue, DIM_COMMUNITY, "s01", "S1", "c1");
    catalogue_add(catalogue, DIM_UNIT, "u01", "U1", NULL);
    catalogue_add(catalogue, DIM_CATEGORY, "g1", "G1", NULL);
    catalogue_add(catalogue, DIM_PROJECT, "p1", "P1", "g1");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    catalogue_free(catalogue);
    return 0;
}

/* Reads and judges; the first fault as "code field", or "" */
static const char *judge(const char *body, bool ndjson)
{
    static char said[128];
    struct faults faults = {0};
    struct events events;
    events_read(body, strlen(body), ndjson, &events, &faults);
    for (size_t i = 0; i < events.count; i++)
        if (events.list[i].kind < EVENT_KINDS)
            event_check(&events.list[i], catalogue, now, (int)i, &faults);
    said[0] = '\0';
    if (faults.count)
        snprintf(said, sizeof said, "%s %s", fault_name(faults.list[0].code), faults.list[0].field);
    events_clear(&events);
    faults_free(&faults);
    return said;
}

#define AT       ",\"at\":\"2026-11-24T10:00:00+08:00\""
#define ACTIVITY "{\"id\":\"a1\",\"kind\":\"activity\",\"title\":\"x\"" AT

static void good_events_pass(void **state)
{
    (void)state;
    static const char *const good[] = {
        ACTIVITY ",\"community\":\"s01\"}",
        ACTIVITY ",\"unit\":\"u01\",\"project\":\"p1\",\"venue\":\"v\",\"residents\":100000}",
        ACTIVITY ",\"unit\":\"u01\",\"residents\":1e2}",
        "[" ACTIVITY ",\"unit\":\"u01\"}," ACTIVITY ",\"unit\":\"u01\"}]",
        "{\"id\":\"r\",\"kind\":\"reach\",\"activity\":\"a1\",\"residents\":0" AT "}",
        "{\"id\":\"r\",\"kind\":\"reach\",\"activity\":\"a1\",\"resident\":\"张三\"" AT "}",
        "{\"id\":\"v\",\"kind\":\"venue\",\"venue\":\"v1\",\"shared\":false" AT "}",
        "{\"id\":\"v\",\"kind\":\"venue\",\"venue\":\"v1\",\"shared\":true,\"name\":\"n\","
        "\"unit\":\"u01\"" AT "}",
        "{\"id\":\"p\",\"kind\":\"problem\",\"problem\":\"q\",\"status\":\"raised\",\"title\":"
        "\"t\","
        "\"community\":\"s01\"" AT "}",
        "{\"id\":\"p\",\"kind\":\"problem\",\"problem\":\"q\",\"status\":\"solved\"" AT "}",
        "{\"id\":\"l\",\"kind\":\"plan\",\"plan\":\"q\",\"title\":\"t\",\"unit\":\"u01\","
        "\"starts\":\"2030-01-01T09:00:00Z\"" AT "}",
        "{\"id\":\"o\",\"kind\":\"opening\",\"metrics\":{\"venues\":120}" AT "}",
        "{\"id\":\"x\",\"kind\":\"void\",\"of\":\"a1\",\"reason\":\"twice\"" AT "}",
    };
    for (size_t i = 0; i < COUNT_OF(good); i++)
        assert_string_equal(judge(good[i], false), "");
}

static void bad_events_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *body, *said;
    } bad[] = {
        {"7", "not_an_object "},
        {"[]", "no_events "},
        {"[7]", "not_an_object "},
        {"{\"id\":\"a\"}", "missing_field kind"},
        {"{\"id\":\"a\",\"kind\":\"party\"" AT "}", "unknown_value kind"},
        {"{\"id\":\"a\",\"kind\":5" AT "}", "wrong_type kind"},
        {ACTIVITY "}", "either_or community"},
        {ACTIVITY ",\"community\":\"s99\"}", "not_in_catalogue community"},
        {ACTIVITY ",\"community\":\"a b\"}", "bad_id community"},
        {ACTIVITY ",\"unit\":\"u01\",\"residents\":-1}", "out_of_range residents"},
        {ACTIVITY ",\"unit\":\"u01\",\"residents\":1.5}", "out_of_range residents"},
        {ACTIVITY ",\"unit\":\"u01\",\"residents\":100001}", "out_of_range residents"},
        {ACTIVITY ",\"unit\":\"u01\",\"residents\":9007199254740993}", "out_of_range residents"},
        {ACTIVITY ",\"unit\":\"u01\",\"residents\":\"5\"}", "wrong_type residents"},
        {ACTIVITY ",\"unit\":\"u01\",\"shared\":true}", "unknown_field shared"},
        {ACTIVITY ",\"unit\":\"u01\",\"extra\":1}", "unknown_field extra"},
        {"{\"id\":\"r\",\"kind\":\"reach\",\"activity\":\"a1\"" AT "}", "either_or residents"},
        {"{\"id\":\"r\",\"kind\":\"reach\",\"activity\":\"a1\",\"residents\":1,\"resident\":"
         "\"x\"" AT "}",
         "either_or residents"},
        {"{\"id\":\"v\",\"kind\":\"venue\",\"venue\":\"v1\",\"shared\":true,\"unit\":\"u01\"" AT
         "}",
         "missing_field name"},
        {"{\"id\":\"v\",\"kind\":\"venue\",\"venue\":\"v1\",\"shared\":1" AT "}",
         "wrong_type shared"},
        {"{\"id\":\"p\",\"kind\":\"problem\",\"problem\":\"q\",\"status\":\"open\"" AT "}",
         "unknown_value status"},
        {"{\"id\":\"p\",\"kind\":\"problem\",\"problem\":\"q\",\"status\":\"claimed\"" AT "}",
         "missing_field unit"},
        {"{\"id\":\"o\",\"kind\":\"opening\",\"metrics\":{\"residents_unique\":1}" AT "}",
         "unknown_field metrics.residents_unique"},
        {"{\"id\":\"o\",\"kind\":\"opening\",\"metrics\":{}" AT "}", "missing_field metrics"},
        {"{\"id\":\"o\",\"kind\":\"opening\",\"metrics\":{\"venues\":1},\"circle\":\"c2\","
         "\"community\":\"s01\"" AT "}",
         "mismatch circle"},
        {"{\"id\":\"x\",\"kind\":\"void\",\"of\":\"a1\"" AT "}", "missing_field reason"},
        {"{\"id\":\"x\",\"kind\":\"void\",\"of\":\"a1\",\"reason\":\"\"" AT "}", "bad_text reason"},
        {"{\"id\":\"x\",\"kind\":\"void\",\"of\":\"a1\",\"reason\":\"r\",\"at\":\"2026-11-24\"}",
         "bad_time at"},
        {"{\"id\":\"x\",\"kind\":\"void\",\"of\":\"a1\",\"reason\":\"r\","
         "\"at\":\"2026-11-24T12:10:01+08:00\"}",
         "in_the_future at"},
        {"{\"kind\":\"void\",\"of\":\"a1\",\"reason\":\"r\"" AT "}", "missing_field id"},
        {"{\"id\":7,\"kind\":\"void\",\"of\":\"a1\",\"reason\":\"r\"" AT "}", "wrong_type id"},
        {"{\"id\":\"x\",\"kind\":\"void\",\"of\":\"a1\",\"reason\":[]" AT "}", "wrong_type reason"},
        {"{\"id\":\"x\",\"kind\":\"void\",\"of\":\"a1\",\"reason\":\"r\",\"at\":1795492800}",
         "wrong_type at"},
        {"{\"id\":\"o\",\"kind\":\"opening\",\"metrics\":[1]" AT "}", "wrong_type metrics"},
        {"{\"id\":\"o\",\"kind\":\"opening\",\"metrics\":{\"venues\":\"1\"}" AT "}",
         "wrong_type metrics.venues"},
        {"{\"id\":\"o\",\"kind\":\"opening\",\"metrics\":{\"venues\":1000000000001}" AT "}",
         "out_of_range metrics.venues"},
        {"{\"id\":\"p\",\"kind\":\"problem\",\"problem\":\"q\",\"status\":5" AT "}",
         "wrong_type status"},
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_string_equal(judge(bad[i].body, false), bad[i].said);
}

static void lines_are_events(void **state)
{
    (void)state;
    struct faults faults = {0};
    struct events events;
    static const char body[] = ACTIVITY ",\"unit\":\"u01\"}\r\n\n  \nnonsense\n" ACTIVITY "}\n";
    events_read(body, strlen(body), true, &events, &faults);
    assert_int_equal(events.count, 3);
    assert_int_equal(faults.count, 1);
    assert_int_equal(faults.list[0].code, FAULT_NOT_JSON);
    assert_int_equal(faults.list[0].index, 1);
    events_clear(&events);
    faults_free(&faults);
}

static void text_is_measured_in_characters(void **state)
{
    (void)state;
    assert_int_equal(event_text_length("共享活动😀"), 5);
    assert_int_equal(event_text_length("a\tb"), -1);
    assert_int_equal(event_text_length("a\xc2\x85"), -1);
    assert_int_equal(event_text_length("a\xe2\x80\xa8"), -1);
    assert_int_equal(event_text_length(""), 0);
}

static void read_one(const char *json, struct events *events)
{
    struct faults faults = {0};
    events_read(json, strlen(json), false, events, &faults);
    assert_int_equal(faults.count, 0);
    faults_free(&faults);
}

static void content_is_what_was_meant(void **state)
{
    (void)state;
    struct events a, b;
    unsigned char x[EVENT_HASH], y[EVENT_HASH];
    read_one(ACTIVITY ",\"unit\":\"u01\",\"residents\":3}", &a);
    read_one(
        "{\"residents\":3,\"unit\":\"u01\",\"title\":\"x\",\"at\":\"2026-11-24T02:00:00.000Z\","
        "\"kind\":\"activity\",\"id\":\"a1\"}",
        &b);
    event_hash(a.list, NULL, x);
    event_hash(b.list, NULL, y);
    assert_memory_equal(x, y, EVENT_HASH);
    events_clear(&b);
    read_one(ACTIVITY ",\"unit\":\"u01\",\"residents\":4}", &b);
    event_hash(b.list, NULL, y);
    assert_memory_not_equal(x, y, EVENT_HASH);
    events_clear(&a);
    events_clear(&b);
}

/* One of each kind, in the order in which an event is written. */
static const char *const written[EVENT_KINDS] = {
    [EVENT_ACTIVITY] = "{\"id\":\"a1\",\"kind\":\"activity\"" AT ",\"title\":\"义诊 \\\"1\\\"\","
                       "\"community\":\"s01\",\"unit\":\"u01\",\"project\":\"p1\",\"venue\":\"v\","
                       "\"plan\":\"l1\",\"residents\":3}",
    [EVENT_REACH] = "{\"id\":\"r1\",\"kind\":\"reach\"" AT ",\"activity\":\"a1\",\"residents\":0}",
    [EVENT_VENUE] = "{\"id\":\"v1\",\"kind\":\"venue\"" AT ",\"name\":\"n\",\"unit\":\"u01\","
                    "\"venue\":\"v\",\"shared\":true}",
    [EVENT_PROBLEM] = "{\"id\":\"q1\",\"kind\":\"problem\"" AT ",\"title\":\"t\","
                      "\"community\":\"s01\",\"problem\":\"q\",\"status\":\"raised\"}",
    [EVENT_PLAN] = "{\"id\":\"l1\",\"kind\":\"plan\"" AT ",\"title\":\"t\",\"unit\":\"u01\","
                   "\"plan\":\"l\",\"starts\":\"2030-01-01T09:00:00Z\",\"cancelled\":true}",
    [EVENT_OPENING] = "{\"id\":\"o1\",\"kind\":\"opening\"" AT ",\"circle\":\"c2\","
                      "\"metrics\":{\"venues\":120,\"problems_solved\":450}}",
    [EVENT_VOID] = "{\"id\":\"x1\",\"kind\":\"void\"" AT ",\"of\":\"a1\",\"reason\":\"twice\"}",
};

static void written_as_read(void **state)
{
    (void)state;
    for (int k = 0; k < EVENT_KINDS; k++) {
        struct events events;
        struct buf out = {0};
        assert_string_equal(judge(written[k], false), "");
        read_one(written[k], &events);
        assert_int_equal(events.list->kind, k);
        event_write(events.list, NULL, &out);
        assert_string_equal(out.data, written[k]);
        buf_free(&out);
        events_clear(&events);
    }
}

/* In its name's place stands whatever the writer gives. */
static void a_resident_is_written_as_a_hash(void **state)
{
    (void)state;
    struct events events;
    struct buf out = {0};
    read_one("{\"id\":\"r\",\"kind\":\"reach\",\"activity\":\"a1\",\"resident\":\"张三\"" AT "}",
             &events);
    event_write(events.list, "0123abcd", &out);
    assert_string_equal(out.data, "{\"id\":\"r\",\"kind\":\"reach\"" AT ",\"activity\":\"a1\","
                                  "\"resident\":\"0123abcd\"}");
    buf_free(&out);
    events_clear(&events);
}

/* Every field of every kind is part of what is meant, but for the id. */
static void each_kind_means_its_fields(void **state)
{
    (void)state;
    static const struct {
        enum event_kind kind;
        const char *from, *to; /* of the same length */
    } changes[] = {
        {EVENT_ACTIVITY, "10:00:00", "10:00:01"},
        {EVENT_ACTIVITY, "义诊", "义务"},
        {EVENT_REACH, "\"residents\":0", "\"residents\":1"},
        {EVENT_VENUE, "\"v\"", "\"w\""},
        {EVENT_PROBLEM, "\"problem\":\"q\"", "\"problem\":\"p\""},
        {EVENT_PLAN, "2030-01-01", "2030-01-02"},
        {EVENT_OPENING, ":120", ":121"},
        {EVENT_OPENING, "c2", "c1"},
        {EVENT_VOID, "twice", "wrong"},
    };
    for (size_t i = 0; i < COUNT_OF(changes); i++) {
        struct events a, b;
        unsigned char x[EVENT_HASH], y[EVENT_HASH];
        char other[600];
        strcpy(other, written[changes[i].kind]);
        char *at = strstr(other, changes[i].from);
        assert_non_null(at);
        memcpy(at, changes[i].to, strlen(changes[i].to));
        read_one(written[changes[i].kind], &a);
        read_one(other, &b);
        event_hash(a.list, NULL, x);
        event_hash(b.list, NULL, y);
        assert_memory_not_equal(x, y, EVENT_HASH);
        events_clear(&a);
        events_clear(&b);
    }
}

static void a_request_holds_a_thousand(void **state)
{
    (void)state;
    struct buf body = {0};
    struct faults faults = {0};
    struct events events;
    for (int i = 0; i <= EVENTS_MAX; i++)
        buf_addf(&body, "%s\n", written[EVENT_VOID]);
    events_read(body.data, body.len, true, &events, &faults);
    assert_int_equal(events.count, EVENTS_MAX);
    assert_true(events.too_many);
    events_clear(&events);
    body.len = (body.len / (EVENTS_MAX + 1)) * EVENTS_MAX;
    events_read(body.data, body.len, true, &events, &faults);
    assert_int_equal(events.count, EVENTS_MAX);
    assert_false(events.too_many);
    assert_int_equal(faults.count, 0);
    events_clear(&events);
    events_read(" \n\r\n", 4, true, &events, &faults);
    assert_int_equal(faults.count, 1);
    assert_int_equal(faults.list[0].code, FAULT_NO_EVENTS);
    events_clear(&events);
    faults_free(&faults);
    buf_free(&body);
}

static void effect_for(const char *unit, const char *json, const char *resident, char out[400])
{
    struct events events;
    struct buf b = {0};
    read_one(json, &events);
    effect_of(events.list, catalogue, resident, unit, &b);
    snprintf(out, 400, "%s", b.data);
    buf_free(&b);
    events_clear(&events);
}

static void effect_text(const char *json, const char *resident, char out[400])
{
    effect_for(NULL, json, resident, out);
}

static void effects_are_frozen_lines(void **state)
{
    (void)state;
    char line[400];
    struct effect x;
    effect_text(ACTIVITY ",\"community\":\"s01\",\"unit\":\"u01\",\"project\":\"p1\","
                         "\"residents\":30}",
                NULL, line);
    assert_string_equal(line, "a 63931082400000000 20261124 i=c1,c=s01,u=u01,p=p1,g=g1 30 - -");
    assert_true(effect_read(&x, line, strlen(line)));
    assert_int_equal(x.day, 20261124);
    assert_string_equal(x.dims, "i=c1,c=s01,u=u01,p=p1,g=g1");
    effect_text("{\"id\":\"r\",\"kind\":\"reach\",\"activity\":\"a1\",\"resident\":\"z\"" AT "}",
                "0123abcd", line);
    assert_string_equal(line, "r 63931082400000000 20261124 - 1 a1 0123abcd:20261123");
    effect_text("{\"id\":\"o\",\"kind\":\"opening\",\"metrics\":{\"venues\":120}" AT "}", NULL,
                line);
    assert_string_equal(line, "o 63931082400000000 0 - 0,120,0,0,0 - -");
    assert_true(effect_has(&x, DIM_UNIT, "u01"));
    assert_true(effect_has(&x, DIM_CIRCLE, "c1"));
    assert_false(effect_has(&x, DIM_UNIT, "u0"));
    assert_false(effect_has(&x, DIM_COMMUNITY, "u01"));
    assert_false(effect_read(&x, "a 1 2 - 0 -", 11));
    assert_false(effect_read(&x, "a 1 2 - 0 - - -", 15));
    assert_false(effect_read(&x, "z 1 2 - 0 - -", 13));
}

static void each_kind_has_its_effect(void **state)
{
    (void)state;
    static const char *const effects[EVENT_KINDS] = {
        "a 63931082400000000 20261124 i=c1,c=s01,u=u01,p=p1,g=g1 3 l1 -",
        "r 63931082400000000 20261124 - 0 a1 -",
        "v 63931082400000000 20261124 u=u01 1 v -",
        "p 63931082400000000 20261124 i=c1,c=s01 r q -",
        "l 63931082400000000 20261124 u=u01 1 l 64029085200000000",
        "o 63931082400000000 0 i=c2 0,120,0,0,450 - -",
        "x 63931082400000000 20261124 - 0 a1 -",
    };
    char line[400], key[EVENT_ID_MAX + 3];
    struct effect x;
    for (int k = 0; k < EVENT_KINDS; k++) {
        effect_text(written[k], NULL, line);
        assert_string_equal(line, effects[k]);
        assert_true(effect_read(&x, line, strlen(line)));
        assert_int_equal(x.kind, line[0]);
    }
    assert_string_equal(effect_dim_key(DIM_TOTAL, "c1", key), "t");
    assert_string_equal(effect_dim_key(DIM_CIRCLE, "c1", key), "i=c1");
    static const char letters[] = "ticupg";
    for (int d = 0; d < DIM_COUNT; d++)
        assert_int_equal(effect_dim_letter((enum dimension)d), letters[d]);
}

/* All that is said of a body, "INDEX CODE FIELD" each. */
static void expect_faults(const char *body, const char *wanted)
{
    char said[400] = "";
    struct faults faults = {0};
    struct events events;
    events_read(body, strlen(body), false, &events, &faults);
    for (size_t i = 0; i < faults.count; i++) {
        size_t n = strlen(said);
        snprintf(said + n, sizeof said - n, "%s%d %s %s", i ? "; " : "", faults.list[i].index,
                 fault_name(faults.list[i].code), faults.list[i].field);
    }
    assert_string_equal(said, wanted);
    events_clear(&events);
    faults_free(&faults);
}

static void every_fault_is_told(void **state)
{
    (void)state;
    expect_faults("[" ACTIVITY ",\"title\":\"y\"},{\"id\":\"b\"" AT "}," ACTIVITY "}, " ACTIVITY
                  ",\"a[{,\\\"\":1,\"a[{,\\\"\":2} ]",
                  "0 duplicate_key title; 1 missing_field kind; 3 duplicate_key a[{,\\\"");
    expect_faults("[" ACTIVITY ",\"community\":\"\\u0000\"},7]", "0 bad_string ; 1 not_an_object ");
    expect_faults("{\"id\":\"bad id\",\"at\":\"x\",\"nope\":1,\"unit\":3}",
                  "0 missing_field kind; 0 bad_id id; 0 bad_time at; 0 unknown_field nope");
    expect_faults("[{\"kind\":\"party\"}]", "0 unknown_value kind; 0 missing_field id; "
                                            "0 missing_field at");
    expect_faults("[" ACTIVITY ",\"title\":\"y\"},]", "-1 not_json ");
}

/* A stream that others write to may hold any line. */
static void what_is_no_effect_is_refused(void **state)
{
    (void)state;
    struct effect x;
    char much[2000];
    memset(much, 'a', sizeof much);
    static const char *const bad[] = {"", " ", "a", "aa 1 2 - 0 - -"};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_false(effect_read(&x, bad[i], strlen(bad[i])));
    assert_false(effect_read(&x, much, sizeof much));
}

/* For the store, which alone knows whose the event is that is spoken of. */
static void a_reporters_effects_name_the_unit(void **state)
{
    (void)state;
    static const char some[] = "{\"id\":\"r\",\"kind\":\"reach\",\"activity\":\"a1\","
                               "\"residents\":5" AT "}";
    static const char one[] = "{\"id\":\"r\",\"kind\":\"reach\",\"activity\":\"a1\","
                              "\"resident\":\"z\"" AT "}";
    static const char back[] = "{\"id\":\"x\",\"kind\":\"void\",\"of\":\"a1\","
                               "\"reason\":\"r\"" AT "}";
    char line[400];
    effect_for("u01", some, NULL, line);
    assert_string_equal(line, "r 63931082400000000 20261124 - 5 a1 -@u01");
    effect_for("u01", one, "0123abcd", line);
    assert_string_equal(line, "r 63931082400000000 20261124 - 1 a1 0123abcd:20261123@u01");
    effect_for("u01", back, NULL, line);
    assert_string_equal(line, "x 63931082400000000 20261124 - 0 a1 -@u01");
    effect_for("u01", written[EVENT_VENUE], NULL, line);
    assert_string_equal(line, "v 63931082400000000 20261124 u=u01 1 v -@u01");
    effect_for("u01", written[EVENT_PLAN], NULL, line);
    assert_string_equal(line, "l 63931082400000000 20261124 u=u01 1 l 64029085200000000@u01");
    effect_for("", back, NULL, line);
    assert_string_equal(line, "x 63931082400000000 20261124 - 0 a1 -@");
    effect_for("", some, NULL, line);
    assert_string_equal(line, "r 63931082400000000 20261124 - 5 a1 -");
}

static void days_are_local(void **state)
{
    (void)state;
    char line[400];
    effect_text("{\"id\":\"a\",\"kind\":\"activity\",\"title\":\"x\",\"unit\":\"u01\","
                "\"at\":\"2026-11-23T16:00:00Z\"}",
                NULL, line);
    assert_non_null(strstr(line, " 20261124 "));
    effect_text("{\"id\":\"a\",\"kind\":\"activity\",\"title\":\"x\",\"unit\":\"u01\","
                "\"at\":\"2026-11-23T15:59:59.999999Z\"}",
                NULL, line);
    assert_non_null(strstr(line, " 20261123 "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_events_pass),
        cmocka_unit_test(bad_events_are_refused),
        cmocka_unit_test(lines_are_events),
        cmocka_unit_test(text_is_measured_in_characters),
        cmocka_unit_test(content_is_what_was_meant),
        cmocka_unit_test(written_as_read),
        cmocka_unit_test(a_resident_is_written_as_a_hash),
        cmocka_unit_test(each_kind_means_its_fields),
        cmocka_unit_test(a_request_holds_a_thousand),
        cmocka_unit_test(each_kind_has_its_effect),
        cmocka_unit_test(every_fault_is_told),
        cmocka_unit_test(what_is_no_effect_is_refused),
        cmocka_unit_test(effects_are_frozen_lines),
        cmocka_unit_test(a_reporters_effects_name_the_unit),
        cmocka_unit_test(days_are_local),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

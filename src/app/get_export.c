/* GET /export: the counted events of a range as a table for spreadsheets or as JSON. */
#include "api.h"

#include "event.h"
#include "json.h"
#include "totals_wire.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AT_ONCE   "1000"
#define BYTES_MAX (256 * 1024 * 1024) /* kept in memory until it is sent */

struct export
{
    struct call *call;
    struct range range;
    bool csv;
    char before[24];
    size_t rows;
    struct buf body;
};

static void export_free(struct export *x)
{
    buf_free(&x->body);
    free(x);
}

/* --- CSV ---------------------------------------------------------------------------------- */

/* Chinese spreadsheets take the full-width signs for the others. */
static bool is_formula(const char *text)
{
    static const char *const signs[] = {"=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (!strncmp(text, signs[i], strlen(signs[i])))
            return true;
    return false;
}

/* Quoted always; what a spreadsheet would take for a formula gets an apostrophe. */
static void csv_cell(struct buf *out, const char *text)
{
    buf_adds(out, is_formula(text) ? "\"'" : "\"");
    for (; *text; text++) {
        if (*text == '"')
            buf_adds(out, "\"");
        buf_add(out, text, 1);
    }
    buf_adds(out, "\"");
}

static void csv_value(struct buf *out, const cJSON *v)
{
    char number[32];
    if (cJSON_IsString(v)) {
        csv_cell(out, v->valuestring);
    } else if (cJSON_IsBool(v)) {
        buf_adds(out, cJSON_IsTrue(v) ? "true" : "false");
    } else if (cJSON_IsNumber(v)) {
        snprintf(number, sizeof number, "%.0f", v->valuedouble);
        buf_adds(out, number);
    } else if (v) {
        char *text = cJSON_PrintUnformatted(v);
        csv_cell(out, text);
        free(text);
    }
}

static void csv_head(struct buf *out)
{
    buf_adds(out, "\xef\xbb\xbfrev"); /* the mark by which spreadsheets know UTF-8 */
    for (int f = 0; f < FIELD_COUNT; f++)
        if (f != FIELD_RESIDENT)
            buf_addf(out, ",%s", event_fields[f].name);
    buf_adds(out, "\r\n");
}

static void csv_row(struct buf *out, const char *json, uint64_t rev)
{
    cJSON *event = cJSON_Parse(json);
    buf_addf(out, "%" PRIu64, rev);
    for (int f = 0; f < FIELD_COUNT; f++) {
        if (f == FIELD_RESIDENT)
            continue;
        buf_adds(out, ",");
        csv_value(out, cJSON_GetObjectItemCaseSensitive(event, event_fields[f].name));
    }
    buf_adds(out, "\r\n");
    cJSON_Delete(event);
}

/* --- pages -------------------------------------------------------------------------------- */

static bool ask(struct export *x);

static void finish(struct export *x)
{
    if (!x->csv)
        buf_adds(&x->body, "]}");
    answer_text(x->call, 200,
                x->csv ? "text/csv; charset=utf-8" : "application/json; charset=utf-8", &x->body);
    export_free(x);
}

static void on_page(void *ctx, const redisReply *reply)
{
    struct export *x = ctx;
    if (!reply || reply->elements < 1 || x->body.len > BYTES_MAX) {
        answer_trouble(x->call, TROUBLE_UNAVAILABLE, NULL, -1);
        export_free(x);
        return;
    }
    for (size_t i = 1; i < reply->elements; i++) {
        const char *row = reply->element[i]->str, *json = strchr(row, ' ') + 1;
        uint64_t rev = strtoull(row, NULL, 10);
        if (x->csv) {
            csv_row(&x->body, json, rev);
        } else {
            buf_adds(&x->body, x->rows ? "," : "");
            feed_write_entry(json, rev, &x->body);
        }
        x->rows++;
    }
    snprintf(x->before, sizeof x->before, "%s", reply->element[0]->str);
    if (!strcmp(x->before, "0") || !ask(x))
        finish(x);
}

static bool ask(struct export *x)
{
    char from[16], to[16];
    snprintf(from, sizeof from, "%d", x->range.from);
    snprintf(to, sizeof to, "%d", x->range.to);
    return store_page(x->call->alliance->store, on_page, x, x->before, AT_ONCE, AT_ONCE, "", "", "",
                      from, to, x->range.all ? "1" : "0", NULL) == 0;
}

void get_export(struct call *c)
{
    const char *format = answer_query(c, "format");
    struct export *x = mem_alloc(sizeof *x);
    x->call = c;
    x->csv = !format || !strcmp(format, "csv");
    strcpy(x->before, "+");
    if (format && strcmp(format, "csv") != 0 && strcmp(format, "json") != 0) {
        answer_bad_query(c, FAULT_UNKNOWN_VALUE, "format", "csv, json");
        export_free(x);
        return;
    }
    if (!range_of(answer_query(c, "range"), alliance_board(c->alliance)->today, &x->range)) {
        answer_bad_query(c, FAULT_UNKNOWN_VALUE, "range",
                         "all, today, week, month, year, YYYY, YYYY-MM, YYYY-MM-DD");
        export_free(x);
        return;
    }
    if (x->csv)
        csv_head(&x->body);
    else
        buf_addf(&x->body, "{\"rev\":%" PRIu64 ",\"range\":\"%s\",\"events\":[",
                 c->alliance->board.rev, x->range.name);
    if (!ask(x)) {
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
        export_free(x);
    }
}

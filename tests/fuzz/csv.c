/* csv: a sheet as `tallyctl import` takes it, from its bytes to its events. The first byte says how
 * the import is called, the rest is the file. Cells that are written again are read as they were,
 * and an event that a row gives is one that the daemon accepts. */
#include "fuzz.h"

#include "columns.h"
#include "csv.h"
#include "encoding.h"
#include "row.h"
#include <string.h>

#define ROWS_MOST 200

/* What the first byte says. */
struct way {
    enum event_kind kind;
    const char *encoding;
    enum language language;
    bool ignore_unknown;
};

static struct way way_of(uint8_t byte)
{
    static const char *const encodings[] = {NULL, "utf-8", "gbk", "utf16", NULL, "utf-16be"};
    return (struct way){.kind = (enum event_kind)(byte % 5),
                        .encoding =
                            byte / 5 % 6 % 4 ? encoding_find(encodings[byte / 5 % 6]) : NULL,
                        .language = byte / 30 % 2 ? LANG_ZH : LANG_EN,
                        .ignore_unknown = byte / 60 % 2};
}

/* As a rejected row is written. */
static void hold_cells(const struct csv_row *row, char separator)
{
    struct buf text = {0};
    struct csv again;
    struct csv_row same = {0};
    for (size_t i = 0; i < row->count; i++) {
        buf_add(&text, &separator, i > 0);
        csv_add(&text, csv_cell(row, i), separator);
    }
    buf_adds(&text, "\r\n");
    csv_open(&again, text.data, text.len);
    again.separator = separator;
    HOLD(csv_next(&again, &same) == CSV_ROW && again.at == again.end);
    HOLD(same.count == row->count);
    for (size_t i = 0; i < row->count; i++)
        HOLD(strcmp(csv_cell(row, i), csv_cell(&same, i)) == 0);
    csv_row_free(&same);
    buf_free(&text);
}

static void read_rows(struct csv *sheet, struct row_reader *reader)
{
    struct csv_row row = {0};
    struct buf error = {0};
    struct event e;
    for (int n = 0; n < ROWS_MOST && csv_next(sheet, &row) == CSV_ROW; n++) {
        hold_cells(&row, sheet->separator);
        enum row_step step = row_read(reader, &row, &e, &error);
        if (step == ROW_EVENT) {
            fuzz_hold_written(&e);
            event_clear(&e);
        } else if (step == ROW_BAD) {
            fuzz_hold_text(error.data);
            HOLD(!strpbrk(error.data, "\r\n"));
        }
    }
    buf_free(&error);
    csv_row_free(&row);
}

static void read_sheet(const struct buf *text, const struct way *way)
{
    struct csv sheet;
    struct csv_row head = {0};
    struct columns columns;
    struct buf error = {0};
    csv_open(&sheet, text->data, text->len);
    enum csv_step step;
    do
        step = csv_next(&sheet, &head);
    while (step == CSV_ROW && csv_blank(&head));
    if (step == CSV_ROW) {
        struct row_reader reader = {.columns = &columns,
                                    .catalogue = fuzz_catalogue(),
                                    .kind = way->kind,
                                    .now = FUZZ_NOW,
                                    .language = way->language};
        if (columns_read(&columns, &head, way->kind, way->ignore_unknown, &error))
            read_rows(&sheet, &reader);
        else
            fuzz_hold_text(error.data);
        row_reader_free(&reader);
        columns_free(&columns);
    } else if (step == CSV_BAD) {
        fuzz_hold_text(sheet.trouble);
    }
    csv_row_free(&head);
    buf_free(&error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf text = {0}, error = {0};
    if (size == 0)
        return 0;
    struct way way = way_of(data[0]);
    fuzz_catalogue();
    buf_add(&text, data + 1, size - 1);
    if (encoding_decode(&text, way.encoding, &error)) {
        HOLD(error.len == 0 && strlen(text.data) == text.len);
        if (text.len)
            fuzz_hold_text(text.data);
        read_sheet(&text, &way);
    } else {
        fuzz_hold_text(error.data);
    }
    buf_free(&text);
    buf_free(&error);
    return 0;
}

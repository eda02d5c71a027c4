#include "rejects.h"
#include <errno.h>
#include <unistd.h>

#define ROW_END "\r\n"

static bool write_row(struct rejects *r, const struct csv_row *row, const char *error)
{
    struct buf line = {0};
    size_t width = r->columns->count;
    const char separator[] = {r->separator, '\0'};
    for (size_t i = 0; i < width; i++) {
        if ((int)i == r->columns->error_column)
            continue;
        csv_add(&line, csv_cell(row, i), r->separator);
        buf_adds(&line, separator);
    }
    csv_add(&line, error, r->separator);
    for (size_t i = width; i < row->count; i++) {
        buf_adds(&line, separator);
        csv_add(&line, csv_cell(row, i), r->separator);
    }
    buf_adds(&line, ROW_END);
    bool ok = fwrite(line.data, 1, line.len, r->file) == line.len;
    buf_free(&line);
    return ok;
}

/* Somebody may be at work on what an earlier import left there. */
static bool keep_earlier(struct rejects *r)
{
    struct buf aside = {0};
    buf_addf(&aside, "%s~", r->path);
    r->kept = rename(r->path, aside.data) == 0;
    buf_free(&aside);
    return r->kept || errno == ENOENT;
}

bool rejects_add(struct rejects *r, const struct csv_row *row, const char *error)
{
    if (!r->file) {
        if (!keep_earlier(r) || !(r->file = fopen(r->path, "we")))
            return false;
        fputs("\xef\xbb\xbf", r->file);
        if (!write_row(r, r->head, r->columns->chinese ? "错误" : "error"))
            return false;
    }
    return write_row(r, row, error);
}

bool rejects_close(struct rejects *r)
{
    bool ok = !r->file || fclose(r->file) == 0;
    r->file = NULL;
    return ok;
}

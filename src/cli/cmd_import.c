/* import: the spreadsheets that offices keep, into the daemon: read, judged row by row, sent in
 * requests of up to a thousand. What an import can't bring in stands, with the reason, in a sheet
 * of its own to be mended. The rows' ids (row.h) make it harmless to import a sheet again. */
#include "batch.h"
#include "catalogue_wire.h"
#include "cell.h"
#include "cli.h"
#include "date.h"
#include "encoding.h"
#include "progress.h"
#include "rejects.h"
#include "row.h"
#include "text.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#define CHUNK         65536
#define FILE_MAX      (1024UL * 1024 * 1024)
#define WAIT_DEFAULT  30
#define ZONE_DEFAULT  "Asia/Shanghai"
#define LISTED_MOST   20
#define REJECTED_TAIL ".rejected.csv"

/* What the flags said. */
struct asked {
    const char *rejected, *kind, *encoding, *zone, *wait;
    bool dry, ignore_unknown;
};

struct import {
    struct cli *cli;
    struct asked asked;
    const char *name; /* the sheet's */
    const char *encoding;
    struct buf text;
    struct csv sheet;
    struct csv_row head, row;
    struct columns columns;
    struct catalogue *catalogue;
    struct row_reader reader;
    struct batch batch;
    struct feed feed;
    struct rejects rejects;
    struct progress progress;
    char *rejected_path;
    long long rows, rejected; /* with something in them */
    long lines, head_line;    /* of the sheet, by its last row's number and its head's */
};

/* ---- the file ---- */

static int unreadable(const struct import *im, const char *why)
{
    return cli_usage("%s: %s", im->name, why);
}

static int read_file(struct import *im)
{
    static char chunk[CHUNK];
    FILE *f = fopen(im->name, "re");
    size_t n = 0;
    if (!f)
        return unreadable(im, strerror(errno));
    do {
        errno = 0;
        n = fread(chunk, 1, sizeof chunk, f);
        buf_add(&im->text, chunk, n);
    } while (n > 0 && im->text.len <= FILE_MAX);
    int error = ferror(f) ? errno : 0;
    fclose(f);
    if (error)
        return unreadable(im, strerror(error));
    return im->text.len > FILE_MAX ? unreadable(im, "over 1 GiB: import it in parts") : EXIT_DONE;
}

static int decode(struct import *im)
{
    struct buf error = {0};
    im->encoding = encoding_decode(&im->text, im->encoding, &error);
    int code = im->encoding ? EXIT_DONE : unreadable(im, error.data);
    buf_free(&error);
    return code;
}

/* Goes through the whole sheet before a row of it is sent: a quote that isn't closed makes all
 * that follows one cell. */
static int scan(struct import *im)
{
    struct csv ahead = im->sheet;
    enum csv_step step;
    while ((step = csv_next(&ahead, &im->row)) == CSV_ROW)
        im->lines = ahead.row;
    if (step == CSV_END)
        return EXIT_DONE;
    return cli_usage("%s, row %ld: %s", im->name, ahead.row, ahead.trouble);
}

/* The head is the first row that isn't blank. */
static int read_head(struct import *im)
{
    struct buf error = {0};
    do {
        if (csv_next(&im->sheet, &im->head) == CSV_END)
            return unreadable(im, "there is nothing in it");
    } while (csv_blank(&im->head));
    im->head_line = im->sheet.row;
    bool ok =
        columns_read(&im->columns, &im->head, im->reader.kind, im->asked.ignore_unknown, &error);
    if (!ok) {
        fprintf(stderr, "tallyctl: %s: %s %ld %s\n", im->name, text_either("the head in row", "第"),
                im->head_line, text_either("can't be used", "行的表头不能用"));
        fwrite(error.data, 1, error.len, stderr);
        fputs(
            text_either("\n--ignore-unknown passes over columns that aren't known, --kind says of "
                        "what kind the rows are\n",
                        "\n多余的列可加 --ignore-unknown 略过；各行的种类由 --kind 指定\n"),
            stderr);
    }
    buf_free(&error);
    return ok ? EXIT_DONE : EXIT_USAGE;
}

static int read_sheet(struct import *im)
{
    int code = read_file(im);
    if (code == EXIT_DONE)
        code = decode(im);
    if (code != EXIT_DONE)
        return code;
    csv_open(&im->sheet, im->text.data, im->text.len);
    code = scan(im);
    if (code == EXIT_DONE)
        code = read_head(im);
    if (code == EXIT_DONE) {
        char number[TEXT_NUMBER];
        fprintf(stderr, "%s: %s, columns set apart by %s, %s rows\n", im->name, im->encoding,
                im->sheet.separator == ','   ? "commas"
                : im->sheet.separator == ';' ? "semicolons"
                                             : "tabs",
                text_number(im->lines - im->head_line, number));
    }
    return code;
}

static int fetch_catalogue(struct import *im)
{
    struct complaints complaints = {0};
    char *opening = NULL;
    if (!feed_get(&im->feed, "/api/v1/catalogue"))
        return EXIT_AWAY;
    const struct reply *reply = &im->feed.reply;
    if (reply->status == 200)
        im->catalogue = catalogue_read(reply->body.data, reply->body.len, &opening, &complaints);
    free(opening);
    complaints_free(&complaints);
    return im->catalogue ? EXIT_DONE : client_complain(im->cli->client, reply, NULL, NULL);
}

/* ---- the rows ---- */

static void list_reject(struct import *im, const struct batch_row *row)
{
    if (im->rejected++ >= LISTED_MOST)
        return;
    progress_end(&im->progress);
    fprintf(stderr, "row %ld: ", row->place.row + 1);
    text_say(stderr, row->error);
    fputs(im->rejected == LISTED_MOST ? "\n(further rows are only added up)\n" : "\n", stderr);
}

static bool write_reject(struct import *im, struct batch_row *row)
{
    if (!im->rejects.path)
        return true;
    csv_next(&row->place, &im->row);
    if (rejects_add(&im->rejects, &im->row, row->error))
        return true;
    progress_end(&im->progress);
    fprintf(stderr, "tallyctl: %s: %s\n", im->rejects.path, strerror(errno));
    return false;
}

/* Sends what was gathered and puts aside what was refused. */
static int send_batch(struct import *im)
{
    int code = EXIT_DONE;
    progress_show(&im->progress, im->sheet.row, im->lines, "rows");
    if (!im->asked.dry)
        code = batch_post(&im->batch, &im->feed);
    for (size_t i = 0; i < im->batch.count; i++) {
        struct batch_row *row = &im->batch.rows[i];
        if (!row->error)
            continue;
        list_reject(im, row);
        if (!write_reject(im, row))
            return EXIT_WRONG;
    }
    batch_empty(&im->batch);
    return code;
}

static int send_rows(struct import *im)
{
    struct event e;
    struct buf error = {0};
    int code = EXIT_DONE;
    while (code == EXIT_DONE) {
        struct csv place = im->sheet;
        if (csv_next(&im->sheet, &im->row) != CSV_ROW)
            break;
        enum row_step step = row_read(&im->reader, &im->row, &e, &error);
        im->rows += step != ROW_BLANK;
        if (step == ROW_EVENT) {
            batch_add(&im->batch, &place, &e);
            event_clear(&e);
        } else if (step == ROW_BAD) {
            batch_add_wrong(&im->batch, &place, error.data);
        }
        if (batch_full(&im->batch))
            code = send_batch(im);
    }
    if (code == EXIT_DONE)
        code = send_batch(im);
    progress_end(&im->progress);
    buf_free(&error);
    return code;
}

/* ---- the summary ---- */

static void add_sum(struct buf *out, long long n, const char *what, bool always)
{
    char number[TEXT_NUMBER];
    if (n || always)
        buf_addf(out, "%s%s %s", out->len ? text_either(", ", "，") : "", text_number(n, number),
                 what);
}

static void say_words(const struct import *im)
{
    const struct feed *f = &im->feed;
    struct buf line = {0};
    if (im->asked.dry) {
        add_sum(&line, im->rows - im->rejected, text_either("rows could be sent", "行可以导入"),
                true);
    } else {
        add_sum(&line, f->counted, text_either("counted", "行计入"), true);
        add_sum(&line, f->queued,
                text_either("queued (kept on the daemon's disk, counted as soon as it can)",
                            "行待计入（已存在服务的磁盘上，存储回来后自动计入）"),
                false);
        add_sum(&line, f->duplicate, text_either("duplicate (counted before)", "行以前计过"), true);
    }
    add_sum(&line, im->rejected, text_either("rejected", "行退回"), true);
    printf("%s\n", line.data);
    buf_free(&line);
    if (im->rejects.file)
        printf("%s%s%s\n", text_either("The rejected rows stand in ", "退回的行在 "),
               im->rejects.path,
               text_either(", each with its error: mend them there and import that file.",
                           "，末列是原因：就在那里改好，再导入那个文件。"));
    if (im->rejects.kept)
        printf("%s%s~\n", text_either("What stood there before is kept as ", "那里原有的内容留作 "),
               im->rejects.path);
}

static void say_json(const struct import *im, int code)
{
    const struct feed *f = &im->feed;
    struct buf out = {0};
    buf_addf(&out, "{\"rows\":%lld,\"dry_run\":%s,\"complete\":%s", im->rows,
             im->asked.dry ? "true" : "false", code == EXIT_DONE ? "true" : "false");
    buf_addf(&out, ",\"counted\":%lld,\"queued\":%lld,\"duplicate\":%lld,\"rejected\":%lld",
             f->counted, f->queued, f->duplicate, im->rejected);
    buf_addf(&out, ",\"rev\":%lld,\"encoding\":\"%s\",\"rejected_file\":", f->rev, im->encoding);
    if (im->rejects.file)
        buf_add_json(&out, im->rejects.path);
    else
        buf_adds(&out, "null");
    printf("%s}\n", out.data);
    buf_free(&out);
}

/* ---- the verb ---- */

/* FILE.csv's are FILE.rejected.csv. */
static char *default_path(const char *name)
{
    struct buf path = {0};
    size_t len = strlen(name);
    bool tail = len > 4 && strcasecmp(name + len - 4, ".csv") == 0;
    buf_add(&path, name, tail ? len - 4 : len);
    buf_adds(&path, REJECTED_TAIL);
    return buf_take(&path, NULL);
}

static int choose_rejected(struct import *im)
{
    struct stat sheet, rejected;
    im->rejected_path =
        im->asked.rejected ? mem_string(im->asked.rejected) : default_path(im->name);
    if (stat(im->name, &sheet) == 0 && stat(im->rejected_path, &rejected) == 0 &&
        sheet.st_dev == rejected.st_dev && sheet.st_ino == rejected.st_ino)
        return cli_usage("--rejected names the sheet itself");
    /* A dry run leaves nothing behind, unless it was asked to. */
    im->rejects.path = im->asked.dry && !im->asked.rejected ? NULL : im->rejected_path;
    return EXIT_DONE;
}

static int read_flags(struct import *im)
{
    const struct asked *a = &im->asked;
    const char *kind = a->kind ? cell_kind(a->kind) : "activity";
    const char *zone = a->zone ? a->zone : ZONE_DEFAULT;
    if (!kind)
        return cli_usage("--kind is activity, reach, venue, problem or plan, not %s", a->kind);
    if (a->encoding && !(im->encoding = encoding_find(a->encoding)))
        return cli_usage("--encoding is one of %s, not %s", encoding_names(), a->encoding);
    if (!date_zone(zone))
        return cli_usage("--time-zone: this machine knows no zone %s", zone);
    if (!cli_number("wait", a->wait, 0, 86400, &im->feed.wait))
        return EXIT_USAGE;
    im->feed.patient = a->wait != NULL;
    im->reader.kind = (enum event_kind)event_kind_find(kind);
    im->reader.language = text_chinese() ? LANG_ZH : LANG_EN;
    /* This machine's clock may be wrong: what is in the future is the daemon's to say. */
    im->reader.now = a->dry ? date_now() : INT64_MAX - EVENT_FUTURE;
    return choose_rejected(im);
}

static int import(struct import *im)
{
    int code = read_flags(im);
    if (code == EXIT_DONE)
        code = read_sheet(im);
    if (code == EXIT_DONE)
        code = fetch_catalogue(im);
    if (code != EXIT_DONE)
        return code;
    im->reader.columns = im->rejects.columns = im->batch.columns = &im->columns;
    im->reader.catalogue = im->catalogue;
    im->rejects.head = &im->head;
    im->rejects.separator = im->sheet.separator;
    code = send_rows(im);
    if (im->cli->json)
        say_json(im, code);
    else
        say_words(im);
    if (code != EXIT_DONE)
        fputs("Not all rows were sent. Import the same file again: nothing is counted twice.\n",
              stderr);
    if (!rejects_close(&im->rejects)) {
        fprintf(stderr, "tallyctl: %s: %s\n", im->rejects.path, strerror(errno));
        return EXIT_WRONG;
    }
    return code == EXIT_DONE && im->rejected ? EXIT_WRONG : code;
}

static void import_free(struct import *im)
{
    batch_free(&im->batch);
    feed_clear(&im->feed);
    row_reader_free(&im->reader);
    columns_free(&im->columns);
    catalogue_free(im->catalogue);
    csv_row_free(&im->head);
    csv_row_free(&im->row);
    buf_free(&im->text);
    free(im->rejected_path);
    free(im);
}

/* What `--help` tells beside the flags. Caller frees. */
static char *tell_more(void)
{
    static const char *const lines[] = {
        "The first row holds the columns' names, in Chinese or English. Communities, units and",
        "projects are told by id or by name. A date alone is that day's noon. A row without an",
        "id is given one that depends on what it says alone: csv- and the first 24 hex digits of",
        "SHA-256 over its fields (in whatever form they were written) and its number among the",
        "rows of the sheet that say the same. So a sheet imported twice counts once, and two rows",
        "of a sheet that are the same count as two. Names known, by kind:",
    };
    struct buf more = {0};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        buf_addf(&more, "%s\n", lines[i]);
    for (int k = 0; k < EVENT_KINDS; k++) {
        if (!(COLUMNS_KINDS & 1u << k))
            continue;
        buf_addf(&more, "  %s: ", event_kind_names[k]);
        column_names(1u << k, &more);
        buf_adds(&more, "\n");
    }
    return buf_take(&more, NULL);
}

int cmd_import(struct cli *cli)
{
    struct import *im = mem_alloc(sizeof *im);
    struct asked *a = &im->asked;
    const struct flag flags[] = {
        {"dry-run", NULL, "judge every row and send nothing", NULL, &a->dry},
        {"rejected", "FILE", "for the rows that can't be counted (FILE.rejected.csv)", &a->rejected,
         NULL},
        {"kind", "K", "of rows that don't say: activity (default), reach, venue, problem, plan",
         &a->kind, NULL},
        {"encoding", "E", "UTF-8, GB18030, …; found out if not said", &a->encoding, NULL},
        {"time-zone", "Z", "of times without one (" ZONE_DEFAULT ")", &a->zone, NULL},
        {"ignore-unknown", NULL, "pass over columns that aren't known", NULL, &a->ignore_unknown},
        {"wait", "SECONDS", "how long to go on trying while tallyd is away or busy (30)", &a->wait,
         NULL},
        {NULL, NULL, NULL, NULL, NULL},
    };
    char *more = tell_more();
    cli->more = more;
    int code = cli_begin(cli, flags);
    if (code == CLI_GO_ON) {
        im->cli = cli;
        im->name = cli->word[0];
        im->feed = (struct feed){.cli = cli, .wait = WAIT_DEFAULT};
        code = import(im);
    }
    cli->more = NULL;
    free(more);
    import_free(im);
    return code;
}

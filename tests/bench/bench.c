/* The benchmark's command: which rows there are, and where things lie. */
#include "bench.h"

#include "proc.h"
#include "results.h"
#include "sys.h"

#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define OTHER_FILES 200 /* open ones that aren't screens */

static const struct {
    const char *name;
    void (*run)(struct bench *b, size_t n);
    size_t n, quick_n; /* QUICK_N 0: not in the short mode */
    bool is_crowd;     /* N is connections, so no more than files may be open */
    bool is_long;
} rows[] = {
    {"fanout-200", row_fanout, 200, 100, true, false},
    {"fanout-1000", row_fanout, 1000, 300, true, false},
    {"fanout-5000", row_fanout, 5000, 0, true, false},
    {"fanout-10000", row_fanout, 10000, 0, true, false},
    {"slow-1000", row_slow, 1000, 200, true, false},
    {"rest-1000", row_rest, 1000, 200, true, false},
    {"idle-10000", row_idle, 10000, 300, true, false},
    {"single-1", row_single, 1, 1, true, false},
    {"single-64", row_single, 64, 64, true, false},
    {"batch-100", row_batch, 100, 100, false, false},
    {"batch-1000", row_batch, 1000, 1000, false, false},
    {"start-1000", row_start, 1000, 1000, false, false},
    {"start-100000", row_start, 100000, 10000, false, false},
    {"views-25", row_views, 25, 25, false, true},
    {"history-500000", row_history, 500000, 6000, false, true},
    {"catalogue-10", row_catalogue, 10, 10, false, true},
    {"start-5000000", row_start, 5000000, 0, false, true},
    {"instructions", row_instructions, 100, 0, true, true},
};

enum { ROWS = sizeof rows / sizeof *rows };

static const char help[] =
    "usage: bench --build DIR --catalogue FILE [OPTION…] [ROW…]\n"
    "\n"
    "  --build DIR       where tallyd, tallyctl and bench_floor are\n"
    "  --catalogue FILE  the example alliance\n"
    "  --peers DIR       measure those peers that are installed; node's package ws is there\n"
    "  --folder DIR      where servers write, on a disk (default: bench-state in the build "
    "folder)\n"
    "  --results FILE    Markdown file whose measured part is written anew\n"
    "  --repeats N       default 3\n"
    "  --quick           a short run that proves that all works; the numbers say little\n"
    "  --long            also the rows that take minutes\n"
    "\n"
    "ROW is the beginning of rows' names; without one, all are measured:\n";

void bench_say(const struct bench *b, const char *format, ...)
{
    va_list args;
    (void)b;
    va_start(args, format);
    fputs("bench: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
}

size_t bench_few(const struct bench *b, size_t n, size_t quick)
{
    return b->quick ? quick : n;
}

struct call {
    const char *build, *catalogue, *peers, *folder, *results;
    bool quick, is_long;
    size_t repeats;
    char **rows;
};

static int usage(FILE *f)
{
    fputs(help, f);
    for (int i = 0; i < ROWS; i++)
        fprintf(f, "  %s%s\n", rows[i].name, rows[i].is_long ? " (with --long)" : "");
    return f == stdout ? 0 : 2;
}

/* -1: go on, else the status to end with. */
static int read_call(struct call *c, int argc, char **argv)
{
    static const struct option options[] = {
        {"build", required_argument, NULL, 'b'},   {"catalogue", required_argument, NULL, 'c'},
        {"peers", required_argument, NULL, 'p'},   {"folder", required_argument, NULL, 'f'},
        {"results", required_argument, NULL, 'r'}, {"repeats", required_argument, NULL, 'n'},
        {"quick", no_argument, NULL, 'q'},         {"long", no_argument, NULL, 'l'},
        {"help", no_argument, NULL, 'h'},          {NULL, 0, NULL, 0},
    };
    const char **texts[128] = {['b'] = &c->build,
                               ['c'] = &c->catalogue,
                               ['p'] = &c->peers,
                               ['f'] = &c->folder,
                               ['r'] = &c->results};
    for (int o; (o = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (o == 'h')
            return usage(stdout);
        if (o == '?')
            return usage(stderr);
        if (texts[o])
            *texts[o] = optarg;
        c->quick |= o == 'q';
        c->is_long |= o == 'l';
        if (o == 'n')
            c->repeats = strtoul(optarg, NULL, 10);
    }
    c->rows = argv + optind;
    return c->build && c->catalogue ? -1 : usage(stderr);
}

static bool is_row(const char *name)
{
    for (int i = 0; i < ROWS; i++)
        if (strcmp(rows[i].name, name) == 0)
            return true;
    return false;
}

/* A row's name means it alone, the beginning of names all of them. */
static bool is_meant(const char *name, int row)
{
    return is_row(name) ? strcmp(rows[row].name, name) == 0
                        : strncmp(rows[row].name, name, strlen(name)) == 0;
}

/* Is the row one of those that are measured unless others are asked for? The short mode has them
 * all, except those that can't be made short. */
static bool is_usual(const struct call *c, int row)
{
    return c->quick ? rows[row].quick_n > 0 : c->is_long || !rows[row].is_long;
}

/* The others have to be asked for by their whole name. */
static bool is_asked_for(const struct call *c, int row)
{
    bool named = !*c->rows, whole = false;
    for (char **name = c->rows; *name; name++) {
        named |= is_meant(*name, row);
        whole |= strcmp(rows[row].name, *name) == 0;
    }
    return whole || (named && is_usual(c, row));
}

static bool names_rows(const struct call *c)
{
    for (char **name = c->rows; *name; name++) {
        bool found = false;
        for (int i = 0; i < ROWS; i++)
            found |= is_meant(*name, i);
        if (!found)
            return false;
    }
    return true;
}

/* An absolute path, so that it means the same to every program. Never freed: it serves to the
 * end. */
static const char *path_of(const char *folder, const char *name)
{
    struct buf path = {0};
    char real[PATH_MAX];
    buf_addf(&path, "%s%s%s", folder, *name ? "/" : "", name);
    if (!realpath(path.data, real))
        sys_die("there is no %s", path.data);
    buf_free(&path);
    return mem_string(real);
}

static void find_place(struct place *p, const struct call *c)
{
    const char *build = path_of(c->build, "");
    struct buf folder = {0};
    buf_addf(&folder, "%s/bench-state", build);
    proc_make(c->folder ? c->folder : folder.data);
    *p = (struct place){
        .tallyd = path_of(build, "tallyd"),
        .tallyctl = path_of(build, "tallyctl"),
        .floor = path_of(build, "bench_floor"),
        .catalogue = path_of(c->catalogue, ""),
        .peers = c->peers ? path_of(c->peers, "") : NULL,
        .folder = path_of(c->folder ? c->folder : folder.data, ""),
    };
    buf_free(&folder);
    if (sys_is_in_memory(p->folder))
        sys_die("%s is kept in memory; --folder must be on a disk", p->folder);
}

/* Files are what screens need; a machine that has fewer gets a smaller crowd, and its row says
 * so. */
static void run(struct bench *b, const struct call *c)
{
    size_t most = (size_t)sys_raise_files() - OTHER_FILES;
    for (int i = 0; i < ROWS; i++) {
        size_t n = b->quick && rows[i].quick_n ? rows[i].quick_n : rows[i].n;
        if (is_asked_for(c, i))
            rows[i].run(b, rows[i].is_crowd && n > most ? most : n);
    }
}

int main(int argc, char **argv)
{
    struct call c = {0};
    struct bench b = {0};
    struct results results;
    int status = read_call(&c, argc, argv);
    if (status >= 0)
        return status;
    if (!names_rows(&c))
        return usage(stderr);
    signal(SIGPIPE, SIG_IGN);
    find_place(&b.place, &c);
    b.quick = c.quick;
    b.repeats = c.repeats ? c.repeats : c.quick ? 1 : 3;
    b.table = table_new();
    results_begin(&results);
    run(&b, &c);
    results_write(&results, b.table, b.quick, b.repeats, c.results);
    table_free(b.table);
    return 0;
}

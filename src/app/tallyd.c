/* tallyd: the daemon's command line. */
#include "app.h"

#include "buf.h"
#include "date.h"
#include "files.h"
#include "log.h"
#include "tallyd/version.h"
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXIT_WRONG 1
#define EXIT_USAGE 2

static const char help[] =
    "tallyd counts a community alliance's events once and shows the totals live.\n"
    "\n"
    "  --config FILE        settings (default: config/tallyd.json beside the program,\n"
    "                       else " TALLYD_SYSCONFDIR "/tallyd/tallyd.json)\n"
    "  --listen ADDR:PORT   where to serve HTTP and WebSocket (http.listen)\n"
    "  --redis URL          private, redis://[user:pass@]host:port/db, unix:///path,\n"
    "                       sentinel://host:port,host:port/NAME, cluster://host:port,host:port\n"
    "                       (redis.url)\n"
    "  --state DIR          folder for the journal, the owner's socket, a private Redis\n"
    "                       (state.dir)\n"
    "  --check              read configuration, catalogue and layout, say what is wrong, exit 0\n"
    "                       or 2\n"
    "  --dump-config        print the settings in force, annotated\n"
    "  --version, --help\n";

enum { MODE_RUN, MODE_CHECK, MODE_DUMP };

struct arguments {
    int mode;
    const char *config;
    struct override overrides[4];
    size_t count;
};

static const struct option options[] = {
    {"config", required_argument, NULL, 'c'},
    {"listen", required_argument, NULL, 'l'},
    {"redis", required_argument, NULL, 'r'},
    {"state", required_argument, NULL, 's'},
    {"check", no_argument, NULL, 'k'},
    {"dump-config", no_argument, NULL, 'd'},
    {"version", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static void override(struct arguments *a, const char *key, const char *value)
{
    for (size_t i = 0; i < a->count; i++)
        if (!strcmp(a->overrides[i].key, key)) {
            a->overrides[i].value = value;
            return;
        }
    a->overrides[a->count++] = (struct override){key, value};
}

/* Returns -1 to go on, else the exit code. */
static int read_arguments(int argc, char **argv, struct arguments *a)
{
    int o;
    while ((o = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (o) {
        case 'c':
            a->config = optarg;
            break;
        case 'l':
            override(a, "http.listen", optarg);
            break;
        case 'r':
            override(a, "redis.url", optarg);
            break;
        case 's':
            override(a, "state.dir", optarg);
            break;
        case 'k':
            a->mode = MODE_CHECK;
            break;
        case 'd':
            a->mode = MODE_DUMP;
            break;
        case 'v':
            puts("tallyd " TALLYD_VERSION);
            return 0;
        case 'h':
            fputs(help, stdout);
            return 0;
        default:
            fputs("tallyd: --help lists what is allowed\n", stderr);
            return EXIT_USAGE;
        }
    }
    if (optind == argc)
        return -1;
    fprintf(stderr, "tallyd: unexpected argument \"%s\"; --help lists what is allowed\n",
            argv[optind]);
    return EXIT_USAGE;
}

/* The settings beside the program, as in a build folder, or the system's. */
static char *default_config(char **base)
{
    char self[PATH_MAX];
    struct buf path = {0};
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    self[n > 0 ? n : 0] = '\0';
    char *slash = strrchr(self, '/');
    if (slash)
        *slash = '\0';
    buf_addf(&path, "%s/config/tallyd.json", self);
    if (access(path.data, R_OK) != 0) {
        buf_reset(&path);
        buf_adds(&path, TALLYD_SYSCONFDIR "/tallyd/tallyd.json");
    }
    char *file = buf_take(&path, NULL);
    *base = mem_string(file);
    *strrchr(*base, '/') = '\0';
    if (access(file, R_OK) == 0)
        return file;
    free(file);
    return NULL;
}

static void print_complaint(void *ctx, const char *file, const struct complaint *c)
{
    (void)ctx;
    fprintf(stderr, "%s:%d: %s%s%s\n", file ? file : "configuration", c->line, c->field,
            c->field[0] ? ": " : "", c->message);
}

static int check(const struct app_call *call, int mode)
{
    struct complaints list = {0};
    struct config config;
    struct files files;
    struct buf text = {0};
    int status = 0;
    if (config_load(&config, call->config_path, call->config_base, call->overrides, &list)) {
        files_tell_all(&list, call->config_path, print_complaint, NULL);
        return EXIT_USAGE;
    }
    if (mode == MODE_DUMP) {
        config_dump(&config, &text);
        fputs(text.data, stdout);
        buf_free(&text);
    } else {
        date_zone(config.alliance_zone);
        for (size_t i = 0; i < config.alliance_count; i++) {
            status |= files_read(&config.alliances[i], &files, print_complaint, NULL);
            files_clear(&files);
        }
        status |= files_judge(&config, print_complaint, NULL);
    }
    config_clear(&config);
    return status ? EXIT_USAGE : 0;
}

static int run(const struct app_call *call)
{
    static struct app app;
    static uv_loop_t loop;
    char error[512] = "";
    uv_loop_init(&loop);
    int status = app_open(&app, &loop, call, error, sizeof error);
    if (status)
        log_write(LOG_ERROR, "not_started", "reason", error, NULL);
    else
        log_level(log_level_of(app.config.log_level));
    if (status)
        app_close(&app);
    uv_run(&loop, UV_RUN_DEFAULT);
    app_free(&app);
    uv_run(&loop, UV_RUN_DEFAULT);
    if (uv_loop_close(&loop) != 0)
        log_write(LOG_WARN, "stopped_uncleanly", NULL);
    else if (!status)
        log_write(LOG_INFO, "stopped", NULL);
    return status == -2 || app.misfit ? EXIT_USAGE : status ? EXIT_WRONG : 0;
}

int main(int argc, char **argv)
{
    struct arguments a = {.mode = MODE_RUN};
    char *base = NULL, *found = NULL;
    int code = read_arguments(argc, argv, &a);
    if (code >= 0)
        return code;
    if (!a.config)
        found = default_config(&base);
    struct app_call call = {a.config ? a.config : found, base, a.overrides};
    code = a.mode == MODE_RUN ? run(&call) : check(&call, a.mode);
    free(base);
    free(found);
    return code;
}

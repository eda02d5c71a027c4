#include "cli.h"
#include "text.h"
#include <curl/curl.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <tallyd/version.h>

#define DEFAULT_URL "http://127.0.0.1:8080"
#define TOKEN_MAX   512
#define FLAG_COLUMN 20

static const struct verb verbs[] = {
    {"send", "[FILE|-]", 0, 1, "send events: JSON, an array, or one on each line", cmd_send},
    {"import", "FILE.csv", 1, 1, "bring in the rows of a spreadsheet", cmd_import},
    {"status", "", 0, 0, "tell whether all is well, and what to do if it isn't", cmd_status},
    {"totals", "", 0, 0, "show the totals", cmd_totals},
    {"watch", "", 0, 0, "show the totals live", cmd_watch},
    {"export", "", 0, 0, "write the events as CSV or JSON", cmd_export},
    {"verify", "", 0, 0, "fold every event again and compare with the counters", cmd_verify},
    {"repair", "", 0, 0, "rebuild the counters from the events and put them in place", cmd_repair},
    {"loss", "", 0, 0, "show, or accept, that accepted events are gone", cmd_loss},
    {"backup", "FILE", 1, 1, "write events, catalogue and secret to a packed file", cmd_backup},
    {"restore", "FILE", 1, 1, "bring a backup back into an empty store", cmd_restore},
    {"token", "add NAME | link NAME | list | revoke NAME", 1, 2, "manage tokens", cmd_token},
    {"demo", "", 0, 0, "play a live day of events", cmd_demo},
};

static void global_flags(struct cli *cli, struct flag out[8])
{
    const struct flag flags[] = {
        {"url", "URL", "where tallyd is (" DEFAULT_URL "; also TALLYCTL_URL)", &cli->url, NULL},
        {"token-file", "F", "file with the token (also TALLYCTL_TOKEN, the token itself)",
         &cli->token_file, NULL},
        {"state", "DIR", "reach the daemon of this state folder by its socket, without a token",
         &cli->state, NULL},
        {"alliance", "ID", "which of the daemon's alliances is meant (the first)", &cli->alliance,
         NULL},
        {"json", NULL, "answer in JSON", NULL, &cli->json},
        {"help", NULL, "this help", NULL, &cli->help},
        {"version", NULL, "the version", NULL, &cli->version},
        {NULL, NULL, NULL, NULL, NULL},
    };
    memcpy(out, flags, sizeof flags);
}

static void help_flags(const struct flag *flags)
{
    for (; flags && flags->name; flags++) {
        int n = printf("  --%s %s", flags->name, flags->value ? flags->value : "");
        printf("%*s%s\n", n < FLAG_COLUMN ? FLAG_COLUMN - n : 1, "", flags->help);
    }
}

static void help(struct cli *cli, const struct flag *flags)
{
    struct flag global[8];
    global_flags(cli, global);
    if (cli->verb) {
        printf("usage: tallyctl [FLAGS] %s %s\n\n%s.\n", cli->verb->name, cli->verb->words,
               cli->verb->summary);
        if (flags && flags->name)
            printf("\n");
        help_flags(flags);
        if (cli->more)
            printf("\n%s", cli->more);
    } else {
        printf("usage: tallyctl [FLAGS] VERB\n\n");
        for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
            printf("  %-18s%s\n", verbs[i].name, verbs[i].summary);
        printf("\n`tallyctl VERB --help` tells a verb's own flags.\n");
    }
    printf("\nFlags of every verb:\n");
    help_flags(global);
    printf("\nIt ends with 0: done, 1: something is wrong, 2: bad usage, 3: can't reach tallyd.\n");
}

int cli_usage(const char *format, ...)
{
    va_list args;
    fputs("tallyctl: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputs("\n", stderr);
    return EXIT_USAGE;
}

bool cli_number(const char *flag, const char *text, long least, long most, long *out)
{
    char *end;
    if (!text)
        return true;
    errno = 0;
    long n = strtol(text, &end, 10);
    if (errno || end == text || *end || n < least || n > most) {
        cli_usage("--%s takes a number from %ld to %ld, not %s", flag, least, most, text);
        return false;
    }
    *out = n;
    return true;
}

static const struct flag *find_flag(const struct flag *flags, const char *name, size_t len)
{
    for (; flags && flags->name; flags++)
        if (strlen(flags->name) == len && strncmp(flags->name, name, len) == 0)
            return flags;
    return NULL;
}

/* Reads the flag at argv[*i], and moves *i on where its value stands apart. */
static bool read_flag(struct cli *cli, const struct flag *own, int argc, char **argv, int *i)
{
    struct flag global[8];
    global_flags(cli, global);
    const char *name = argv[*i] + 2, *equals = strchr(name, '=');
    size_t len = equals ? (size_t)(equals - name) : strlen(name);
    const struct flag *flag = find_flag(own, name, len);
    if (!flag)
        flag = find_flag(global, name, len);
    if (!flag || (equals && flag->on)) {
        cli_usage("unknown flag %s; see tallyctl --help", argv[*i]);
        return false;
    }
    if (flag->on) {
        *flag->on = true;
        return true;
    }
    if (!equals && *i + 1 == argc) {
        cli_usage("--%s takes a value: %s", flag->name, flag->value);
        return false;
    }
    *flag->text = equals ? equals + 1 : argv[++*i];
    return true;
}

static bool is_flag(const char *arg)
{
    return arg[0] == '-' && arg[1] != '\0';
}

/* Reads flags and words; false where usage is bad. */
static bool read_all(struct cli *cli, const struct flag *flags)
{
    bool only_words = false;
    for (int i = 0; i < cli->argc; i++) {
        char *arg = cli->argv[i];
        if (!only_words && strcmp(arg, "--") == 0) {
            only_words = true;
        } else if (!only_words && is_flag(arg)) {
            if (strncmp(arg, "--", 2) != 0)
                return cli_usage("unknown flag %s; see tallyctl --help", arg), false;
            if (!read_flag(cli, flags, cli->argc, cli->argv, &i))
                return false;
        } else if (cli->words == cli->verb->most) {
            return cli_usage("%s takes no %s", cli->verb->name, arg), false;
        } else {
            cli->word[cli->words++] = arg;
        }
    }
    return true;
}

/* The first line of a file, or of the environment: a header can't hold more. */
static bool read_token(struct cli *cli)
{
    const char *given = getenv("TALLYCTL_TOKEN");
    char line[TOKEN_MAX] = "";
    if (cli->token_file) {
        FILE *f = fopen(cli->token_file, "re");
        if (!f)
            return cli_usage("%s: %s", cli->token_file, strerror(errno)), false;
        bool got = fgets(line, sizeof line, f) != NULL;
        fclose(f);
        if (!got || strcspn(line, "\r\n") == 0)
            return cli_usage("%s: there is no token in it", cli->token_file), false;
        given = line;
    }
    if (given && *given) {
        cli->token = mem_string(given);
        cli->token[strcspn(cli->token, "\r\n \t")] = '\0';
    }
    return true;
}

/* It becomes part of a path. */
static bool is_id(const char *text)
{
    return *text && *text != '.' &&
           strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") ==
               strlen(text);
}

int cli_begin(struct cli *cli, const struct flag *flags)
{
    char error[512];
    if (!read_all(cli, flags))
        return EXIT_USAGE;
    if (cli->help)
        return help(cli, flags), EXIT_DONE;
    if (cli->words < cli->verb->least)
        return cli_usage("usage: tallyctl %s %s", cli->verb->name, cli->verb->words);
    if (cli->url && cli->state)
        return cli_usage("--url and --state contradict each other");
    if (cli->alliance && !is_id(cli->alliance))
        return cli_usage("--alliance takes an id, not %s", cli->alliance);
    if (!cli->state && !cli->url)
        cli->url = getenv("TALLYCTL_URL");
    if (!cli->state && (!cli->url || !*cli->url))
        cli->url = DEFAULT_URL;
    if (!read_token(cli))
        return EXIT_USAGE;
    cli->client = client_new(cli->url, cli->state, cli->alliance, cli->token, error, sizeof error);
    return cli->client ? CLI_GO_ON : cli_usage("%s", error);
}

int cli_begin_owner(struct cli *cli, const struct flag *flags)
{
    int code = cli_begin(cli, flags);
    if (code == CLI_GO_ON && !cli->state)
        return cli_usage("%s goes only by the owner's socket: --state DIR", cli->verb->name);
    return code;
}

static const struct verb *find_verb(const char *name)
{
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (strcmp(verbs[i].name, name) == 0)
            return &verbs[i];
    return NULL;
}

/* Reads the global flags before the verb and finds it. */
static int find(struct cli *cli, int argc, char **argv)
{
    int i = 1;
    for (; i < argc && is_flag(argv[i]); i++) {
        if (strncmp(argv[i], "--", 2) != 0)
            return cli_usage("unknown flag %s; see tallyctl --help", argv[i]);
        if (!read_flag(cli, NULL, argc, argv, &i))
            return EXIT_USAGE;
    }
    if (cli->version)
        return printf("tallyctl %s\n", TALLYD_VERSION), EXIT_DONE;
    if (i == argc && cli->help)
        return help(cli, NULL), EXIT_DONE;
    if (i == argc)
        return cli_usage("a verb is needed; see tallyctl --help");
    cli->verb = find_verb(argv[i]);
    if (!cli->verb)
        return cli_usage("no such verb: %s; see tallyctl --help", argv[i]);
    cli->argc = argc - i - 1;
    cli->argv = argv + i + 1;
    return CLI_GO_ON;
}

int main(int argc, char **argv)
{
    struct cli cli = {0};
    text_init();
    signal(SIGPIPE, SIG_IGN); /* a reader that went away is an error of the write */
    curl_global_init(CURL_GLOBAL_DEFAULT);
    int code = find(&cli, argc, argv);
    if (code == CLI_GO_ON)
        code = cli.verb->run(&cli);
    client_free(cli.client);
    free(cli.token);
    curl_global_cleanup();
    if (fflush(stdout) != 0 && code == EXIT_DONE) {
        fprintf(stderr, "tallyctl: writing the answer: %s\n", strerror(errno));
        code = EXIT_WRONG;
    }
    return code;
}

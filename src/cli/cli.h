/* cli: what the verbs share: the global flags, the way to the daemon, and how a verb reads its
 * own flags and words. A verb is a row in tallyctl.c's table and one function. */
#ifndef TALLYCTL_CLI_H
#define TALLYCTL_CLI_H

#include "client.h"
#include <stdbool.h>

enum exit_code {
    EXIT_DONE = 0,
    EXIT_WRONG = 1, /* it ran and something is wrong */
    EXIT_USAGE = 2, /* bad usage or configuration */
    EXIT_AWAY = 3   /* the server can't be reached */
};

#define CLI_GO_ON    (-1)
#define CLI_WORD_MAX 2

/* One flag of a verb: with a value ("--range R") or a switch. A row without a name closes. */
struct flag {
    const char *name;  /* without its dashes */
    const char *value; /* what stands behind it, for the help; NULL: a switch */
    const char *help;
    const char **text; /* receives the value */
    bool *on;          /* set by a switch */
};

struct cli;

struct verb {
    const char *name;
    const char *words; /* as the usage line shows them; "" if there are none */
    int least, most;   /* how many words it takes */
    const char *summary;
    int (*run)(struct cli *cli);
};

/* Lives in main; strings are borrowed from argv and the environment. */
struct cli {
    const struct verb *verb;
    int argc; /* what stands behind the verb */
    char **argv;
    const char *url, *token_file, *state, *alliance;
    bool json, help, version;
    const char *word[CLI_WORD_MAX];
    int words;
    char *token;           /* owned */
    struct client *client; /* owned; there after cli_begin */
    const char *more;      /* what the verb's help tells beside its flags; NULL: nothing */
};

/* Reads the verb's flags and words (the global flags are accepted among them) and opens the
 * client. Returns CLI_GO_ON, or the exit code to leave with: help was asked for, or bad usage. */
int cli_begin(struct cli *cli, const struct flag *flags);
/* The same for a verb that goes only by the owner's socket. */
int cli_begin_owner(struct cli *cli, const struct flag *flags);

/* Says "tallyctl: …" on stderr and returns EXIT_USAGE. */
int cli_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* A flag's value as a number from LEAST to MOST into OUT (untouched where TEXT is NULL). */
bool cli_number(const char *flag, const char *text, long least, long most, long *out);

/* The verbs. */
int cmd_send(struct cli *cli);
int cmd_import(struct cli *cli);
int cmd_totals(struct cli *cli);
int cmd_status(struct cli *cli);
int cmd_watch(struct cli *cli);
int cmd_export(struct cli *cli);
int cmd_verify(struct cli *cli);
int cmd_repair(struct cli *cli);
int cmd_loss(struct cli *cli);
int cmd_backup(struct cli *cli);
int cmd_restore(struct cli *cli);
int cmd_token(struct cli *cli);
int cmd_demo(struct cli *cli);

#endif

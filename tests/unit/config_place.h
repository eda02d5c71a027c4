/* config_place: what the tests of the configuration share: a folder with one file in it, and what
 * loading that gives. */
#ifndef TALLYD_CONFIG_PLACE_H
#define TALLYD_CONFIG_PLACE_H

#include "unit.h"

#include "config.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A folder of the test's own, its path without links, and one file in it. */
struct place {
    char folder[PATH_MAX], file[PATH_MAX + 16];
};

static inline int place_make(void **state)
{
    struct place *p = calloc(1, sizeof *p);
    const char *tmp = getenv("TMPDIR");
    char template[PATH_MAX];
    snprintf(template, sizeof template, "%s/tallyd-config-XXXXXX", tmp ? tmp : P_tmpdir);
    if (!mkdtemp(template) || !realpath(template, p->folder))
        return -1;
    snprintf(p->file, sizeof p->file, "%s/tallyd.json", p->folder);
    *state = p;
    return 0;
}

static inline int place_remove(void **state)
{
    struct place *p = *state;
    unlink(p->file);
    rmdir(p->folder);
    free(p);
    return 0;
}

static inline void write_file(const struct place *p, const char *text)
{
    FILE *f = fopen(p->file, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static inline void load(struct config *c, const char *path, const char *base,
                        const struct override *o)
{
    struct complaints complaints = {0};
    if (config_load(c, path, base, o, &complaints) != 0)
        fail_msg("line %d: %s: %s", complaints.list[0].line, complaints.list[0].field,
                 complaints.list[0].message);
    assert_int_equal(complaints.count, 0);
}

/* The complaints about a load that fails, a line each. */
static inline char *complaints_of(const char *path, const struct override *o)
{
    struct complaints complaints = {0};
    struct config c, zero = {0};
    struct buf b = {0};
    memset(&c, 0xff, sizeof c);
    assert_int_equal(config_load(&c, path, "/", o, &complaints), -1);
    assert_memory_equal(&c, &zero, sizeof c);
    for (size_t i = 0; i < complaints.count; i++)
        buf_addf(&b, "%d %s: %s\n", complaints.list[i].line, complaints.list[i].field,
                 complaints.list[i].message);
    complaints_free(&complaints);
    return buf_take(&b, NULL);
}

/* The settings of whoever runs the tests are none of theirs. */
static inline void forget_settings(void)
{
    for (char **e = environ; *e;) {
        char name[64];
        size_t n = strcspn(*e, "=");
        bool ours = strncmp(*e, "TALLYD_", 7) == 0 && n < sizeof name;
        snprintf(name, sizeof name, "%.*s", (int)n, *e);
        if (ours && unsetenv(name) == 0)
            e = environ; /* it has moved up what came behind */
        else
            e++;
    }
}

#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, place_make, place_remove)

#endif

#include "proven.h"

#include "keep.h"
#include "log.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAME "proven"
#define KEPT 256 /* the newest: each start of the daemon adds one */

struct proven {
    char *folder;
    struct mark marks[KEPT];
    size_t count;
};

struct proven *proven_open(const char *folder)
{
    struct proven *p = mem_alloc(sizeof *p);
    char *path = keep_path(folder, NAME);
    FILE *f = fopen(path, "re");
    p->folder = mem_string(folder);
    free(path);
    while (f && p->count < KEPT &&
           fscanf(f, "%32s %" SCNu64, p->marks[p->count].incarnation, &p->marks[p->count].done) ==
               2)
        p->count++;
    if (f)
        fclose(f);
    return p;
}

void proven_close(struct proven *p)
{
    if (!p)
        return;
    free(p->folder);
    free(p);
}

static void put(struct proven *p, const struct mark *m)
{
    for (size_t i = 0; i < p->count; i++) {
        if (strcmp(p->marks[i].incarnation, m->incarnation) != 0)
            continue;
        if (p->marks[i].done < m->done)
            p->marks[i].done = m->done;
        return;
    }
    if (p->count == KEPT)
        memmove(p->marks, p->marks + 1, --p->count * sizeof *p->marks);
    p->marks[p->count++] = *m;
}

static int save(const struct proven *p)
{
    struct buf text = {0};
    for (size_t i = 0; i < p->count; i++)
        buf_addf(&text, "%s %" PRIu64 "\n", p->marks[i].incarnation, p->marks[i].done);
    int status = keep_write(p->folder, NAME, &text);
    if (status)
        log_write(LOG_WARN, "proven_not_kept", "reason", strerror(errno), NULL);
    buf_free(&text);
    return status;
}

int proven_note(struct proven *p, const struct mark *marks, size_t count)
{
    for (size_t i = 0; i < count; i++)
        put(p, &marks[i]);
    return count ? save(p) : 0;
}

size_t proven_count(const struct proven *p)
{
    return p->count;
}

const struct mark *proven_at(const struct proven *p, size_t i)
{
    return &p->marks[i];
}

void proven_forget(struct proven *p)
{
    char *path = keep_path(p->folder, NAME);
    p->count = 0;
    unlink(path);
    free(path);
}

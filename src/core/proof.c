#include "proof.h"

#include <stdlib.h>
#include <string.h>

/* Redis begins an fsync a second ("everysec") where there is something to sync; after three, with
 * none waiting or running, one that began after the moment in question has ended. */
#define EVERYSEC_MARGIN INT64_C(3000000)

/* The text behind "\nNAME:" or at the very start; NULL if there is none. */
static const char *value_of(const char *info, const char *name)
{
    size_t n = strlen(name);
    for (const char *at = info; at; at = strchr(at, '\n')) {
        at += *at == '\n';
        if (!strncmp(at, name, n) && at[n] == ':')
            return at + n + 1;
    }
    return NULL;
}

static long long number_of(const char *info, const char *name)
{
    const char *value = value_of(info, name);
    return value ? strtoll(value, NULL, 10) : 0;
}

static bool is(const char *info, const char *name, const char *wanted)
{
    const char *value = value_of(info, name);
    return value && !strncmp(value, wanted, strlen(wanted));
}

bool durability_read(struct durability *d, const char *info, const char *appendfsync)
{
    memset(d, 0, sizeof *d);
    d->time = number_of(info, "server_time_usec");
    if (d->time == 0)
        return false;
    const char *run = value_of(info, "run_id");
    size_t run_len = run ? strcspn(run, "\r\n") : 0;
    if (run_len > 0 && run_len < sizeof d->run)
        memcpy(d->run, run, run_len);
    d->aof = number_of(info, "aof_enabled") == 1;
    d->aof_ok = is(info, "aof_last_write_status", "ok");
    d->always = appendfsync && !strcmp(appendfsync, "always");
    d->everysec = appendfsync && !strcmp(appendfsync, "everysec");
    d->unwritten = number_of(info, "aof_buffer_length");
    d->unsynced = number_of(info, "aof_pending_bio_fsync");
    d->replicas = (long)number_of(info, "connected_slaves");
    /* Redis says when the last snapshot ended and how long it took, in whole seconds. */
    if (is(info, "rdb_last_bgsave_status", "ok") && number_of(info, "rdb_saves") > 0)
        d->saved = (number_of(info, "rdb_last_save_time") -
                    number_of(info, "rdb_last_bgsave_time_sec") - 1) *
                   1000000;
    return true;
}

bool proof_holds(const struct durability *then, const struct durability *now)
{
    if (strcmp(now->run, then->run) != 0)
        return false;
    if (now->saved > then->time)
        return true;
    if (!now->aof || !now->aof_ok)
        return false;
    if (now->always && then->always)
        return true;
    return (now->everysec || now->always) && now->time - then->time >= EVERYSEC_MARGIN &&
           now->unwritten == 0 && now->unsynced == 0;
}

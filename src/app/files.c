#include "files.h"

#include "event_wire.h"
#include "json.h"
#include "layout_wire.h"
#include "tls.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LAYOUT_MAX ((size_t)1024 * 1024)

static char *read_file(const char *path, size_t *len, struct complaints *complaints)
{
    struct buf b = {0};
    char chunk[8192];
    size_t n;
    FILE *f = fopen(path, "re");
    while (f && (n = fread(chunk, 1, sizeof chunk, f)) > 0)
        buf_add(&b, chunk, n);
    if (f && !ferror(f)) {
        fclose(f);
        return buf_take(&b, len);
    }
    complaints_add(complaints, 0, "", "%s: %s", path, strerror(errno));
    if (f)
        fclose(f);
    buf_free(&b);
    return NULL;
}

/* --- the catalogue ------------------------------------------------------------------------ */

static void judge_opening(const char *opening, const struct catalogue *c,
                          struct complaints *complaints)
{
    struct faults faults = {0};
    struct events events;
    char message[400];
    events_read(opening, strlen(opening), false, &events, &faults);
    for (size_t i = 0; i < events.count; i++)
        if (events.list[i].kind < EVENT_KINDS)
            event_check(&events.list[i], c, INT64_MAX / 2, (int)i, &faults);
    for (size_t i = 0; i < faults.count; i++)
        complaints_add(complaints, 0, "opening", "%s",
                       fault_message(&faults.list[i], LANG_EN, message, sizeof message));
    events_clear(&events);
    faults_free(&faults);
}

/* A district's members are its communities. */
static void judge_members(const struct listed *listed, const struct catalogue *c, int line,
                          struct complaints *complaints)
{
    for (size_t i = 0; i < listed->member_count; i++)
        if (!catalogue_find(c, DIM_COMMUNITY, listed->members[i].id))
            complaints_add(complaints, line, "communities",
                           "lacks \"%s\", which the setting alliances has as a member",
                           listed->members[i].id);
}

static void read_catalogue(const struct listed *listed, struct files *out,
                           struct complaints *complaints)
{
    size_t len;
    char *text = read_file(listed->file, &len, complaints);
    if (!text)
        return;
    out->catalogue = catalogue_read(text, len, &out->opening, complaints);
    json_strip_comments(text, len); /* for the line */
    if (out->catalogue && listed->id && strcmp(listed->id, catalogue_id(out->catalogue)) != 0)
        complaints_add(complaints, json_line(text, len, "alliance.id"), "alliance.id",
                       "found \"%s\"; allowed: \"%s\", as the setting alliances lists this file",
                       catalogue_id(out->catalogue), listed->id);
    if (out->catalogue)
        judge_members(listed, out->catalogue, json_line(text, len, "communities"), complaints);
    free(text);
    if (out->catalogue && out->opening)
        judge_opening(out->opening, out->catalogue, complaints);
}

/* --- the screen's layout ------------------------------------------------------------------ */

static void judge_layout(char *text, size_t len, struct complaints *complaints)
{
    json_strip_comments(text, len);
    layout_check(text, len, complaints);
    if (complaints->count == 0)
        cJSON_Minify(text); /* numbers stay as they are written */
}

static void read_layout(const struct listed *listed, struct files *out,
                        struct complaints *complaints)
{
    size_t len;
    if (listed->screen_may_miss && access(listed->screen, F_OK) != 0 && errno == ENOENT) {
        out->layout = mem_string("{}");
        return;
    }
    out->layout = read_file(listed->screen, &len, complaints);
    if (out->layout && len > LAYOUT_MAX)
        complaints_add(complaints, 0, "", "is over %zu bytes", LAYOUT_MAX);
    else if (out->layout)
        judge_layout(out->layout, len, complaints);
}

/* --- the certificate ---------------------------------------------------------------------- */

static void judge_certificate(const struct config *config, struct complaints *complaints)
{
    char reason[400];
    bool with = *config->http_tls_certificate, key = *config->http_tls_key;
    if (with != key)
        complaints_add(complaints, 0, with ? "http.tls_key" : "http.tls_certificate",
                       "is needed too: both or neither");
    else if (with && tls_check(config->http_tls_certificate, config->http_tls_key, reason,
                               sizeof reason) != 0)
        complaints_add(complaints, 0, "http.tls_certificate", "%s", reason);
}

/* --- all --------------------------------------------------------------------------------- */

size_t files_tell_all(struct complaints *list, const char *file, files_tell tell, void *ctx)
{
    size_t count = list->count;
    for (size_t i = 0; i < count; i++)
        tell(ctx, file, &list->list[i]);
    complaints_free(list);
    *list = (struct complaints){0};
    return count;
}

int files_read(const struct listed *listed, struct files *out, files_tell tell, void *ctx)
{
    struct complaints list = {0};
    *out = (struct files){0};
    read_catalogue(listed, out, &list);
    size_t count = files_tell_all(&list, listed->file, tell, ctx);
    read_layout(listed, out, &list);
    count += files_tell_all(&list, listed->screen, tell, ctx);
    if (count == 0)
        return 0;
    files_clear(out);
    return -1;
}

int files_judge(const struct config *config, files_tell tell, void *ctx)
{
    struct complaints list = {0};
    judge_certificate(config, &list);
    return files_tell_all(&list, NULL, tell, ctx) ? -1 : 0;
}

void files_clear(struct files *f)
{
    catalogue_free(f->catalogue);
    free(f->opening);
    free(f->layout);
    *f = (struct files){0};
}

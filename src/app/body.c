#include "body.h"

#include "json.h"
#include <string.h>

const char *body_text(const cJSON *o, const char *name)
{
    const cJSON *v = cJSON_GetObjectItemCaseSensitive(o, name);
    return cJSON_IsString(v) ? v->valuestring : NULL;
}

/* The list's words are looked at one by one, so that none is taken for part of another. */
static bool is_listed(const char *list, const char *word)
{
    size_t n = strlen(word);
    for (const char *p = list; *p && n; p += strcspn(p, ","), p += strspn(p, ", "))
        if (strcspn(p, ",") == n && !strncmp(p, word, n))
            return true;
    return false;
}

static bool has_only(const cJSON *o, const char *allowed, struct faults *faults)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, o)
    {
        if (!is_listed(allowed, item->string))
            faults_add(faults, FAULT_UNKNOWN_FIELD, -1, item->string, "%s", allowed);
    }
    return faults->count == 0;
}

cJSON *body_object(struct call *c, const char *allowed)
{
    struct faults faults = {0};
    size_t len;
    const char *body = request_body(c->request, &len);
    cJSON *o = json_parse(body, len, -1, &faults);
    if (o && !cJSON_IsObject(o))
        faults_add(&faults, FAULT_NOT_AN_OBJECT, -1, "", "%s", "");
    if (faults.count || !has_only(o, allowed, &faults)) {
        cJSON_Delete(o);
        o = NULL;
    }
    if (!o)
        answer_faults(c, &faults);
    faults_free(&faults);
    return o;
}

void body_add(struct buf *out, const char *name, const char *text)
{
    buf_addf(out, ",\"%s\":", name);
    if (text)
        buf_add_json(out, text);
    else
        buf_adds(out, "null");
}

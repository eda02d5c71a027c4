#include "complaint.h"

#include "buf.h"
#include "json.h"
#include "utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct field_path field_at(const char *format, ...)
{
    struct field_path path = {""};
    char whole[512];
    va_list args;
    va_start(args, format);
    vsnprintf(whole, sizeof whole, format, args);
    va_end(args);
    memcpy(path.text, whole, utf8_cut(whole, sizeof path.text - 1));
    return path;
}

void complaints_add(struct complaints *c, int line, const char *field, const char *format, ...)
{
    if (c->count == c->cap) {
        c->cap = c->cap ? c->cap * 2 : 8;
        c->list = mem_resize(c->list, c->cap * sizeof *c->list);
    }
    struct complaint *complaint = &c->list[c->count++];
    *complaint = (struct complaint){.line = line};
    memcpy(complaint->field, field, utf8_cut(field, sizeof complaint->field - 1));
    char message[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    memcpy(complaint->message, message, utf8_cut(message, sizeof complaint->message - 1));
}

void complaints_free(struct complaints *c)
{
    free(c->list);
    *c = (struct complaints){0};
}

int field_line(const struct judged_file *f, const char *path)
{
    struct field_path around = field_at("%s", path);
    for (;;) {
        int line = json_line(f->text, f->len, around.text);
        if (line || !*around.text)
            return line;
        size_t n = strlen(around.text);
        do
            n--;
        while (n > 0 && !strchr(".[", around.text[n]));
        around.text[n] = '\0';
    }
}

void complain(const struct judged_file *f, const char *path, const char *format, ...)
{
    char message[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    complaints_add(f->complaints, field_line(f, path), path, "%s", message);
}

void complain_found(const struct judged_file *f, const char *path, const cJSON *found,
                    const char *allowed)
{
    char shown[64];
    complain(f, path, "found %s; allowed: %s", json_show(found, shown, sizeof shown), allowed);
}

void complain_unknown(const struct judged_file *f, const char *path, const cJSON *object,
                      const char *const *allowed)
{
    struct buf names = {0};
    for (const char *const *name = allowed; *name; name++)
        buf_addf(&names, "%s%s", name == allowed ? "" : ", ", *name);
    for (const cJSON *member = object->child; member; member = member->next) {
        const char *const *name = allowed;
        while (*name && strcmp(*name, member->string) != 0)
            name++;
        struct field_path at = field_at("%s%s%s", path, *path ? "." : "", member->string);
        if (!*name)
            complain(f, at.text, "unknown key; allowed: %s", names.data);
    }
    buf_free(&names);
}

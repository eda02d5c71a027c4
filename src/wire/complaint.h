/* complaint: what is wrong in a file that people write, in words, for --check and the log. */
#ifndef TALLYD_COMPLAINT_H
#define TALLYD_COMPLAINT_H

#include <cjson/cJSON.h>
#include <stdarg.h>
#include <stddef.h>

struct complaint {
    int line;       /* from 1; 0: the file as a whole */
    char field[96]; /* "units[3].id"; "" if none */
    char message[240];
};
struct complaints {
    struct complaint *list;
    size_t count, cap;
};
void complaints_add(struct complaints *c, int line, const char *field, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void complaints_free(struct complaints *c);

/* A file that is being judged: its text without comments, and where complaints go. */
struct judged_file {
    const char *text;
    size_t len;
    struct complaints *complaints;
};

/* Where in the file a field stands: "projects[3].units[0]". */
struct field_path {
    char text[96];
};
struct field_path field_at(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The line of the field at PATH, or of the nearest thing around it where it isn't there. */
int field_line(const struct judged_file *f, const char *path);

/* A complaint of the field at PATH, with its line. */
void complain(const struct judged_file *f, const char *path, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void complain_found(const struct judged_file *f, const char *path, const cJSON *found,
                    const char *allowed);

/* Refuses the members of OBJECT that ALLOWED (NULL-ended) doesn't name. */
void complain_unknown(const struct judged_file *f, const char *path, const cJSON *object,
                      const char *const *allowed);

#endif

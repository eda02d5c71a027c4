/* fault: what is wrong with an input, where, and what is allowed. Core and wire collect faults;
 * only the outermost floor words them, in Chinese or English. */
#ifndef TALLYD_FAULT_H
#define TALLYD_FAULT_H

#include <stddef.h>

enum fault_code {
    FAULT_NOT_JSON,      /* detail: what the reader met */
    FAULT_NOT_AN_OBJECT, /* an event must be a JSON object */
    FAULT_DUPLICATE_KEY, /* a key stands twice in one object */
    FAULT_BAD_STRING,    /* \u0000, a lone surrogate */
    FAULT_TOO_DEEP,      /* nested beyond the limit */
    FAULT_TOO_MANY,      /* more events or fields than a request may hold */
    FAULT_NO_EVENTS,     /* a request without an event */
    FAULT_UNKNOWN_FIELD, /* detail: fields that are allowed */
    FAULT_MISSING_FIELD,
    FAULT_WRONG_TYPE,    /* detail: the type that is allowed */
    FAULT_BAD_ID,        /* 1 to 64 of A-Z a-z 0-9 . _ : - */
    FAULT_BAD_TEXT,      /* empty, over 200 characters, control characters */
    FAULT_BAD_TIME,      /* not RFC 3339 */
    FAULT_FUTURE,        /* over 10 minutes in the future */
    FAULT_OUT_OF_RANGE,  /* detail: the range */
    FAULT_UNKNOWN_VALUE, /* detail: the values that are allowed */
    FAULT_NOT_IN_CATALOGUE,
    FAULT_RETIRED,   /* an id that the catalogue keeps for its history only */
    FAULT_EITHER_OR, /* detail: exactly one / at least one of … */
    FAULT_MISMATCH,  /* detail: two fields that contradict each other */
    FAULT_PERSONAL,  /* a phone's or an identity card's number */
    FAULT_COUNT
};

struct fault {
    enum fault_code code;
    int index;        /* the event's place in the request from 0; -1: the request as a whole */
    char field[72];   /* "" if no field is at fault */
    char detail[200]; /* what is allowed or was met, language-neutral or both; may be "" */
};

/* Grows without bound by design of its callers: at most a few faults an event. A zeroed struct
 * is an empty list. */
struct faults {
    struct fault *list;
    size_t count, cap;
};

void faults_add(struct faults *f, enum fault_code code, int index, const char *field,
                const char *detail_format, ...) __attribute__((format(printf, 5, 6)));
void faults_free(struct faults *f);

enum language { LANG_EN, LANG_ZH };

/* The fixed code for programs ("unknown_field"). */
const char *fault_name(enum fault_code code);
/* The message for people, into OUT; what, where and what is allowed. Returns OUT. */
char *fault_message(const struct fault *f, enum language lang, char *out, size_t size);

#endif

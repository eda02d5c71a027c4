/* mark: how far one incarnation of a journal has come: up to which number its records are counted,
 * or stand on disk. Plain value. */
#ifndef TALLYD_MARK_H
#define TALLYD_MARK_H

#include <stdint.h>

#define MARKS_MAX 64

struct mark {
    char incarnation[33]; /* 32 hex digits and a NUL */
    uint64_t done;
};

#endif

/* fuzz: what the fuzz targets share. Each target is one file that gives LLVMFuzzerTestOneInput:
 * it reads the bytes as the program would read them from outside and asserts what must hold
 * whatever they are. libFuzzer makes up the bytes (`./dev fuzz`); replay.c takes them from the
 * corpus, in every run of the tests. */
#ifndef TALLYD_FUZZ_H
#define TALLYD_FUZZ_H

#include "fault.h"
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* As assert, but in every build. */
#define HOLD(condition)                                                                            \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: doesn't hold: %s\n", __FILE__, __LINE__, #condition);          \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

struct catalogue;
struct event;

/* The instant and the day at which every input is judged, in the zone Asia/Shanghai. */
#define FUZZ_NOW   INT64_C(1795492800000000) /* 2026-11-24T12:00:00+08:00 */
#define FUZZ_TODAY 20261124

/* A small catalogue (circles c1 c2, communities s01 s02, units u01 u02, categories g1 g2, projects
 * p1 p2), made at the first call together with the zone; never freed. */
const struct catalogue *fuzz_catalogue(void);

/* Bytes that read as valid UTF-8, and not empty. */
void fuzz_hold_text(const char *text);
/* Every fault can be told in both languages. */
void fuzz_hold_faults(const struct faults *faults);
/* What the program itself wrote is JSON to the letter. */
void fuzz_hold_json(const char *text, size_t len);
/* The event, once it is written, is read without a fault, as what it was. */
void fuzz_hold_written(const struct event *e);

#endif

/* json: JSON by RFC 8259 to the letter, which cJSON alone doesn't judge. The text is scanned
 * first; only what is well-formed, shallow and free of NUL goes to cJSON. */
#ifndef TALLYD_JSON_H
#define TALLYD_JSON_H

#include "fault.h"
#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JSON_DEPTH_MAX 16
#define JSON_KEYS_MAX  64 /* in one object, so that finding a key twice stays cheap */

/* Parses LEN bytes; TEXT may be NULL where LEN is 0. On success gives the tree (caller
 * cJSON_Delete's it). Else NULL and one fault:
 * FAULT_NOT_JSON (not RFC 8259: also `01`, `1.`, raw control characters, invalid UTF-8, a byte
 * order mark, trailing text, nothing at all), FAULT_TOO_DEEP, FAULT_TOO_MANY (keys),
 * FAULT_BAD_STRING (\u0000, a lone surrogate escape), FAULT_DUPLICATE_KEY (after unescaping).
 * A fault's detail says the byte offset and what was met; INDEX goes into it. Never recurses on
 * the text's own nesting before the depth is known. */
cJSON *json_parse(const char *text, size_t len, int index, struct faults *faults);

/* As json_parse, for a file: gives the line (from 1) that is at fault, or 0 with the tree. */
cJSON *json_parse_file(const char *text, size_t len, int *line, struct faults *faults);

/* Line (from 1) of the value at a path such as "http.listen" or "units[3].id" in JSON text that
 * json_parse accepts; 0 if it isn't there. For errors in configuration files. */
int json_line(const char *text, size_t len, const char *path);

/* The value at a path as it stands in the text, RAW_LEN bytes; NULL if it isn't there. */
const char *json_raw(const char *text, size_t len, const char *path, size_t *raw_len);

/* A value as compact JSON in OUT, cut to fit, for messages to people. Returns OUT. */
char *json_show(const cJSON *item, char *out, size_t size);

/* Blanks `//` comments outside strings in place, keeping every line's number. */
void json_strip_comments(char *text, size_t len);

/* An integer-valued number within ±(2^53 - 1)? Writes it to OUT. `1.0` and `1e2` are integers; 2^53
 * is not taken, since 2^53 + 1 reads the same. */
bool json_integer(const cJSON *item, int64_t *out);

#endif

/* body: a request's body where it is one small object: its fields are known by name, and whatever
 * else stands in it is refused. */
#ifndef TALLYD_BODY_H
#define TALLYD_BODY_H

#include "answer.h"
#include <cjson/cJSON.h>

/* ALLOWED: "name, role, unit". NULL once it is refused; caller cJSON_Delete's. */
cJSON *body_object(struct call *c, const char *allowed);
/* NULL if the field isn't there or isn't a text. */
const char *body_text(const cJSON *o, const char *name);
/* ,"NAME":"TEXT" or null. The first member of an object is written without this. */
void body_add(struct buf *out, const char *name, const char *text);

#endif

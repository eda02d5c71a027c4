/* Residents' problems that wait: GET /admin/pending shows them, POST accepts or rejects one. What
 * is accepted is raised the usual way, by an id of its own, and so counted once however often. */
#include "api.h"

#include "audit.h"
#include "body.h"
#include "date.h"
#include "event_wire.h"
#include "submit.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- looking at them ---------------------------------------------------------------------- */

struct waiting {
    const char *id;
    cJSON *problem;
};

/* Instants as date_format writes them in one zone, so text sorts as time does but for an hour a
 * year where clocks are put back. */
static int newest_first(const void *a, const void *b)
{
    const char *x = body_text(((const struct waiting *)a)->problem, "at");
    const char *y = body_text(((const struct waiting *)b)->problem, "at");
    return strcmp(y ? y : "", x ? x : "");
}

static void write_waiting(const struct waiting *w, struct buf *out)
{
    static const char *const told[] = {"title", "community", "at"};
    buf_adds(out, "{\"id\":");
    buf_add_json(out, w->id);
    for (size_t i = 0; i < sizeof told / sizeof *told; i++)
        body_add(out, told[i], body_text(w->problem, told[i]));
    buf_adds(out, "}");
}

static void on_pending(void *ctx, const redisReply *reply)
{
    struct call *c = ctx;
    struct buf body = {0};
    if (!reply || reply->type != REDIS_REPLY_ARRAY) {
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
        return;
    }
    size_t count = reply->elements / 2;
    struct waiting *list = mem_alloc((count + 1) * sizeof *list);
    for (size_t i = 0; i < count; i++)
        list[i] = (struct waiting){reply->element[2 * i]->str,
                                   cJSON_Parse(reply->element[2 * i + 1]->str)};
    qsort(list, count, sizeof *list, newest_first);
    buf_adds(&body, "{\"pending\":[");
    for (size_t i = 0; i < count; i++) {
        buf_adds(&body, i ? "," : "");
        write_waiting(&list[i], &body);
        cJSON_Delete(list[i].problem);
    }
    buf_adds(&body, "]}");
    free(list);
    answer_json(c, 200, &body);
}

/* --- judging them ------------------------------------------------------------------------- */

struct judging {
    struct call *call;
    char id[EVENT_ID_MAX + 1];
    bool accept;
    char *reason; /* or NULL */
    struct events events;
};

static void judging_free(struct judging *j)
{
    events_clear(&j->events);
    free(j->reason);
    free(j);
}

static void refuse(struct judging *j, enum trouble t)
{
    answer_trouble(j->call, t, t == TROUBLE_NOT_FOUND ? "id" : NULL, -1);
    judging_free(j);
}

static void finish(struct judging *j, int http, const char *status)
{
    struct buf body = {0};
    store_command(j->call->alliance->store, NULL, NULL, "HDEL", "pending", j->id, NULL);
    audit_act(j->call, j->accept ? "problem_accepted" : "problem_rejected", j->id, "done",
              j->reason);
    buf_addf(&body, "{\"id\":\"%s\",\"status\":\"%s\"}", j->id, status);
    answer_json(j->call, http, &body);
    judging_free(j);
}

static void on_raised(void *ctx, enum intake_outcome outcome, const char *letters, uint64_t rev)
{
    struct judging *j = ctx;
    (void)rev;
    if (outcome == INTAKE_REFUSED)
        refuse(j, TROUBLE_DISK);
    else if (outcome == INTAKE_QUEUED)
        finish(j, 202, "queued");
    else
        finish(j, 200, letters[0] == 'c' ? "counted" : "duplicate");
}

static void raise_problem(struct judging *j, const cJSON *problem)
{
    struct call *c = j->call;
    struct buf text = {0};
    struct faults faults = {0};
    buf_addf(&text, "{\"id\":\"%s\",\"problem\":\"%s\",\"kind\":\"problem\",\"status\":\"raised\"",
             j->id, j->id);
    body_add(&text, "at", body_text(problem, "at"));
    body_add(&text, "title", body_text(problem, "title"));
    body_add(&text, "community", body_text(problem, "community"));
    buf_adds(&text, "}");
    events_read(text.data, text.len, false, &j->events, &faults);
    if (faults.count == 0) /* the catalogue may have changed since */
        event_check(&j->events.list[0], c->alliance->catalogue, date_now(), -1, &faults);
    buf_free(&text);
    if (faults.count) {
        answer_faults(c, &faults);
        judging_free(j);
    } else if (submit_events(c->alliance, &j->events, NULL, c->began, on_raised, j) != 0) {
        refuse(j, TROUBLE_DISK);
    }
    faults_free(&faults);
}

static void on_found(void *ctx, const redisReply *reply)
{
    struct judging *j = ctx;
    if (!reply || reply->type != REDIS_REPLY_STRING) {
        refuse(j, reply ? TROUBLE_NOT_FOUND : TROUBLE_UNAVAILABLE);
        return;
    }
    if (!j->accept) {
        finish(j, 200, "rejected");
        return;
    }
    cJSON *problem = cJSON_Parse(reply->str);
    raise_problem(j, problem);
    cJSON_Delete(problem);
}

static void judge(struct call *c, const cJSON *o)
{
    const cJSON *accept = cJSON_GetObjectItemCaseSensitive(o, "accept");
    const char *id = body_text(o, "id"), *reason = body_text(o, "reason");
    int n = reason ? event_text_length(reason) : 0;
    if (!id || !event_id_ok(id)) {
        answer_bad_query(c, FAULT_BAD_ID, "id", "");
    } else if (!cJSON_IsBool(accept)) {
        answer_bad_query(c, FAULT_WRONG_TYPE, "accept", "true, false");
    } else if (n < 0 || n > EVENT_TEXT_MAX) {
        answer_bad_query(c, FAULT_BAD_TEXT, "reason", "");
    } else {
        struct judging *j = mem_alloc(sizeof *j);
        j->call = c;
        j->accept = cJSON_IsTrue(accept);
        j->reason = mem_string(reason);
        snprintf(j->id, sizeof j->id, "%s", id);
        if (store_command(c->alliance->store, on_found, j, "HGET", "pending", j->id, NULL))
            refuse(j, TROUBLE_UNAVAILABLE);
    }
}

void admin_pending(struct call *c)
{
    if (!strcmp(request_method(c->request), "POST")) {
        cJSON *o = body_object(c, "id, accept, reason");
        if (o)
            judge(c, o);
        cJSON_Delete(o);
    } else if (store_command(c->alliance->store, on_pending, c, "HGETALL", "pending", NULL)) {
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
    }
}

/* POST /events: from a request's body to the intake, and from the store's verdicts to the answer.
 */
#include "api.h"

#include "audit.h"
#include "date.h"
#include "effect.h"
#include "event_wire.h"
#include "limit.h"
#include "log.h"
#include "submit.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct post {
    struct call *call;
    struct events events;
    size_t asked; /* events whose target is being looked up */
    bool refused;
    enum trouble refusal;
    size_t refused_index;
};

static void post_free(struct post *p)
{
    events_clear(&p->events);
    free(p);
}

/* --- the answer --------------------------------------------------------------------------- */

static const struct {
    char letter;
    const char *en, *zh;
} conflicts[] = {
    {'h', "this id was counted before with other content", "该 id 已以不同内容计入"},
    {'u', "it speaks of an event that isn't known here", "所指的事件不存在"},
    {'v', "it speaks of an event that has been voided", "所指的事件已被冲正"},
    {'k', "a void can't be voided", "冲正事件不能再被冲正"},
    {'a', "the event it names isn't an activity", "所指的事件不是活动"},
    {'s', "this problem hasn't been raised", "该问题尚未提出"},
    {'o', "it speaks of what is another unit's or an admin's",
     "所指的内容属于其他单位或仅限管理员"},
};

static void write_result(const struct event *e, char letter, enum language language,
                         struct buf *out)
{
    const char *status = letter == 'c'   ? "counted"
                         : letter == 'd' ? "duplicate"
                         : letter == 'q' ? "queued"
                                         : "conflict";
    buf_adds(out, "{\"id\":\"");
    buf_adds(out, e->text[FIELD_ID]);
    buf_adds(out, "\",\"status\":\"");
    buf_adds(out, status);
    buf_adds(out, "\"");
    for (size_t i = 0; i < sizeof conflicts / sizeof *conflicts; i++) {
        if (conflicts[i].letter != letter)
            continue;
        buf_adds(out, ",\"message\":");
        buf_add_json(out, language == LANG_ZH ? conflicts[i].zh : conflicts[i].en);
    }
    buf_adds(out, "}");
}

/* Balances are an admin's to state, and change every figure. */
static void note_opening(const struct post *p)
{
    for (size_t i = 0; i < p->events.count; i++)
        if (p->events.list[i].kind == EVENT_OPENING)
            audit_act(p->call, "opening", p->events.list[i].text[FIELD_ID], "done", NULL);
}

static void on_done(void *ctx, enum intake_outcome outcome, const char *letters, uint64_t rev)
{
    struct post *p = ctx;
    struct buf body = {0};
    bool counted = outcome == INTAKE_COUNTED;
    if (outcome == INTAKE_REFUSED) {
        answer_trouble(p->call, TROUBLE_DISK, NULL, -1);
        post_free(p);
        return;
    }
    note_opening(p);
    buf_addf(&body, "{\"rev\":%" PRIu64 ",\"results\":[",
             counted ? rev : p->call->alliance->board.rev);
    for (size_t i = 0; i < p->events.count; i++) {
        char letter = 'q';
        if (counted)
            letter = letters[i];
        buf_adds(&body, i ? "," : "");
        write_result(&p->events.list[i], letter, p->call->language, &body);
    }
    buf_adds(&body, "]}");
    answer_json(p->call, counted ? 200 : 202, &body);
    post_free(p);
}

static void submit_post(struct post *p)
{
    struct call *c = p->call;
    const char *unit = c->who.role == ROLE_REPORT ? c->who.unit : NULL;
    if (submit_events(c->alliance, &p->events, unit, c->began, on_done, p) == 0)
        return;
    answer_trouble(c, TROUBLE_DISK, NULL, -1);
    post_free(p);
}

/* --- who may ------------------------------------------------------------------------------ */

/* A reporter's own rights, as far as the events themselves tell. */
static bool check_rights(struct post *p)
{
    const struct identity *who = &p->call->who;
    for (size_t i = 0; i < p->events.count && who->role != ROLE_ADMIN; i++) {
        const struct event *e = &p->events.list[i];
        const char *unit = e->text[FIELD_UNIT];
        if (e->kind == EVENT_OPENING) {
            answer_trouble(p->call, TROUBLE_FORBIDDEN, "kind", (int)i);
            return false;
        }
        if (who->unit[0] && unit && strcmp(unit, who->unit) != 0) {
            answer_trouble(p->call, TROUBLE_OTHER_UNIT, "unit", (int)i);
            return false;
        }
    }
    return true;
}

struct lookup {
    struct post *post;
    size_t index;
};

/* What a reporter's event may only speak of if it is the own unit's. */
static const enum field targets[EVENT_KINDS] = {
    [EVENT_ACTIVITY] = FIELD_COUNT, [EVENT_REACH] = FIELD_ACTIVITY, [EVENT_VENUE] = FIELD_VENUE,
    [EVENT_PROBLEM] = FIELD_COUNT,  [EVENT_PLAN] = FIELD_PLAN,      [EVENT_OPENING] = FIELD_COUNT,
    [EVENT_VOID] = FIELD_OF,
};

static void looked_up(struct post *p)
{
    if (--p->asked > 0)
        return;
    if (!p->refused) {
        submit_post(p);
        return;
    }
    const struct event *e = &p->events.list[p->refused_index];
    answer_trouble(p->call, p->refusal, event_fields[targets[e->kind]].name, (int)p->refused_index);
    post_free(p);
}

/* Unknown events are the store's to judge. */
static bool may_speak_of(const redisReply *event, const char *unit, enum trouble *refusal)
{
    struct effect x;
    const redisReply *text = event->elements > 1 ? event->element[1] : NULL;
    if (!text || !effect_read(&x, text->str, (size_t)text->len))
        return true;
    *refusal = x.kind == 'o' ? TROUBLE_FORBIDDEN : TROUBLE_OTHER_UNIT;
    return x.kind != 'o' && (!*unit || effect_has(&x, DIM_UNIT, unit));
}

static bool is_unit(const redisReply *holder, const char *unit, enum trouble *refusal)
{
    *refusal = TROUBLE_OTHER_UNIT;
    return holder->elements != 1 || !strcmp(holder->element[0]->str, "-") ||
           !strcmp(holder->element[0]->str, unit);
}

static void on_target(void *ctx, const redisReply *reply)
{
    struct lookup *l = ctx;
    struct post *p = l->post;
    enum event_kind kind = p->events.list[l->index].kind;
    const char *unit = p->call->who.unit;
    bool by_event = kind == EVENT_REACH || kind == EVENT_VOID;
    /* While the store is away the script judges later, by the unit that goes along. */
    if (reply && !p->refused) {
        p->refused =
            by_event ? !may_speak_of(reply, unit, &p->refusal) : !is_unit(reply, unit, &p->refusal);
        p->refused_index = l->index;
    }
    free(l);
    looked_up(p);
}

static int ask(const struct event *e, struct lookup *l)
{
    struct store *store = l->post->call->alliance->store;
    const char *target = e->text[targets[e->kind]];
    if (e->kind == EVENT_REACH || e->kind == EVENT_VOID)
        return store_query(store, on_target, l, "event", target, NULL);
    return store_query(store, on_target, l, "holder", e->kind == EVENT_VENUE ? "v" : "l", target,
                       e->text[FIELD_ID], NULL);
}

/* One of no unit may speak of all but what is an admin's. */
static void look_up_targets(struct post *p)
{
    bool bound = p->call->who.unit[0];
    p->asked = 1;
    for (size_t i = 0; i < p->events.count; i++) {
        const struct event *e = &p->events.list[i];
        if (targets[e->kind] == FIELD_COUNT || (!bound && e->kind != EVENT_VOID))
            continue;
        struct lookup *l = mem_alloc(sizeof *l);
        *l = (struct lookup){p, i};
        p->asked++;
        if (ask(e, l)) {
            p->asked--;
            free(l);
        }
    }
    looked_up(p);
}

/* What a token may send in a second; the owner has none. */
static bool is_within_limit(const struct post *p)
{
    struct call *c = p->call;
    int wait =
        request_is_owner(c->request) ? 0 : limits_events(c->alliance, c->who.name, p->events.count);
    if (wait)
        answer_too_many(c, wait);
    return !wait;
}

/* --- the request -------------------------------------------------------------------------- */

static bool read_body(struct post *p, struct faults *faults)
{
    struct call *c = p->call;
    size_t len;
    bool twice;
    const char *body = request_body(c->request, &len);
    const char *type = request_header(c->request, "content-type", &twice);
    bool ndjson = type && !strncasecmp(type, "application/x-ndjson", 20);
    events_read(body, len, ndjson, &p->events, faults);
    for (size_t i = 0; i < p->events.count; i++)
        if (p->events.list[i].kind < EVENT_KINDS)
            event_check(&p->events.list[i], c->alliance->catalogue, date_now(), (int)i, faults);
    return faults->count == 0;
}

void post_events(struct call *c)
{
    struct faults faults = {0};
    struct post *p = mem_alloc(sizeof *p);
    p->call = c;
    bool good = read_body(p, &faults);
    if (p->events.too_many) {
        answer_trouble(c, TROUBLE_TOO_LARGE, NULL, -1);
        good = false;
    } else if (!good)
        answer_faults(c, &faults);
    else if (submit_needs_secret(&p->events) && !c->alliance->secret_known) {
        answer_trouble(c, TROUBLE_UNAVAILABLE, NULL, -1);
        good = false;
    } else if (!check_rights(p) || !is_within_limit(p))
        good = false;
    faults_free(&faults);
    if (!good)
        post_free(p);
    else if (c->who.role == ROLE_REPORT)
        look_up_targets(p);
    else
        submit_post(p);
}

/* --- opening balances --------------------------------------------------------------------- */

/* Each opening event is looked up; those that the store doesn't know are sent to be counted, once
 * in a life of the daemon; and so on until all are known. */
struct opening {
    struct alliance *alliance;
    struct events events;
    size_t asked, known;
};

static void on_opening_sent(void *ctx, enum intake_outcome outcome, const char *letters,
                            uint64_t rev)
{
    struct alliance *alliance = ctx;
    (void)letters;
    (void)rev;
    if (outcome == INTAKE_REFUSED)
        alliance->opening_sent = false;
    else if (outcome == INTAKE_COUNTED)
        alliance->opening_done = true;
}

static void opening_looked_up(struct opening *o)
{
    if (--o->asked > 0)
        return;
    o->alliance->opening_asking = false;
    if (o->known == o->events.count)
        o->alliance->opening_done = true;
    else if (!o->alliance->opening_sent)
        o->alliance->opening_sent =
            submit_events(o->alliance, &o->events, NULL, uv_now(o->alliance->app->loop),
                          on_opening_sent, o->alliance) == 0;
    events_clear(&o->events);
    free(o);
}

static void on_opening_event(void *ctx, const redisReply *reply)
{
    struct opening *o = ctx;
    o->known += reply && reply->elements > 1;
    opening_looked_up(o);
}

void post_opening(struct alliance *alliance)
{
    struct faults faults = {0};
    struct opening *o = mem_alloc(sizeof *o);
    o->alliance = alliance;
    o->asked = 1;
    alliance->opening_asking = true;
    events_read(alliance->opening, strlen(alliance->opening), false, &o->events, &faults);
    for (size_t i = 0; i < o->events.count; i++)
        if (store_query(alliance->store, on_opening_event, o, "event",
                        o->events.list[i].text[FIELD_ID], NULL) == 0)
            o->asked++;
    faults_free(&faults);
    opening_looked_up(o);
}

#include "intake.h"

#include "bundle.h"
#include "log.h"
#include "record.h"
#include "verdict.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CALLS           2 /* of the store under way: it needn't wait for us between two */
#define LONG_QUEUE      50000
#define TICK_MS         50
#define HEARTBEAT_TICKS 20

/* A request whose client waits. */
struct waiter {
    struct intake *in;
    uint64_t first; /* number of its first event; 0 until it is on disk */
    size_t count;
    uint64_t deadline;
    intake_on_done on_done;
    void *ctx;
    char *letters;  /* of those of its events that are counted */
    size_t counted; /* all of them: then it waits until that can be seen */
    uint64_t rev;
    struct waiter *next;
};

/* A journal's incarnation, how far the store has come with it, and what was sent to it. */
struct run {
    struct journal_run is;
    uint64_t done, sent;
};

struct intake {
    struct intake_options o;
    struct run runs[MARKS_MAX]; /* the present one last */
    size_t run_count;
    bool placed;            /* where the store stands is known */
    bool held;              /* a call wasn't applied: none is sent until all are back */
    bool asking, ask_later; /* where the store stands is being asked, or is to be asked */
    unsigned ticks;
    bool closed;
    struct waiter *waiting, **waiting_end; /* in the journal's order */
    uv_timer_t timer;
    struct loss loss;
    struct bundle bundles[CALLS];
    unsigned under_way; /* of them */
};

static void feed(struct intake *in), ask_places(struct intake *in), ask_proven(struct intake *in);

/* --- answers ------------------------------------------------------------------------------ */

static struct waiter *take_out(struct intake *in, struct waiter **at)
{
    struct waiter *w = *at;
    *at = w->next;
    if (!*at)
        in->waiting_end = at;
    return w;
}

static bool is_counted(const struct waiter *w)
{
    return w->counted == w->count;
}

static void answer(struct waiter *w, enum intake_outcome outcome)
{
    w->on_done(w->ctx, outcome, w->letters, w->rev);
    free(w->letters);
    free(w);
}

/* It waits no longer: counted as a whole, or on disk. */
static void let_go(struct intake *in, struct waiter *w)
{
    bool counted = is_counted(w);
    for (size_t i = 0; !counted && i < w->counted; i++)
        verdict_reject(in->o.store, in->o.journal, w->first + i, w->letters[i]);
    answer(w, counted ? INTAKE_COUNTED : INTAKE_QUEUED);
}

/* Those that are counted and can be seen, in order. */
void intake_shown(struct intake *in)
{
    uint64_t shown = in->o.shown(in->o.ctx);
    while (in->waiting && is_counted(in->waiting) && in->waiting->rev <= shown)
        answer(take_out(in, &in->waiting), INTAKE_COUNTED);
}

/* Up to number LAST nobody waits any longer. */
static void release(struct intake *in, uint64_t last)
{
    while (in->waiting && in->waiting->first && in->waiting->first <= last)
        let_go(in, take_out(in, &in->waiting));
}

/* Those who have waited long enough: not always the first in line, as some have waited elsewhere
 * before. Who is still on the way to the disk waits for the disk, not for the store. */
static void answer_late(struct intake *in)
{
    uint64_t now = uv_now(in->o.loop);
    for (struct waiter **at = &in->waiting; *at;)
        if ((*at)->deadline > now)
            at = &(*at)->next;
        else
            let_go(in, take_out(in, at));
}

static void on_tick(uv_timer_t *timer)
{
    struct intake *in = timer->data;
    answer_late(in);
    /* A store may go back under a connection that stays: it is asked again and again. */
    if (++in->ticks % HEARTBEAT_TICKS == 0 && in->under_way == 0 && store_is_up(in->o.store)) {
        ask_proven(in);
        ask_places(in);
    }
    feed(in);
}

/* Nobody waits any more for the events from FROM to before UPTO of the bundle. */
static void reject(struct intake *in, const struct bundle *b, uint64_t from, uint64_t upto,
                   const char *letters)
{
    for (uint64_t n = from; n < upto && !b->rejecting; n++)
        verdict_reject(in->o.store, in->o.journal, n, letters[n - b->first]);
}

static void settle(struct intake *in, const struct bundle *b, uint64_t rev, const char *letters)
{
    uint64_t end = bundle_end(b), at = b->first;
    for (struct waiter *w = in->waiting; w && w->first && w->first < end; w = w->next) {
        reject(in, b, at, w->first, letters);
        at = w->first + w->count > at ? w->first + w->count : at;
        /* A large request may need two bundles. */
        uint64_t from = w->first + w->counted;
        uint64_t upto = w->first + w->count < end ? w->first + w->count : end;
        if (is_counted(w) || from < b->first || from >= upto)
            continue;
        if (!w->letters)
            w->letters = mem_alloc(w->count + 1);
        memcpy(w->letters + w->counted, letters + (from - b->first), (size_t)(upto - from));
        w->counted += (size_t)(upto - from);
        w->rev = rev;
    }
    reject(in, b, at, end, letters);
    intake_shown(in);
}

/* --- feeder ------------------------------------------------------------------------------- */

static struct run *present(struct intake *in)
{
    return &in->runs[in->run_count - 1];
}

static void place(struct intake *in, struct run *run, uint64_t done)
{
    run->done = run->sent = done;
    if (run->is.last && done + 1 < run->is.first && !in->loss.alarm[0])
        loss_of_journal(&in->loss, run->is.incarnation, done, run->is.first);
}

/* What of an applied bundle is to be told. */
static void applied(struct intake *in, const struct bundle *b, const struct store_applied *a)
{
    b->run->done = a->done;
    verdict_count(a->letters);
    if (b->rejecting)
        verdict_count_rejected(a->letters);
    if (b->run == present(in))
        settle(in, b, a->rev, a->letters);
}

/* Once no call is under way, what was sent is what was applied. */
static void all_back(struct intake *in)
{
    in->held = false;
    for (size_t i = 0; i < in->run_count; i++)
        in->runs[i].sent = in->runs[i].done;
    if (in->ask_later)
        ask_places(in);
}

/* Answers come in the order of the calls. A call behind one that wasn't applied is refused by the
 * script, as it would leave a gap; then the feeder begins anew where the store stands. */
static void on_applied(void *ctx, const struct store_applied *a)
{
    struct bundle *b = ctx;
    struct intake *in = b->owner;
    b->under_way = false;
    in->under_way--;
    in->held |= a->verdict != STORE_OK;
    if (a->verdict == STORE_FAILED) {
        /* Counted or not, nobody knows: those who wait are told what is sure. */
        in->placed = false;
        if (b->run == present(in) && !in->closed)
            release(in, bundle_end(b) - 1);
    } else if (in->closed) {
        return;
    } else if (a->verdict == STORE_GAP) {
        place(in, b->run, a->done);
    } else if (a->verdict == STORE_OK) {
        applied(in, b, a);
    }
    if (in->closed)
        return;
    if (in->under_way == 0)
        all_back(in);
    if (a->verdict != STORE_FAILED)
        feed(in);
}

/* How many events may go together: those that somebody waits for are kept apart from those that
 * were answered "queued", whose conflicts must be written down. */
static size_t bundle_limit(const struct intake *in, const struct run *run, bool *reject)
{
    const struct waiter *w = in->waiting;
    uint64_t from = run->sent + 1;
    while (w && w->first && w->first + w->count <= from)
        w = w->next;
    bool is_waited_for = run == &in->runs[in->run_count - 1] && w && w->first;
    *reject = !is_waited_for || from < w->first;
    return is_waited_for && from < w->first ? (size_t)(w->first - from) : BUNDLE_EVENTS;
}

static bool send_bundle(struct intake *in, struct bundle *b, struct run *run)
{
    size_t limit = bundle_limit(in, run, &b->rejecting);
    b->run = run;
    if (!bundle_read(b, in->o.journal, run->is.incarnation, run->sent + 1, limit))
        return false;
    if (b->first != run->sent + 1) {
        loss_of_journal(&in->loss, run->is.incarnation, run->sent, b->first);
        return false;
    }
    if (bundle_send(b, in->o.store, run->is.incarnation, on_applied) != 0)
        return false;
    run->sent = bundle_end(b) - 1;
    in->under_way++;
    return true;
}

/* The oldest incarnation that isn't done: the next one's events may speak of its own. */
static struct run *next_run(struct intake *in)
{
    for (size_t i = 0; i < in->run_count; i++)
        if (in->runs[i].done < in->runs[i].is.last)
            return &in->runs[i];
    return NULL;
}

static void feed(struct intake *in)
{
    if (in->closed || !in->placed || in->held || in->loss.alarm[0] || !store_is_up(in->o.store))
        return;
    present(in)->is.last = journal_durable(in->o.journal);
    struct run *run = next_run(in);
    for (size_t i = 0; run && i < CALLS; i++)
        if (!in->bundles[i].under_way && run->sent < run->is.last &&
            !send_bundle(in, &in->bundles[i], run))
            return;
}

/* --- where the store stands --------------------------------------------------------------- */

static void on_places(void *ctx, const redisReply *reply)
{
    struct intake *in = ctx;
    in->asking = false;
    /* With a call under way the answer to that one is newer. */
    if (in->closed || in->under_way > 0 || !reply || reply->type != REDIS_REPLY_ARRAY ||
        reply->elements != in->run_count)
        return;
    for (size_t i = 0; i < in->run_count; i++) {
        const char *text = reply->element[i]->str;
        place(in, &in->runs[i], text ? strtoull(text, NULL, 10) : 0);
    }
    in->placed = true;
    feed(in);
}

static void list_runs(struct intake *in)
{
    struct journal_run now[MARKS_MAX];
    size_t count = journal_runs(in->o.journal, now, MARKS_MAX), old = 0;
    for (size_t i = 0; i < count; i++) {
        /* Both lists are in the order of age; those that were trimmed away are gone. */
        while (old < in->run_count && strcmp(in->runs[old].is.incarnation, now[i].incarnation) != 0)
            old++;
        uint64_t done = old < in->run_count ? in->runs[old].done : 0;
        in->runs[i] = (struct run){now[i], done, done};
    }
    in->run_count = count;
#ifdef TALLYD_PLANT_NO_REPLAY
    in->runs[0] = in->runs[--in->run_count]; /* planted: the earlier ones are forgotten */
    in->run_count = 1;
#endif
}

static void ask_places(struct intake *in)
{
    const char *argv[MARKS_MAX];
    in->ask_later = in->under_way > 0; /* the calls under way still speak of the runs as they are */
    if (in->asking || in->ask_later)
        return;
    list_runs(in);
    for (size_t i = 0; i < in->run_count; i++)
        argv[i] = in->runs[i].is.incarnation;
    in->asking = store_hash_get(in->o.store, on_places, in, "applied", argv, in->run_count) == 0;
}

/* Does the journal still hold what comes behind number DONE? Then nothing is lost. */
static bool is_held(const struct intake *in, const char *incarnation, uint64_t done)
{
    struct journal_run now[MARKS_MAX];
    size_t count = journal_runs(in->o.journal, now, MARKS_MAX);
    for (size_t i = 0; i < count; i++)
        if (!strcmp(now[i].incarnation, incarnation))
            return now[i].first <= done + 1;
    return false;
}

/* Earlier incarnations whose records are gone: the store must not know less than it proved. */
static void on_proven(void *ctx, const redisReply *reply)
{
    struct intake *in = ctx;
    if (in->closed || !reply || reply->type != REDIS_REPLY_ARRAY)
        return;
    for (size_t i = 0; i < reply->elements && i < proven_count(in->o.proven); i++) {
        const struct mark *m = proven_at(in->o.proven, i);
        const char *text = reply->element[i]->str;
        uint64_t done = text ? strtoull(text, NULL, 10) : 0;
        if (done < m->done && !in->loss.alarm[0] && !is_held(in, m->incarnation, done))
            loss_of_store(&in->loss, m->incarnation, done, m->done);
    }
}

static void ask_proven(struct intake *in)
{
    size_t count = proven_count(in->o.proven);
    const char **fields = mem_alloc((count + 1) * sizeof *fields);
    for (size_t i = 0; i < count; i++)
        fields[i] = proven_at(in->o.proven, i)->incarnation;
    if (count)
        store_hash_get(in->o.store, on_proven, in, "applied", fields, count);
    free(fields);
}

void intake_look_again(struct intake *in)
{
    in->loss.alarm[0] = '\0';
    in->placed = false;
    ask_proven(in);
    ask_places(in);
}

void intake_begin_anew(struct intake *in)
{
    char before[24];
    proven_forget(in->o.proven);
    if (in->under_way == 0)
        list_runs(in);
    for (size_t i = 0; i < in->run_count; i++) {
        const struct journal_run *is = &in->runs[i].is;
        snprintf(before, sizeof before, "%" PRIu64, is->first > 0 ? is->first - 1 : 0);
        store_command(in->o.store, NULL, NULL, "HSET", "applied", is->incarnation, before, NULL);
    }
    intake_look_again(in);
}

void intake_store_changed(struct intake *in, bool up)
{
    in->placed = false;
    if (up)
        intake_look_again(in);
    else
        release(in, UINT64_MAX);
}

/* --- submitting --------------------------------------------------------------------------- */

static void on_durable(void *ctx, int status, uint64_t first)
{
    struct waiter *w = ctx;
    struct intake *in = w->in;
    if (status) {
        answer(w, INTAKE_REFUSED);
        return;
    }
    /* Behind a long queue the wait would be for nothing. */
    if (in->closed || !store_is_up(in->o.store) || intake_queued(in) > LONG_QUEUE) {
        answer(w, INTAKE_QUEUED);
        return;
    }
    w->first = first;
    *in->waiting_end = w;
    in->waiting_end = &w->next;
    feed(in);
}

int intake_submit(struct intake *in, const struct intake_event *events, size_t count,
                  uint64_t began, intake_on_done on_done, void *ctx)
{
    struct buf bytes = {0};
    struct journal_record *records = mem_alloc(count * sizeof *records);
    size_t *ends = mem_alloc(count * sizeof *ends);
    struct waiter *w = mem_alloc(sizeof *w);
    *w = (struct waiter){.in = in,
                         .count = count,
                         .on_done = on_done,
                         .ctx = ctx,
                         .deadline = began + in->o.wait_ms};
    for (size_t i = 0; i < count; i++) {
        record_write(&events[i], &bytes);
        ends[i] = bytes.len;
    }
    for (size_t i = 0; i < count; i++) {
        size_t start = i ? ends[i - 1] : 0;
        records[i] = (struct journal_record){bytes.data + start, ends[i] - start};
    }
    int status = journal_append(in->o.journal, records, count, on_durable, w);
    if (status)
        free(w);
    free(records);
    free(ends);
    buf_free(&bytes);
    return status ? -1 : 0;
}

/* --- open, close -------------------------------------------------------------------------- */

struct intake *intake_open(const struct intake_options *options)
{
    struct intake *in = mem_alloc(sizeof *in);
    in->o = *options;
    in->waiting_end = &in->waiting;
    for (size_t i = 0; i < CALLS; i++)
        in->bundles[i].owner = in;
    list_runs(in);
    uv_timer_init(in->o.loop, &in->timer);
    in->timer.data = in;
    uv_timer_start(&in->timer, on_tick, TICK_MS, TICK_MS);
    return in;
}

static void on_timer_closed(uv_handle_t *handle)
{
    struct intake *in = handle->data;
    for (size_t i = 0; i < CALLS; i++)
        bundle_free(&in->bundles[i]);
    free(in);
}

void intake_close(struct intake *in)
{
    in->closed = true;
    release(in, UINT64_MAX);
    uv_timer_stop(&in->timer);
    uv_close((uv_handle_t *)&in->timer, on_timer_closed);
}

long long intake_queued(const struct intake *in)
{
    long long queued = 0;
    for (size_t i = 0; i < in->run_count; i++) {
        uint64_t last =
            i + 1 == in->run_count ? journal_durable(in->o.journal) : in->runs[i].is.last;
        if (last > in->runs[i].done)
            queued += (long long)(last - in->runs[i].done);
    }
    return queued;
}

size_t intake_marks(const struct intake *in, struct mark out[MARKS_MAX])
{
    size_t n = 0;
    for (size_t i = 0; in->placed && i < in->run_count; i++) {
        if (in->runs[i].done == 0)
            continue;
        memcpy(out[n].incarnation, in->runs[i].is.incarnation, JOURNAL_INCARNATION);
        out[n++].done = in->runs[i].done;
    }
    return n;
}

const struct loss *intake_loss(const struct intake *in)
{
    return &in->loss;
}

const char *intake_alarm(const struct intake *in)
{
    return in->loss.alarm;
}

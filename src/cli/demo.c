#include "demo.h"
#include "digest.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define REMEMBERED  32
#define TEXT_SIZE   160
#define COUNT(list) (sizeof(list) / sizeof *(list))

/* An event that later ones may speak of. */
struct memory {
    unsigned number; /* its id's; 0: nothing here */
    int stage;       /* a problem's: 0 raised, 1 claimed */
    const char *community, *unit;
    char title[TEXT_SIZE];
};

struct demo {
    const cJSON *communities, *units, *projects;
    const char *run;
    unsigned last; /* number of the last id */
    uint64_t random;
    struct memory activities[REMEMBERED], problems[REMEMBERED], venues[REMEMBERED],
        plans[REMEMBERED];
};

/* Words of one kind of thing, with how many residents come: from LEAST to MOST. */
struct words {
    const char *title;
    unsigned least, most;
};

static const struct words activities[] = {
    {"邻里文化节", 60, 400},    {"初心书厢·亲子共读", 12, 60},
    {"社区义诊", 30, 180},      {"银龄课堂·智能手机入门", 10, 45},
    {"红色电影放映", 40, 220},  {"厢气厨房·敬老午餐", 20, 120},
    {"垃圾分类小课堂", 15, 80}, {"青少年书法班", 8, 30},
    {"便民服务集市", 80, 500},  {"法律咨询日", 6, 40},
    {"消防演练", 50, 260},      {"健步走", 40, 200},
    {"家电维修进社区", 15, 70}, {"社区议事会", 10, 35},
    {"老党员讲故事", 15, 90},   {"防诈骗宣讲", 20, 110},
    {"暑托班开课", 15, 50},     {"夜间文明巡访", 6, 20},
    {"爱心理发", 12, 55},       {"越剧小戏台", 40, 180},
    {"就业招聘会", 60, 380},    {"交通安全体验课", 20, 90},
    {"儿童友好市集", 50, 320},  {"重阳敬老茶会", 20, 100},
};
static const char *const venues[] = {"共享书房", "会议室",   "文化礼堂", "健身角", "议事厅",
                                     "儿童乐园", "老年食堂", "停车场",   "直播间", "排练厅"};
static const char *const problems[] = {
    "楼道灯不亮",     "电梯异响",       "小区积水",       "停车位紧张",
    "垃圾清运不及时", "飞线充电",       "健身器材损坏",   "井盖松动",
    "油烟扰民",       "老人上下楼不便", "路面坑洼",       "树枝遮挡路灯",
    "夜间施工噪声",   "快递柜占用通道", "自来水压力不足", "宠物粪便无人清理",
};
static const char *const plans[] = {"周末义诊",   "亲子运动会", "中秋灯会",
                                    "消防安全课", "书香市集",   "志愿者集中培训"};
static const char *const reasons[] = {"重复上报", "人数填错，重新上报", "活动因雨取消"};

unsigned demo_random(struct demo *d, unsigned n)
{
    /* xorshift64*: plenty for a play. */
    d->random ^= d->random >> 12;
    d->random ^= d->random << 25;
    d->random ^= d->random >> 27;
    return n ? (unsigned)((d->random * UINT64_C(2685821657736338717)) >> 33) % n : 0;
}

/* One that takes new events; NULL: there is none. */
static const cJSON *any(struct demo *d, const cJSON *list)
{
    int n = cJSON_GetArraySize(list), start = (int)demo_random(d, (unsigned)n);
    for (int i = 0; i < n; i++) {
        const cJSON *item = cJSON_GetArrayItem(list, (start + i) % n);
        if (!cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(item, "retired")))
            return item;
    }
    return NULL;
}

struct demo *demo_new(const cJSON *catalogue, const char *run)
{
    struct demo *d = mem_alloc(sizeof *d);
    d->communities = cJSON_GetObjectItemCaseSensitive(catalogue, "communities");
    d->units = cJSON_GetObjectItemCaseSensitive(catalogue, "units");
    d->projects = cJSON_GetObjectItemCaseSensitive(catalogue, "projects");
    d->run = run;
    digest_random(&d->random, sizeof d->random);
    d->random |= 1;
    if (any(d, d->communities))
        return d;
    demo_free(d);
    return NULL;
}

void demo_free(struct demo *d)
{
    free(d);
}

/* ---- choosing ------------------------------------------------------------------------------ */

static bool chance(struct demo *d, unsigned percent)
{
    return demo_random(d, 100) < percent;
}

static const char *string_of(const cJSON *object, const char *key)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
}

static struct memory *remember(struct memory *list, unsigned number)
{
    struct memory *m = &list[number % REMEMBERED];
    *m = (struct memory){.number = number};
    return m;
}

/* One of those remembered, or NULL. */
static struct memory *recall(struct demo *d, struct memory *list)
{
    unsigned start = demo_random(d, REMEMBERED);
    for (unsigned i = 0; i < REMEMBERED; i++) {
        struct memory *m = &list[(start + i) % REMEMBERED];
        if (m->number)
            return m;
    }
    return NULL;
}

/* ---- writing ------------------------------------------------------------------------------- */

static void now_text(long ahead, char out[40])
{
    struct timespec t;
    struct tm tm;
    clock_gettime(CLOCK_REALTIME, &t);
    t.tv_sec += ahead;
    gmtime_r(&t.tv_sec, &tm);
    size_t n = strftime(out, 40, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(out + n, 40 - n, ".%03ldZ", t.tv_nsec / 1000000);
}

static unsigned begin(struct demo *d, const char *kind, struct buf *out)
{
    char at[40];
    now_text(0, at);
    d->last++;
    buf_addf(out, "{\"id\":\"demo-%s-%u\",\"kind\":\"%s\",\"at\":\"%s\"", d->run, d->last, kind,
             at);
    return d->last;
}

static void put(struct buf *out, const char *key, const char *value)
{
    if (!value)
        return;
    buf_addf(out, ",\"%s\":", key);
    buf_add_json(out, value);
}

/* A name of the demo's own: "demo-RUN-v17". */
static void put_own(struct demo *d, struct buf *out, const char *key, const char *letter,
                    unsigned number)
{
    buf_addf(out, ",\"%s\":\"demo-%s-%s%u\"", key, d->run, letter, number);
}

static void put_community_name(struct demo *d, const char *id, const char *what, char *title)
{
    const cJSON *c;
    const char *name = "";
    cJSON_ArrayForEach(c, d->communities) if (id && strcmp(string_of(c, "id"), id) == 0) name =
        string_of(c, "name");
    snprintf(title, TEXT_SIZE, "%s%s", name, what);
}

/* ---- the kinds ----------------------------------------------------------------------------- */

static void put_project(struct demo *d, struct memory *m, struct buf *out)
{
    const cJSON *project = any(d, d->projects);
    const cJSON *lead = any(d, cJSON_GetObjectItemCaseSensitive(project, "units"));
    if (cJSON_IsString(lead))
        m->unit = lead->valuestring;
    put(out, "project", string_of(project, "id"));
}

static bool activity(struct demo *d, struct buf *out)
{
    const struct words *w = &activities[demo_random(d, COUNT(activities))];
    struct memory *m = remember(d->activities, begin(d, "activity", out)), *other;
    m->community = string_of(any(d, d->communities), "id");
    m->unit = string_of(any(d, d->units), "id");
    put(out, "title", w->title);
    put(out, "community", m->community);
    if (chance(d, 60))
        put_project(d, m, out);
    if (m->unit && chance(d, 85))
        put(out, "unit", m->unit);
    if (chance(d, 30) && (other = recall(d, d->venues)) != NULL)
        put_own(d, out, "venue", "v", other->number);
    if (chance(d, 20) && (other = recall(d, d->plans)) != NULL)
        put_own(d, out, "plan", "l", other->number);
    buf_addf(out, ",\"residents\":%u}", w->least + demo_random(d, w->most - w->least + 1));
    return true;
}

static bool reach(struct demo *d, struct buf *out)
{
    const struct memory *m = recall(d, d->activities);
    if (!m)
        return false;
    unsigned number = begin(d, "reach", out);
    put_own(d, out, "activity", "", m->number);
    if (chance(d, 70))
        put_own(d, out, "resident", "r", chance(d, 25) ? number / 2 : number);
    else
        buf_addf(out, ",\"residents\":%u", 1 + demo_random(d, 12));
    buf_adds(out, "}");
    return true;
}

static bool venue(struct demo *d, struct buf *out)
{
    struct memory *m = chance(d, 35) ? recall(d, d->venues) : NULL;
    bool shared = m == NULL;
    unsigned number = begin(d, "venue", out);
    if (shared) {
        m = remember(d->venues, number);
        m->community = string_of(any(d, d->communities), "id");
        put_community_name(d, m->community, venues[demo_random(d, COUNT(venues))], m->title);
        put(out, "name", m->title);
        put(out, "community", m->community);
        put(out, "unit", string_of(any(d, d->units), "id"));
    }
    put_own(d, out, "venue", "v", m->number);
    buf_addf(out, ",\"shared\":%s}", shared ? "true" : "false");
    if (!shared)
        m->number = 0;
    return true;
}

static bool raised(struct demo *d, struct buf *out)
{
    struct memory *m = remember(d->problems, begin(d, "problem", out));
    m->community = string_of(any(d, d->communities), "id");
    put_community_name(d, m->community, problems[demo_random(d, COUNT(problems))], m->title);
    put_own(d, out, "problem", "p", m->number);
    put(out, "status", "raised");
    put(out, "title", m->title);
    put(out, "community", m->community);
    buf_adds(out, "}");
    return true;
}

/* The next step of a problem: claimed, then solved. */
static bool step(struct demo *d, struct buf *out)
{
    struct memory *m = recall(d, d->problems);
    const char *unit = string_of(any(d, d->units), "id");
    if (!m)
        return false;
    bool claims = m->stage == 0 && unit;
    begin(d, "problem", out);
    put_own(d, out, "problem", "p", m->number);
    put(out, "status", claims ? "claimed" : "solved");
    put(out, "unit", claims ? unit : m->unit);
    buf_adds(out, "}");
    m->unit = claims ? unit : m->unit;
    m->stage++;
    if (!claims)
        m->number = 0;
    return true;
}

static bool plan(struct demo *d, struct buf *out)
{
    char starts[40];
    struct memory *m = remember(d->plans, begin(d, "plan", out));
    m->community = string_of(any(d, d->communities), "id");
    now_text(3600L * (1 + (long)demo_random(d, 96)), starts);
    put_own(d, out, "plan", "l", m->number);
    put(out, "title", plans[demo_random(d, COUNT(plans))]);
    put(out, "starts", starts);
    put(out, "community", m->community);
    buf_adds(out, "}");
    return true;
}

static bool take_back(struct demo *d, struct buf *out)
{
    struct memory *m = recall(d, d->activities);
    if (!m)
        return false;
    begin(d, "void", out);
    put_own(d, out, "of", "", m->number);
    put(out, "reason", reasons[demo_random(d, COUNT(reasons))]);
    buf_adds(out, "}");
    m->number = 0;
    return true;
}

void demo_next(struct demo *d, struct buf *out)
{
    /* How often each, in percent; what is left over, or has nothing to speak of, is an activity. */
    static const struct {
        bool (*make)(struct demo *, struct buf *);
        unsigned percent;
    } kinds[] = {{reach, 32}, {venue, 8}, {raised, 9}, {step, 15}, {plan, 3}, {take_back, 1}};
    unsigned draw = demo_random(d, 100);
    for (size_t i = 0; i < COUNT(kinds); i++) {
        if (draw < kinds[i].percent && kinds[i].make(d, out))
            return;
        draw = draw < kinds[i].percent ? 100 : draw - kinds[i].percent;
    }
    activity(d, out);
}

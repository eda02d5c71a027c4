#include "answer.h"

#include "limit.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct {
    int status;
    const char *code, *en, *zh;
} troubles[TROUBLES] = {
    [TROUBLE_NOT_JSON_TYPE] = {415, "unsupported_media_type",
                               "Content-Type must be application/json or application/x-ndjson",
                               "Content-Type 必须是 application/json 或 application/x-ndjson"},
    [TROUBLE_NO_TOKEN] = {401, "unauthorized",
                          "a token is needed: send the header Authorization: Bearer TOKEN",
                          "需要令牌：请发送请求头 Authorization: Bearer TOKEN"},
    [TROUBLE_BAD_TOKEN] = {401, "unauthorized", "this token isn't known here, or was revoked",
                           "令牌无效或已被撤销"},
    [TROUBLE_FORBIDDEN] = {403, "forbidden", "this token's role doesn't allow it",
                           "该令牌的角色无权执行此操作"},
    [TROUBLE_OTHER_UNIT] = {403, "other_unit", "this token may report for its own unit only",
                            "该令牌只能为本单位上报"},
    [TROUBLE_BAD_CODE] = {403, "bad_code", "this code isn't good, was used already or has expired",
                          "该码无效、已被使用或已过期"},
    [TROUBLE_BAD_ORIGIN] = {403, "bad_origin", "pages from elsewhere may not do this here",
                            "不允许其他来源的页面执行此操作"},
    [TROUBLE_NOT_FOUND] = {404, "not_found", "there is nothing by this name", "未找到"},
    [TROUBLE_DISTRICT] = {403, "district", "a district counts nothing itself: its members do",
                          "区级驾驶舱自身不计数，请向所属街道上报"},
    [TROUBLE_NO_ALLIANCE] = {404, "no_such_alliance", "no alliance of this id is counted here",
                             "此处没有该 id 的联盟"},
    [TROUBLE_METHOD] = {405, "method_not_allowed", "this method isn't allowed here",
                        "此处不允许该请求方法"},
    [TROUBLE_TIMEOUT] = {408, "timeout", "the request didn't arrive completely in time",
                         "请求未能及时完整到达"},
    [TROUBLE_NOT_STARTED] = {409, "not_started", "what is planned here hasn't begun yet",
                             "活动尚未开始"},
    [TROUBLE_LENGTH] = {411, "length_required", "a body needs a Content-Length",
                        "请求体需要 Content-Length"},
    [TROUBLE_TOO_LARGE] = {413, "too_large", "at most 1 MiB and 1,000 events a request are allowed",
                           "每个请求至多 1 MiB、1,000 个事件"},
    [TROUBLE_HEAD] = {431, "head_too_large", "at most 8 KiB of headers are allowed",
                      "请求头至多 8 KiB"},
    [TROUBLE_BAD_REQUEST] = {400, "bad_request", "this isn't a well-formed request",
                             "请求格式不正确"},
    [TROUBLE_TOO_MANY] = {429, "too_many", "too many requests; try again later",
                          "请求过于频繁，请稍后再试"},
    [TROUBLE_PENDING_FULL] = {503, "pending_full",
                              "too many problems wait to be looked at; try again later",
                              "待处理的问题过多，请稍后再试"},
    [TROUBLE_UNAVAILABLE] = {503, "unavailable", "the store can't be reached now; try again",
                             "存储暂时不可用，请稍后重试"},
    [TROUBLE_DISK] = {503, "disk_unavailable",
                      "this can't be written to disk now, nothing was kept; try again",
                      "暂时无法写入磁盘，未保存任何内容，请稍后重试"},
};

#define JSON        "application/json; charset=utf-8"
#define RETRY_AFTER "Retry-After: 2\r\n"

/* How much a language is wanted, by the first that says so; 0: not at all. RFC 9110, 12.5.4. */
static double wanted(const char *accept, const char *language)
{
    size_t n = strlen(language);
    for (const char *item = accept; item && *item;
         item += strcspn(item, ","), item += *item == ',') {
        item += strspn(item, " \t");
        size_t end = strcspn(item, ",");
        if (strncasecmp(item, language, n) != 0 || !strchr("-,; \t", item[n]))
            continue;
        const char *q = memmem(item, end, "q=", 2);
        return q ? strtod(q + 2, NULL) : 1;
    }
    return 0;
}

/* Of two that are wanted alike, the first. */
enum language answer_language(struct request *r)
{
    bool twice = false;
    const char *accept = request_header(r, "accept-language", &twice);
    double zh = wanted(accept, "zh"), en = wanted(accept, "en");
    if (zh != en || zh == 0)
        return zh > en ? LANG_ZH : LANG_EN;
    return strcasestr(accept, "zh") < strcasestr(accept, "en") ? LANG_ZH : LANG_EN;
}

static void finish(struct call *c, int status, const char *type, struct buf *body,
                   const char *headers)
{
    request_set_user(c->request, NULL);
    request_reply(c->request, status, type, body->data, body->len, headers);
    buf_free(body);
    free(c);
}

void answer_json(struct call *c, int status, struct buf *body)
{
    finish(c, status, JSON, body, status == 503 ? RETRY_AFTER : NULL);
}

void answer_json_with(struct call *c, int status, struct buf *body, const char *headers)
{
    finish(c, status, JSON, body, headers);
}

void answer_text(struct call *c, int status, const char *type, struct buf *body)
{
    finish(c, status, type, body, NULL);
}

/* The object behind "error": and in "errors": */
static void write_error(const char *code, const char *message, const char *field, int index,
                        struct buf *out)
{
    buf_addf(out, "{\"code\":\"%s\",\"message\":", code);
    buf_add_json(out, message);
    if (field && *field) {
        buf_adds(out, ",\"field\":");
        buf_add_json(out, field);
    }
    if (index >= 0)
        buf_addf(out, ",\"index\":%d", index);
    buf_adds(out, "}");
}

static const char *words_of(enum trouble t, enum language language)
{
    return language == LANG_ZH ? troubles[t].zh : troubles[t].en;
}

static void write_trouble(enum trouble t, enum language language, const char *field, int index,
                          struct buf *out)
{
    buf_adds(out, "{\"error\":");
    write_error(troubles[t].code, words_of(t, language), field, index, out);
    buf_adds(out, "}");
}

void answer_trouble(struct call *c, enum trouble t, const char *field, int index)
{
    struct buf body = {0};
    const char *headers = troubles[t].status == 503   ? RETRY_AFTER
                          : troubles[t].status == 401 ? "WWW-Authenticate: Bearer\r\n"
                                                      : NULL;
    write_trouble(t, c->language, field, index, &body);
    finish(c, troubles[t].status, JSON, &body, headers);
}

void answer_trouble_with(struct call *c, enum trouble t, const char *more)
{
    struct buf body = {0};
    buf_adds(&body, "{\"error\":");
    write_error(troubles[t].code, words_of(t, c->language), NULL, -1, &body);
    buf_addf(&body, ",%s}", more);
    finish(c, troubles[t].status, JSON, &body, NULL);
}

void answer_too_many(struct call *c, int seconds)
{
    struct buf body = {0}, headers = {0};
    buf_addf(&headers, "Retry-After: %d\r\n", seconds);
    write_trouble(TROUBLE_TOO_MANY, c->language, NULL, -1, &body);
    finish(c, 429, JSON, &body, headers.data);
    buf_free(&headers);
}

void answer_method(struct call *c, const char *allowed)
{
    struct buf body = {0}, headers = {0};
    buf_addf(&headers, "Allow: %s\r\n", allowed);
    write_trouble(TROUBLE_METHOD, c->language, NULL, -1, &body);
    finish(c, 405, JSON, &body, headers.data);
    buf_free(&headers);
}

/* Of several with that status the one that can be met before a route is known. */
void trouble_write_status(int status, enum language language, struct buf *out)
{
    static const enum trouble early[] = {TROUBLE_NO_TOKEN,   TROUBLE_BAD_ORIGIN, TROUBLE_NOT_FOUND,
                                         TROUBLE_METHOD,     TROUBLE_TIMEOUT,    TROUBLE_LENGTH,
                                         TROUBLE_TOO_LARGE,  TROUBLE_HEAD,       TROUBLE_TOO_MANY,
                                         TROUBLE_UNAVAILABLE};
    enum trouble found = TROUBLE_BAD_REQUEST;
    for (size_t i = 0; i < sizeof early / sizeof *early; i++)
        if (troubles[early[i]].status == status)
            found = early[i];
    write_trouble(found, language, NULL, -1, out);
}

static void write_fault(const struct fault *f, enum language language, struct buf *out)
{
    char message[512];
    write_error(fault_name(f->code), fault_message(f, language, message, sizeof message), f->field,
                f->index, out);
}

void answer_faults(struct call *c, const struct faults *faults)
{
    struct buf body = {0};
    size_t first = 0; /* what isn't JSON at all is said first, and alone */
    while (first < faults->count && faults->list[first].code != FAULT_NOT_JSON)
        first++;
    int status = first < faults->count ? 400 : 422;
    buf_adds(&body, "{\"error\":");
    write_fault(&faults->list[status == 400 ? first : 0], c->language, &body);
    buf_adds(&body, status == 422 ? ",\"errors\":[" : "");
    for (size_t i = 0; status == 422 && i < faults->count; i++) {
        buf_adds(&body, i ? "," : "");
        write_fault(&faults->list[i], c->language, &body);
    }
    buf_adds(&body, status == 422 ? "]}" : "}");
    answer_json(c, status, &body);
}

const char *answer_query(struct call *c, const char *name)
{
    const char *value = request_query(c->request, name);
    return value && *value ? value : NULL;
}

void answer_bad_query(struct call *c, enum fault_code code, const char *name, const char *detail)
{
    struct faults faults = {0};
    faults_add(&faults, code, -1, name, "%s", detail);
    answer_faults(c, &faults);
    faults_free(&faults);
}

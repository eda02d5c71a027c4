#include "fault.h"

#include "buf.h"
#include "utf8.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is at fault where no field is named, what is wrong with it, and what stands before the
 * detail. */
struct wording {
    const char *subject, *predicate, *lead;
};

static const struct {
    const char *name;
    struct wording en, zh;
    bool names_input; /* its detail repeats what was sent: not to be translated */
} rows[FAULT_COUNT] = {
    [FAULT_NOT_JSON] = {.name = "not_json",
                        .en = {"the text", "is not valid JSON", ""},
                        .zh = {"内容", "不是合法的 JSON", ""}},
    [FAULT_NOT_AN_OBJECT] = {.name = "not_an_object",
                             .en = {"the event", "must be a JSON object", ""},
                             .zh = {"事件", "必须是 JSON 对象", ""}},
    [FAULT_DUPLICATE_KEY] = {.name = "duplicate_key",
                             .en = {"a key", "stands twice in one object", ""},
                             .zh = {"键", "在同一对象中重复", ""}},
    [FAULT_BAD_STRING] = {.name = "bad_string",
                          .en = {"a string", "holds \\u0000 or half of a surrogate pair", ""},
                          .zh = {"字符串", "含有 \\u0000 或不成对的代理字符", ""}},
    [FAULT_TOO_DEEP] = {.name = "too_deep",
                        .en = {"the text", "is nested too deeply", ""},
                        .zh = {"内容", "嵌套过深", ""}},
    [FAULT_TOO_MANY] = {.name = "too_many",
                        .en = {"the request", "holds too many", ""},
                        .zh = {"请求", "所含数量过多", ""}},
    [FAULT_NO_EVENTS] = {.name = "no_events",
                         .en = {"the request", "holds no event", ""},
                         .zh = {"请求", "不含任何事件", ""}},
    [FAULT_UNKNOWN_FIELD] = {.name = "unknown_field",
                             .en = {"a field", "is not known here", "allowed: "},
                             .zh = {"字段", "未知", "允许"}},
    [FAULT_MISSING_FIELD] = {.name = "missing_field",
                             .en = {"a field", "is missing", ""},
                             .zh = {"字段", "缺失", ""}},
    [FAULT_WRONG_TYPE] = {.name = "wrong_type",
                          .en = {"a value", "has the wrong type", "allowed: "},
                          .zh = {"值", "类型错误", "允许"}},
    [FAULT_BAD_ID] = {.name = "bad_id",
                      .en = {"an id", "must be 1 to 64 of A-Z a-z 0-9 . _ : -", ""},
                      .zh = {"编号", "必须是 1 至 64 个 A-Z a-z 0-9 . _ : - 字符", ""},
                      .names_input = true},
    [FAULT_BAD_TEXT] = {.name = "bad_text",
                        .en = {"a text", "must be 1 to 200 characters without control characters",
                               ""},
                        .zh = {"文本", "必须是 1 至 200 个字符，且不含控制字符", ""},
                        .names_input = true},
    [FAULT_BAD_TIME] =
        {.name = "bad_time",
         .en = {"a time", "must be RFC 3339 with a zone, such as 2026-11-24T13:05:09+08:00", ""},
         .zh = {"时间", "必须是带时区的 RFC 3339 时间，如 2026-11-24T13:05:09+08:00", ""},
         .names_input = true},
    [FAULT_FUTURE] = {.name = "in_the_future",
                      .en = {"a time", "is over 10 minutes in the future", ""},
                      .zh = {"时间", "超前 10 分钟以上", ""},
                      .names_input = true},
    [FAULT_OUT_OF_RANGE] = {.name = "out_of_range",
                            .en = {"a number", "is out of range", ""},
                            .zh = {"数值", "超出范围", "允许"}},
    [FAULT_UNKNOWN_VALUE] = {.name = "unknown_value",
                             .en = {"a value", "is not one of those allowed", "allowed: "},
                             .zh = {"值", "不在允许之列", "允许"},
                             .names_input = true},
    [FAULT_NOT_IN_CATALOGUE] = {.name = "not_in_catalogue",
                                .en = {"an id", "is not in the catalogue", ""},
                                .zh = {"编号", "不在目录中", ""},
                                .names_input = true},
    [FAULT_RETIRED] = {.name = "retired",
                       .en = {"an id", "names what is retired and takes no new events", ""},
                       .zh = {"编号", "已停用，不再接收新事件", ""},
                       .names_input = true},
    [FAULT_EITHER_OR] = {.name = "either_or",
                         .en = {"a field", "is one of a choice that isn't met", "needed: "},
                         .zh = {"字段", "的取舍不符合要求", "需要"}},
    [FAULT_MISMATCH] = {.name = "mismatch",
                        .en = {"the event", "contradicts another field", ""},
                        .zh = {"事件", "与其他字段矛盾", ""},
                        .names_input = true},
    [FAULT_PERSONAL] = {.name = "personal_data",
                        .en = {"a text", "must not hold a phone or identity card number", ""},
                        .zh = {"文本", "不能含有手机号或身份证号", ""}},
};

/* Details come in English; those that are made of fixed phrases are said in Chinese too. Longer
 * phrases stand before those that they begin with. */
static const struct {
    const char *en, *zh;
} phrases[] = {
    {"byte ", "字节 "},
    {": expected ", "：应为"},
    {": at most ", "：至多 "},
    {", met ", "，遇到 "},
    {"the string's closing quote", "字符串的后引号"},
    {"the parser gave up", "无法解析"},
    {"the end", "结尾"},
    {"a string", "字符串"},
    {"a valid escape", "有效的转义"},
    {"a valid UTF-8 character", "有效的 UTF-8 字符"},
    {"a value", "值"},
    {"a digit", "数字"},
    {"a colon", "冒号"},
    {"a comma or ", "逗号或 "},
    {"nothing more", "文本结束"},
    {" levels", " 层"},
    {" keys in an object", " 个键（每个对象）"},
    {"exactly one of ", "恰有其一："},
    {"at least one of ", "至少其一："},
    {" and/or ", " 和/或 "},
    {"string", "字符串"},
    {"integer", "整数"},
    {"object", "对象"},
    {"array", "数组"},
    {" to ", " 至 "},
};

/* Details that are a whole sentence of ours, of faults whose details otherwise name the input. */
static const struct {
    const char *en, *zh;
} sentences[] = {
    {"a name that no token has yet", "须是没有令牌在用的名称；要重发，先作废旧的"},
    {"an empty store", "须是空的存储"},
};

static const char *sentence_of(const char *detail)
{
    for (size_t i = 0; i < sizeof sentences / sizeof *sentences; i++)
        if (strcmp(detail, sentences[i].en) == 0)
            return sentences[i].zh;
    return NULL;
}

/* Copies what is whole and valid UTF-8 of TEXT and fits. */
static void copy_text(char *out, size_t size, const char *text)
{
    size_t n = 0, left = strnlen(text, size + 4);
    uint32_t c;
    for (size_t step; (step = utf8_next(text + n, left - n, &c)) && n + step < size;)
        n += step;
    memcpy(out, text, n);
    out[n] = '\0';
}

void faults_add(struct faults *f, enum fault_code code, int index, const char *field,
                const char *detail_format, ...)
{
    if (f->count == f->cap) {
        f->cap = f->cap ? f->cap * 2 : 8;
        f->list = mem_resize(f->list, f->cap * sizeof *f->list);
    }
    struct fault *fault = &f->list[f->count++];
    *fault = (struct fault){.code = code, .index = index};
    copy_text(fault->field, sizeof fault->field, field);
    char detail[512];
    va_list args;
    va_start(args, detail_format);
    vsnprintf(detail, sizeof detail, detail_format, args);
    va_end(args);
    copy_text(fault->detail, sizeof fault->detail, detail);
}

void faults_free(struct faults *f)
{
    free(f->list);
    *f = (struct faults){0};
}

const char *fault_name(enum fault_code code)
{
    return rows[code].name;
}

/* The phrase that TEXT starts with, as its Chinese; *LENGTH is the English one's. */
static const char *phrase_at(const char *text, size_t *length)
{
    for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++) {
        *length = strlen(phrases[i].en);
        if (strncmp(text, phrases[i].en, *length) == 0)
            return phrases[i].zh;
    }
    return NULL;
}

static void add_detail_en(struct buf *out, const struct fault *f, const char *lead)
{
    buf_addf(out, "%s%s%s", *lead ? "; " : ": ", lead, f->detail);
}

static void add_detail_zh(struct buf *out, const struct fault *f, const char *lead)
{
    struct buf detail = {0};
    const char *whole = sentence_of(f->detail);
    for (const char *p = whole ? whole : f->detail; *p;) {
        size_t length = 1;
        const char *zh = whole || rows[f->code].names_input ? NULL : phrase_at(p, &length);
        if (zh)
            buf_adds(&detail, zh);
        else
            buf_add(&detail, p, length = 1);
        p += length;
    }
    bool latin = (unsigned char)*detail.data < 0x80; /* it is set off by a blank */
    buf_addf(out, "：%s%s%s", lead, *lead && latin ? " " : "", detail.data);
    buf_free(&detail);
}

static const struct wording *wording(const struct fault *f, enum language lang)
{
    return lang == LANG_ZH ? &rows[f->code].zh : &rows[f->code].en;
}

static void add_subject(struct buf *out, const struct fault *f, enum language lang)
{
    const struct wording *w = wording(f, lang);
    if (lang == LANG_ZH && *f->field)
        buf_addf(out, "字段 %s %s", f->field, w->predicate);
    else if (lang == LANG_ZH)
        buf_addf(out, "%s%s", w->subject, w->predicate);
    else if (*f->field)
        buf_addf(out, "field \"%s\" %s", f->field, w->predicate);
    else
        buf_addf(out, "%s %s", w->subject, w->predicate);
}

char *fault_message(const struct fault *f, enum language lang, char *out, size_t size)
{
    const struct wording *w = wording(f, lang);
    struct buf text = {0};
    add_subject(&text, f, lang);
    if (*f->detail && lang == LANG_ZH)
        add_detail_zh(&text, f, w->lead);
    else if (*f->detail)
        add_detail_en(&text, f, w->lead);
    if (size)
        copy_text(out, size, text.data);
    buf_free(&text);
    return out;
}

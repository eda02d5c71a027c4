#include "row.h"
#include "cell.h"
#include "digest.h"
#include "event_wire.h"
#include "utf8.h"
#include <stdlib.h>
#include <string.h>
#define uthash_fatal(msg) abort()
#include <uthash.h>

#define SHOWN_BYTES 90 /* of a cell, in a message */

/* A meaning, and how many rows had it. */
struct row_twin {
    unsigned char meaning[EVENT_HASH];
    unsigned rows;
    UT_hash_handle hh;
};

/* One row in the making. */
struct making {
    struct row_reader *r;
    enum event_kind kind;
    cJSON *object;
    unsigned bad; /* set of fields whose cells were refused already */
    struct buf *error;
};

/* ---- what is wrong ---- */

enum sentence {
    NO_HEAD,
    TOO_WIDE,
    OTHER_KIND,
    TWICE,
    NO_KIND,
    NO_TIME,
    NO_NUMBER,
    NO_ANSWER,
    NO_STATUS,
    NO_ENTRY,
    AMBIGUOUS
};

static const struct {
    const char *en, *zh;
} sentences[] = {
    [NO_HEAD] = {"a value in a column without a head", "该列没有表头，却有内容"},
    [TOO_WIDE] = {"a value beyond the last column", "内容超出了最后一列"},
    [OTHER_KIND] = {"rows of this kind have no such field", "该类型的行没有此字段"},
    [TWICE] = {"another column says this already", "另一列已填写同一内容"},
    [NO_KIND] = {"not activity, reach, venue, problem or plan",
                 "应为 活动、辐射、阵地、问题 或 计划"},
    [NO_TIME] = {"not a time such as 2026-11-24 or 2026/11/24 09:30",
                 "不是日期时间，例如 2026-11-24 或 2026年11月24日 09:30"},
    [NO_NUMBER] = {"not a whole number", "不是整数"},
    [NO_ANSWER] = {"neither yes nor no", "应为 是 或 否"},
    [NO_STATUS] = {"not raised, claimed or solved", "应为 提出、认领 或 解决"},
    [NO_ENTRY] = {"the catalogue has no such id or name", "目录中没有此编号或名称"},
    [AMBIGUOUS] = {"several have this name: give the id", "名称有多个，请填写编号"},
};

static bool chinese(const struct making *m)
{
    return m->r->language == LANG_ZH;
}

static void next_error(struct making *m)
{
    if (m->error->len > 0)
        buf_adds(m->error, chinese(m) ? "；" : "; ");
}

/* "人数: not a whole number: many" */
static void refuse(struct making *m, size_t column, enum sentence s, const char *shown)
{
    const struct columns *c = m->r->columns;
    const char *colon = chinese(m) ? "：" : ": ";
    next_error(m);
    if (column < c->count && *c->heads[column])
        buf_adds(m->error, c->heads[column]);
    else
        buf_addf(m->error, chinese(m) ? "第 %zu 列" : "column %zu", column + 1);
    buf_addf(m->error, "%s%s%s", colon, chinese(m) ? sentences[s].zh : sentences[s].en, colon);
    size_t n = utf8_cut(shown, SHOWN_BYTES);
    buf_add(m->error, shown, n);
    buf_adds(m->error, shown[n] ? "…" : "");
}

static bool is_bad(const struct making *m, const struct fault *f)
{
    if (f->code == FAULT_EITHER_OR)
        return m->bad != 0;
    int field = event_field_find(f->field);
    return field >= 0 && m->bad & 1u << field;
}

/* The daemon's own words, with the sheet's heads for the fields' names. */
static void refuse_fault(struct making *m, struct fault *f)
{
    char message[512];
    int field = event_field_find(f->field);
    if (is_bad(m, f))
        return;
    next_error(m);
    if (field >= 0) {
        const char *head = columns_head(m->r->columns, m->kind, (enum field)field);
        size_t n = utf8_cut(head, sizeof f->field - 1);
        memcpy(f->field, head, n);
        f->field[n] = '\0';
    }
    buf_adds(m->error, fault_message(f, m->r->language, message, sizeof message));
}

/* ---- cells ---- */

/* Those with this name, RETIRED or not: how many, the last in *found, all their ids in IDS. */
static size_t count_name(const struct catalogue *c, enum dimension dim, const char *name,
                         bool retired, const struct entry **found, struct buf *ids)
{
    size_t matches = 0;
    for (size_t i = 0; i < catalogue_count(c, dim); i++) {
        const struct entry *e = catalogue_at(c, dim, i);
        if (e->retired != retired || strcmp(e->name, name) != 0)
            continue;
        buf_addf(ids, "%s%s", matches++ ? ", " : "", e->id);
        *found = e;
    }
    return matches;
}

/* The entry with this name; NULL, with the reason said, where there isn't just one. A retired one's
 * name may have gone on to another. */
static const struct entry *find_name(struct making *m, enum dimension dim, size_t column,
                                     const char *name)
{
    const struct catalogue *c = m->r->catalogue;
    const struct entry *found = NULL;
    struct buf ids = {0};
    size_t matches = count_name(c, dim, name, false, &found, &ids);
    if (matches == 0)
        matches = count_name(c, dim, name, true, &found, &ids);
    if (matches != 1)
        refuse(m, column, found ? AMBIGUOUS : NO_ENTRY, found ? ids.data : name);
    buf_free(&ids);
    return matches == 1 ? found : NULL;
}

static bool add_entry(struct making *m, enum dimension dim, size_t column, const char *cell)
{
    const char *id = cell_plain(cell, &m->r->cell);
    const struct entry *found = catalogue_find(m->r->catalogue, dim, id);
    if (!found)
        found = find_name(m, dim, column, cell_text(cell, &m->r->cell));
    if (found)
        cJSON_AddStringToObject(m->object, dimension_names[dim], found->id);
    return found != NULL;
}

static bool add_status(struct making *m, size_t column, const char *plain)
{
    const char *status = cell_status(plain);
    if (status)
        cJSON_AddStringToObject(m->object, "status", status);
    else
        refuse(m, column, NO_STATUS, plain);
    return status != NULL;
}

static bool add_time(struct making *m, enum field field, size_t column, const char *plain)
{
    char time[CELL_TIME];
    bool ok = cell_time(plain, time);
    if (ok)
        cJSON_AddStringToObject(m->object, event_fields[field].name, time);
    else
        refuse(m, column, NO_TIME, plain);
    return ok;
}

static bool add_number(struct making *m, enum field field, size_t column, const char *plain)
{
    int64_t n;
    bool ok = cell_number(plain, &n);
    if (ok)
        cJSON_AddNumberToObject(m->object, event_fields[field].name, (double)n);
    else
        refuse(m, column, NO_NUMBER, plain);
    return ok;
}

static bool add_answer(struct making *m, enum field field, size_t column, const char *plain)
{
    bool yes, ok = cell_yes(plain, &yes);
    if (ok)
        cJSON_AddBoolToObject(m->object, event_fields[field].name, yes);
    else
        refuse(m, column, NO_ANSWER, plain);
    return ok;
}

static bool add_value(struct making *m, enum field field, size_t column, const char *cell)
{
    int dim = dimension_find(event_fields[field].name);
    if (dim >= 0)
        return add_entry(m, (enum dimension)dim, column, cell);
    enum field_type type = event_fields[field].type;
    bool prose = type == TYPE_TEXT && field != FIELD_STATUS;
    const char *text = prose ? cell_text(cell, &m->r->cell) : cell_plain(cell, &m->r->cell);
    if (field == FIELD_STATUS)
        return add_status(m, column, text);
    if (type == TYPE_TIME)
        return add_time(m, field, column, text);
    if (type == TYPE_COUNT_N)
        return add_number(m, field, column, text);
    if (type == TYPE_BOOL)
        return add_answer(m, field, column, text);
    cJSON_AddStringToObject(m->object, event_fields[field].name, text);
    return true;
}

static void add_cell(struct making *m, size_t column, const char *cell)
{
    const char *text = cell_text(cell, &m->r->cell);
    int field = m->r->columns->fields[column][m->kind];
    if (!*text || field == COLUMN_IGNORED || field == FIELD_KIND)
        return;
    if (field == COLUMN_UNKNOWN)
        refuse(m, column, NO_HEAD, text);
    else if (field == COLUMN_OTHER)
        refuse(m, column, OTHER_KIND, text);
    else if (m->bad & 1u << field ||
             cJSON_GetObjectItemCaseSensitive(m->object, event_fields[field].name))
        refuse(m, column, TWICE, text);
    else if (!add_value(m, (enum field)field, column, cell))
        m->bad |= 1u << field;
}

/* ---- the row ---- */

/* Numbers that were filled in beforehand, and an earlier import's errors, make no row. */
static bool is_empty(struct row_reader *r, const struct csv_row *row)
{
    for (size_t i = 0; i < row->count; i++) {
        bool counts = i >= r->columns->count || r->columns->fields[i][r->kind] != COLUMN_IGNORED;
        if (counts && *cell_text(csv_cell(row, i), &r->cell))
            return false;
    }
    return true;
}

static bool read_kind(struct making *m, const struct csv_row *row)
{
    int column = m->r->columns->kind_column;
    const char *said = column < 0 ? "" : cell_plain(csv_cell(row, (size_t)column), &m->r->cell);
    const char *kind = *said ? cell_kind(said) : event_kind_names[m->r->kind];
    if (kind)
        m->kind = (enum event_kind)event_kind_find(kind);
    else
        refuse(m, (size_t)column, NO_KIND, said);
    return kind != NULL;
}

static void read_cells(struct making *m, const struct csv_row *row)
{
    size_t width = m->r->columns->count;
    cJSON_AddStringToObject(m->object, "kind", event_kind_names[m->kind]);
    for (size_t i = 0; i < row->count && i < width; i++)
        add_cell(m, i, csv_cell(row, i));
    for (size_t i = width; i < row->count; i++)
        if (*cell_text(csv_cell(row, i), &m->r->cell))
            refuse(m, i, TOO_WIDE, m->r->cell.data);
}

static void judge(struct making *m, struct event *e)
{
    struct faults faults = {0};
    event_read(m->object, e, 0, &faults);
    event_check(e, m->r->catalogue, m->r->now, 0, &faults);
    for (size_t i = 0; i < faults.count; i++)
        refuse_fault(m, &faults.list[i]);
    faults_free(&faults);
}

static void make_id(struct row_reader *r, struct event *e)
{
    struct row_twin *twin;
    struct buf text = {0};
    unsigned char meaning[EVENT_HASH], digest[DIGEST_SIZE];
    char id[sizeof ROW_ID_PREFIX + ROW_ID_DIGITS] = ROW_ID_PREFIX;
    event_hash(e, e->text[FIELD_RESIDENT], meaning);
    HASH_FIND(hh, r->twins, meaning, sizeof meaning, twin);
    if (!twin) {
        twin = mem_alloc(sizeof *twin);
        memcpy(twin->meaning, meaning, sizeof meaning);
        HASH_ADD(hh, r->twins, meaning, sizeof twin->meaning, twin);
    }
    buf_add(&text, meaning, sizeof meaning);
    buf_addf(&text, "%u", ++twin->rows);
    digest_sha256(text.data, text.len, digest);
    digest_hex(digest, ROW_ID_DIGITS / 2, id + strlen(ROW_ID_PREFIX));
    free(e->text[FIELD_ID]);
    e->text[FIELD_ID] = mem_string(id);
    buf_free(&text);
}

enum row_step row_read(struct row_reader *r, const struct csv_row *row, struct event *event,
                       struct buf *error)
{
    struct making m = {.r = r, .kind = r->kind, .error = error};
    buf_reset(error);
    if (is_empty(r, row))
        return ROW_BLANK;
    if (!read_kind(&m, row))
        return ROW_BAD;
    m.object = cJSON_CreateObject();
    read_cells(&m, row);
    bool nameless = !cJSON_HasObjectItem(m.object, "id");
    if (nameless) /* one to be judged with, until its meaning is known */
        cJSON_AddStringToObject(m.object, "id", ROW_ID_PREFIX);
    judge(&m, event);
    cJSON_Delete(m.object);
    if (error->len > 0)
        event_clear(event);
    else if (nameless)
        make_id(r, event);
    return error->len > 0 ? ROW_BAD : ROW_EVENT;
}

void row_reader_free(struct row_reader *r)
{
    struct row_twin *twin, *next;
    HASH_ITER(hh, r->twins, twin, next)
    {
        HASH_DEL(r->twins, twin);
        free(twin);
    }
    buf_free(&r->cell);
}

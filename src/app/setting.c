#include "setting.h"

#include "date.h"
#include "event.h"
#include "json.h"
#include "link.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the table ---- */

static bool is_address(const char *value);
static bool is_origin(const char *value);
static bool is_redis_url(const char *value);
static bool is_time_of_day(const char *value);

#define AT(member) offsetof(struct config, member)

const struct setting settings[SETTINGS] = {
    {.key = "http.listen",
     .type = SETTING_TEXT,
     .offset = AT(http_listen),
     .initial = "127.0.0.1:8080",
     .check = is_address,
     .allowed = "ADDRESS:PORT with an IP address and a port from 0 to 65535",
     .help = "Where the pages and the API are served. Port 0 takes any that is free;\n"
             "\"[::1]:8080\" is IPv6, \"0.0.0.0:8080\" all IPv4 addresses."},
    {.key = "http.origins",
     .type = SETTING_LIST,
     .offset = AT(http_origins),
     .initial = "",
     .check = is_origin,
     .allowed = "a list of origins such as \"https://screen.example:8443\"",
     .help = "Pages from elsewhere that may open /ws, such as \"https://screen.example:8443\".\n"
             "Pages that this daemon serves itself always may."},
    {.key = "http.pages",
     .type = SETTING_PATH,
     .offset = AT(http_pages),
     .initial = "../web",
     .help =
         "The folder of the pages. Where the default isn't there, the installed pages are used."},
    {.key = "http.max_connections",
     .type = SETTING_NUMBER,
     .offset = AT(http_max_connections),
     .initial = "20000",
     .min = 16,
     .max = 1000000,
     .help = "Connections that may be open at once, screens included."},
    {.key = "http.body_timeout",
     .type = SETTING_NUMBER,
     .offset = AT(http_body_timeout),
     .initial = "10",
     .min = 1,
     .max = 60,
     .help = "Seconds from a request's head to the last byte of its body."},
    {.key = "redis.url",
     .type = SETTING_TEXT,
     .offset = AT(redis_url),
     .initial = "private",
     .check = is_redis_url,
     .allowed = "\"private\", \"redis://[user:password@]host:port[/db]\", \"unix:///path\"",
     .secret = true,
     .help = "The store: \"private\" is a redis-server of the daemon's own, kept in state.dir;\n"
             "else \"redis://[user:password@]host:port[/db]\" or \"unix:///path\"."},
    {.key = "redis.timeout",
     .type = SETTING_NUMBER,
     .offset = AT(redis_timeout),
     .initial = "5000",
     .min = 100,
     .max = 60000,
     .help = "Milliseconds after which a store that doesn't answer is taken for lost."},
    {.key = "redis.server",
     .type = SETTING_TEXT,
     .offset = AT(redis_server),
     .initial = "redis-server",
     .help = "The program that the private store runs."},
    {.key = "state.dir",
     .type = SETTING_PATH,
     .offset = AT(state_dir),
     .initial = "../var",
     .help = "What the daemon must keep: the private store's files, the owner's socket."},
    {.key = "journal.max_mib",
     .type = SETTING_NUMBER,
     .offset = AT(journal_max_mib),
     .initial = "4096",
     .min = 64,
     .max = 1048576,
     .help = "MiB that the journal may take in state.dir while the store is away; then events are\n"
             "refused with 503 until there is room again."},
    {.key = "alliance.file",
     .type = SETTING_PATH,
     .offset = AT(alliance_file),
     .initial = "alliance.json",
     .help = "The catalogue: the alliance's circles, communities, units and projects."},
    {.key = "alliance.time_zone",
     .type = SETTING_TEXT,
     .offset = AT(alliance_zone),
     .initial = "Asia/Shanghai",
     .check = date_zone_known,
     .allowed = "an IANA time zone that this machine has, such as \"Asia/Shanghai\"",
     .help = "Days turn over at midnight of this IANA time zone."},
    {.key = "screen.file",
     .type = SETTING_PATH,
     .offset = AT(screen_file),
     .initial = "screen.json",
     .help =
         "The cockpit's layout: panels, titles, scenes, themes. Where the default isn't there,\n"
         "the pages use their own."},
    {.key = "access.viewers",
     .type = SETTING_SWITCH,
     .offset = AT(viewers_open),
     .initial = "open",
     .words = {"open", "token"},
     .help = "Who may look: \"open\" is everyone who reaches the address, \"token\" asks for one."},
    {.key = "push.max_hz",
     .type = SETTING_NUMBER,
     .offset = AT(push_max_hz),
     .initial = "10",
     .min = 1,
     .max = 60,
     .help = "Updates a second that a screen is sent at most."},
    {.key = "recount.at",
     .type = SETTING_TEXT,
     .offset = AT(recount_at),
     .initial = "03:30",
     .optional = true,
     .check = is_time_of_day,
     .allowed = "a time of day such as \"03:30\", or \"\"",
     .help = "When, each day, every event is counted again and compared with the counters, by the\n"
             "alliance's time zone. \"\" is never; tallyctl verify does it at any time."},
    {.key = "log.level",
     .type = SETTING_WORD,
     .offset = AT(log_level),
     .initial = "info",
     .words = {"error", "warn", "info", "debug"},
     .help = "How much is logged."},
};
const struct setting *setting_find(const char *key)
{
    for (size_t i = 0; i < SETTINGS; i++)
        if (strcmp(settings[i].key, key) == 0)
            return &settings[i];
    return NULL;
}

static void *slot(struct config *c, const struct setting *s)
{
    return (char *)c + s->offset;
}

/* ---- judging single values ---- */

/* A whole decimal number and nothing else. */
static bool read_number(const char *text, long *out)
{
    char *end;
    errno = 0;
    *out = strtol(text, &end, 10);
    return errno == 0 && end != text && !*end && (isdigit((unsigned char)*text) || *text == '-');
}

static bool is_address(const char *value)
{
    char host[64];
    const char *colon = strrchr(value, ':');
    size_t n = colon ? (size_t)(colon - value) : 0;
    long port;
    if (n == 0 || n >= sizeof host || !read_number(colon + 1, &port) || port < 0 || port > 65535)
        return false;
    bool v6 = value[0] == '[' && value[n - 1] == ']';
    memcpy(host, value + v6, n - 2 * v6);
    host[n - 2 * v6] = '\0';
    unsigned char parsed[sizeof(struct in6_addr)];
    return inet_pton(v6 ? AF_INET6 : AF_INET, host, parsed) == 1;
}

static bool is_origin(const char *value)
{
    size_t scheme = strncmp(value, "https://", 8) == 0  ? 8
                    : strncmp(value, "http://", 7) == 0 ? 7
                                                        : 0;
    const char *host = value + scheme;
    return scheme && *host &&
           strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789.-:[]") == strlen(host);
}

/* As those read it who connect. */
static bool is_redis_url(const char *value)
{
    struct address address;
    char reason[128];
    if (strcmp(value, "private") == 0)
        return true;
    if (!address_read(value, &address, reason, sizeof reason))
        return false;
    address_clear(&address);
    return true;
}

/* "00:00" to "23:59". */
static bool is_time_of_day(const char *value)
{
    if (strlen(value) != 5 || strspn(value, "0123456789:") != 5 || value[2] != ':' ||
        !isdigit((unsigned char)value[1]) || !isdigit((unsigned char)value[4]))
        return false;
    return strncmp(value, "24", 2) < 0 && value[3] < '6';
}

static bool is_text(const struct setting *s, const char *text)
{
    if (!*text)
        return s->optional;
    return event_text_length(text) > 0 && (!s->check || s->check(text));
}

/* The word's place among the setting's, -1 if it isn't one of them. */
static int word_find(const struct setting *s, const char *text)
{
    for (int i = 0; s->words[i]; i++)
        if (strcmp(s->words[i], text) == 0)
            return i;
    return -1;
}

/* ---- setting ---- */

/* TEXT as an absolute path, BASE being an absolute folder without links in it. */
static char *path_absolute(const char *base, const char *text)
{
    struct buf path = {0};
    if (text[0] == '/' || !base)
        return mem_string(text);
    buf_adds(&path, base);
    while (text[0] == '.' && (text[1] == '/' || (text[1] == '.' && (!text[2] || text[2] == '/')))) {
        bool up = text[1] == '.';
        const char *parent = up ? strrchr(path.data, '/') : NULL;
        if (parent)
            path.len = (size_t)(parent - path.data);
        path.data[path.len] = '\0';
        text += up ? 2 : 1;
        text += strspn(text, "/");
    }
    buf_addf(&path, "%s%s", *text || !path.len ? "/" : "", text);
    return buf_take(&path, NULL);
}

static void list_free(char **list)
{
    for (char **item = list; item && *item; item++)
        free(*item);
    free(list);
}

static void list_add(char ***list, size_t *count, const char *item, size_t len)
{
    *list = mem_resize(*list, (*count + 2) * sizeof(char *));
    char *copy = memcpy(mem_alloc(len + 1), item, len);
    (*list)[(*count)++] = copy;
    (*list)[*count] = NULL;
}

static bool is_list(const struct setting *s, char **list)
{
    for (; *list; list++)
        if (!is_text(s, *list))
            return false;
    return true;
}

/* Takes the list, or frees it where it isn't good. */
static bool set_list(void *at, const struct setting *s, char **list)
{
    char ***target = at;
    if (!is_list(s, list)) {
        list_free(list);
        return false;
    }
    list_free(*target);
    *target = list;
    return true;
}

static bool set_list_text(void *at, const struct setting *s, const char *text)
{
    size_t count = 0;
    char **list = mem_alloc(sizeof *list);
    while (*text) {
        size_t n = strcspn(text, ",");
        list_add(&list, &count, text, n);
        text += n + (text[n] == ',');
    }
    return set_list(at, s, list);
}

static bool set_number(void *at, const struct setting *s, const char *text)
{
    long n;
    if (!read_number(text, &n) || n < s->min || n > s->max)
        return false;
    *(long *)at = n;
    return true;
}

static bool set_string(void *at, const char *text, const char *base)
{
    char **target = at;
    free(*target);
    *target = path_absolute(base, text);
    return true;
}

bool setting_set(struct config *c, const struct setting *s, const char *text, const char *base)
{
    void *at = slot(c, s);
    switch (s->type) {
    case SETTING_TEXT:
        return is_text(s, text) && set_string(at, text, NULL);
    case SETTING_PATH:
        return is_text(s, text) && set_string(at, text, base);
    case SETTING_WORD:
        return word_find(s, text) >= 0 && set_string(at, text, NULL);
    case SETTING_LIST:
        return set_list_text(at, s, text);
    case SETTING_NUMBER:
        return set_number(at, s, text);
    case SETTING_SWITCH:
        *(bool *)at = word_find(s, text) == 0;
        return word_find(s, text) >= 0;
    }
    return false;
}

bool setting_set_json(struct config *c, const struct setting *s, const cJSON *item,
                      const char *base)
{
    if (s->type == SETTING_NUMBER) {
        int64_t n;
        char digits[24];
        if (!json_integer(item, &n))
            return false;
        snprintf(digits, sizeof digits, "%lld", (long long)n);
        return setting_set(c, s, digits, base);
    }
    if (s->type != SETTING_LIST)
        return cJSON_IsString(item) && setting_set(c, s, item->valuestring, base);
    size_t count = 0;
    char **list = mem_alloc(sizeof *list);
    bool strings = cJSON_IsArray(item);
    for (const cJSON *i = strings ? item->child : NULL; i; i = i->next) {
        const char *text = cJSON_IsString(i) ? i->valuestring : ""; /* which no list allows */
        list_add(&list, &count, text, strlen(text));
    }
    if (strings)
        return set_list(slot(c, s), s, list);
    list_free(list);
    return false;
}

void setting_clear(struct config *c, const struct setting *s)
{
    void *at = slot(c, s);
    if (s->type == SETTING_LIST)
        list_free(*(char ***)at);
    else if (s->type != SETTING_NUMBER && s->type != SETTING_SWITCH)
        free(*(char **)at);
}

/* ---- words for people ---- */

/* 1,000,000 for 1000000. */
static void add_grouped(struct buf *out, long n)
{
    char digits[24];
    int count = snprintf(digits, sizeof digits, "%ld", n);
    for (int i = 0; i < count; i++)
        buf_addf(out, "%s%c", i && (count - i) % 3 == 0 ? "," : "", digits[i]);
}

void setting_allowed(struct buf *out, const struct setting *s)
{
    if (s->type == SETTING_NUMBER) {
        add_grouped(out, s->min);
        buf_adds(out, " to ");
        add_grouped(out, s->max);
    } else if (s->words[0]) {
        for (int i = 0; s->words[i]; i++)
            buf_addf(out, "%s\"%s\"", i ? ", " : "", s->words[i]);
    } else {
        buf_adds(out, s->allowed ? s->allowed : "a text without control characters");
    }
}

void setting_write(struct buf *out, const struct config *c, const struct setting *s)
{
    const void *at = (const char *)c + s->offset;
    if (s->type == SETTING_NUMBER) {
        buf_addf(out, "%ld", *(const long *)at);
    } else if (s->type == SETTING_SWITCH) {
        buf_add_json(out, s->words[*(const bool *)at ? 0 : 1]);
    } else if (s->type != SETTING_LIST) {
        buf_add_json(out, *(char *const *)at);
    } else {
        buf_adds(out, "[");
        for (char **item = *(char **const *)at; *item; item++) {
            buf_adds(out, item == *(char **const *)at ? "" : ", ");
            buf_add_json(out, *item);
        }
        buf_adds(out, "]");
    }
}

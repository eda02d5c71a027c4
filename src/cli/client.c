#include "client.h"
#include "cli.h"
#include "text.h"
#include <curl/curl.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#define CONNECT_SECONDS 5L
#define ANSWER_SECONDS  30L  /* the daemon answers within 5 s or says 202 */
#define STREAM_SECONDS  600L /* without a byte for this long, a download is dead */
#define REPLY_MAX       (256UL * 1024 * 1024)
#define FAULTS_SHOWN    20

struct client {
    CURL *curl;
    struct curl_slist *headers;
    struct client_place place;
    char *base_url;
    char trouble[CURL_ERROR_SIZE];
    bool reached;
};

/* Where a body goes while it comes. */
struct sink {
    struct client *c;
    struct reply *reply;
    FILE *out; /* NULL: always into the reply */
};

static char *url_part(CURLU *u, CURLUPart part, unsigned flags)
{
    char *value = NULL, *copy = NULL;
    if (curl_url_get(u, part, &value, flags) == CURLUE_OK)
        copy = mem_string(value);
    curl_free(value);
    return copy;
}

/* An IPv6 address stands in brackets in a URL, and nowhere else. */
static void unbracket(char *host)
{
    size_t len = strlen(host);
    if (host[0] == '[' && len > 2) {
        memmove(host, host + 1, len - 2);
        host[len - 2] = '\0';
    }
}

static bool place_url(struct client *c, const char *url, char *error, size_t size)
{
    struct client_place *p = &c->place;
    bool ok = false;
    CURLU *u = curl_url();
    char *scheme = NULL, *port = NULL;
    if (curl_url_set(u, CURLUPART_URL, url, 0) != CURLUE_OK)
        goto out;
    scheme = url_part(u, CURLUPART_SCHEME, 0);
    port = url_part(u, CURLUPART_PORT, CURLU_DEFAULT_PORT);
    p->host = url_part(u, CURLUPART_HOST, 0);
    p->base = url_part(u, CURLUPART_PATH, 0);
    if (!scheme || !port || !p->host || !p->base)
        goto out;
    p->tls = strcmp(scheme, "https") == 0;
    ok = p->tls || strcmp(scheme, "http") == 0;
    p->port = strtol(port, NULL, 10);
    for (size_t n = strlen(p->base); n > 0 && p->base[n - 1] == '/'; n--)
        p->base[n - 1] = '\0';
    struct buf base = {0};
    buf_addf(&base, "%s://%s:%ld%s", scheme, p->host, p->port, p->base);
    c->base_url = buf_take(&base, NULL);
    p->name = mem_string(url);
    unbracket(p->host);
out:
    if (!ok)
        snprintf(error, size, "not an http:// or https:// address: %s", url);
    free(scheme);
    free(port);
    curl_url_cleanup(u);
    return ok;
}

static bool place_state(struct client *c, const char *state, char *error, size_t size)
{
    struct buf path = {0};
    buf_addf(&path, "%s/tallyd.sock", state);
    bool fits = path.len < sizeof((struct sockaddr_un *)0)->sun_path;
    if (!fits)
        snprintf(error, size, "the state folder's path is too long for a socket: %s", state);
    c->place.socket = buf_take(&path, NULL);
    c->place.name = mem_string(c->place.socket);
    c->place.host = mem_string("localhost");
    c->place.base = mem_string("");
    c->place.port = 80;
    c->base_url = mem_string("http://localhost");
    return fits;
}

static void add_header(struct client *c, const char *name, const char *value)
{
    struct buf line = {0};
    buf_addf(&line, "%s: %s", name, value);
    c->headers = curl_slist_append(c->headers, line.data);
    buf_free(&line);
}

static void set_up(struct client *c)
{
    add_header(c, "Accept-Language", text_chinese() ? "zh-CN" : "en");
    /* The daemon sends no interim answer; waiting for one would cost a second. */
    c->headers = curl_slist_append(c->headers, "Expect:");
    if (c->place.token) {
        struct buf bearer = {0};
        buf_addf(&bearer, "Bearer %s", c->place.token);
        add_header(c, "Authorization", bearer.data);
        buf_free(&bearer);
    }
    curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, c->headers);
    curl_easy_setopt(c->curl, CURLOPT_ERRORBUFFER, c->trouble);
    curl_easy_setopt(c->curl, CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS);
    curl_easy_setopt(c->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c->curl, CURLOPT_USERAGENT, "tallyctl");
    if (c->place.socket) {
        curl_easy_setopt(c->curl, CURLOPT_UNIX_SOCKET_PATH, c->place.socket);
        curl_easy_setopt(c->curl, CURLOPT_PROXY, "");
    }
}

struct client *client_new(const char *url, const char *state, const char *alliance,
                          const char *token, char *error, size_t error_size)
{
    struct client *c = mem_alloc(sizeof *c);
    c->place.token = token;
    c->place.alliance = alliance;
    c->curl = curl_easy_init();
    bool ok = c->curl != NULL;
    if (!ok)
        snprintf(error, error_size, "libcurl doesn't start");
    ok = ok &&
         (state ? place_state(c, state, error, error_size) : place_url(c, url, error, error_size));
    if (!ok) {
        client_free(c);
        return NULL;
    }
    set_up(c);
    return c;
}

void client_free(struct client *c)
{
    if (!c)
        return;
    curl_easy_cleanup(c->curl);
    curl_slist_free_all(c->headers);
    free(c->place.host);
    free(c->place.base);
    free(c->place.socket);
    free(c->place.name);
    free(c->base_url);
    free(c);
}

const struct client_place *client_place(const struct client *c)
{
    return &c->place;
}

bool client_reached(const struct client *c)
{
    return c->reached;
}

static size_t on_bytes(char *bytes, size_t one, size_t n, void *ctx)
{
    struct sink *s = ctx;
    long status = 0;
    n *= one;
    curl_easy_getinfo(s->c->curl, CURLINFO_RESPONSE_CODE, &status);
    if (s->out && status == 200)
        return fwrite(bytes, 1, n, s->out);
    if (s->reply->body.len + n > REPLY_MAX)
        return 0;
    buf_add(&s->reply->body, bytes, n);
    return n;
}

/* curl's own words tell what failed; the system's tell why. */
static void explain(struct client *c, CURLcode code, struct reply *reply)
{
    long number = 0;
    curl_easy_getinfo(c->curl, CURLINFO_OS_ERRNO, &number);
    const char *why = c->trouble[0] ? c->trouble : curl_easy_strerror(code);
    if (code == CURLE_COULDNT_CONNECT && c->place.socket && access(c->place.socket, F_OK) != 0)
        number = errno;
    if (code == CURLE_COULDNT_CONNECT && number > 0 && number <= INT_MAX)
        why = strerror((int)number);
    snprintf(reply->trouble, sizeof reply->trouble, "%s", why);
}

/* What belongs to an alliance stands under its id; the rest is the daemon's. */
static void add_path(const struct client *c, const char *path, struct buf *url)
{
    static const char *const bases[] = {"/api/v1", "/owner/v1"};
    buf_adds(url, c->base_url);
    for (size_t i = 0; c->place.alliance && i < sizeof bases / sizeof *bases; i++) {
        size_t n = strlen(bases[i]);
        if (strncmp(path, bases[i], n) != 0 || path[n] != '/')
            continue;
        buf_addf(url, "%s/alliances/%s", bases[i], c->place.alliance);
        path += n;
        break;
    }
    buf_adds(url, path);
}

static void call(struct client *c, const char *path, FILE *out, struct reply *reply)
{
    struct sink sink = {c, reply, out};
    struct buf url = {0};
    buf_reset(&reply->body);
    reply->status = 0;
    reply->retry_after = 0;
    reply->trouble[0] = c->trouble[0] = '\0';
    add_path(c, path, &url);
    curl_easy_setopt(c->curl, CURLOPT_URL, url.data);
    curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, on_bytes);
    curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, &sink);
    curl_easy_setopt(c->curl, CURLOPT_TIMEOUT, out ? 0L : ANSWER_SECONDS);
    curl_easy_setopt(c->curl, CURLOPT_LOW_SPEED_LIMIT, out ? 1L : 0L);
    curl_easy_setopt(c->curl, CURLOPT_LOW_SPEED_TIME, out ? STREAM_SECONDS : 0L);
    CURLcode code = curl_easy_perform(c->curl);
    buf_free(&url);
    if (code != CURLE_OK) {
        explain(c, code, reply);
        return;
    }
    long status = 0;
    curl_off_t wait = 0;
    curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(c->curl, CURLINFO_RETRY_AFTER, &wait);
    reply->status = (int)status;
    reply->retry_after = (long)wait;
    buf_add(&reply->body, "", 0);
    c->reached = true;
}

void client_get(struct client *c, const char *path, struct reply *reply)
{
    client_stream(c, path, NULL, reply);
}

void client_stream(struct client *c, const char *path, FILE *out, struct reply *reply)
{
    curl_easy_setopt(c->curl, CURLOPT_HTTPGET, 1L);
    call(c, path, out, reply);
}

void client_post(struct client *c, const char *path, const char *body, size_t len,
                 struct reply *reply)
{
    struct curl_slist *json = curl_slist_append(NULL, "Content-Type: application/json");
    json->next = c->headers; /* in front of the usual ones, for this call */
    curl_easy_setopt(c->curl, CURLOPT_POST, 1L);
    curl_easy_setopt(c->curl, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(c->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)len);
    curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, json);
    call(c, path, NULL, reply);
    curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, c->headers);
    json->next = NULL;
    curl_slist_free_all(json);
}

cJSON *client_json(struct client *c, const char *path, int *code)
{
    struct reply reply = {0};
    cJSON *tree = NULL;
    client_get(c, path, &reply);
    if (reply.status == 200)
        tree = cJSON_ParseWithLength(reply.body.data, reply.body.len);
    if (!tree)
        *code = client_complain(c, &reply, NULL, NULL);
    reply_free(&reply);
    return tree;
}

void reply_free(struct reply *reply)
{
    buf_free(&reply->body);
}

char *client_escape(const char *value)
{
    char *escaped = curl_easy_escape(NULL, value, 0);
    char *copy = mem_string(escaped ? escaped : "");
    curl_free(escaped);
    return copy;
}

const char *field_text(const cJSON *object, const char *key)
{
    const char *s = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
    return s ? s : "";
}

int64_t field_number(const cJSON *object, const char *key)
{
    const cJSON *n = cJSON_GetObjectItemCaseSensitive(object, key);
    return cJSON_IsNumber(n) ? (int64_t)n->valuedouble : 0;
}

static void say_fault(const cJSON *fault, const char *(*where)(void *, int), void *ctx)
{
    const cJSON *index = cJSON_GetObjectItemCaseSensitive(fault, "index");
    const char *field = field_text(fault, "field");
    fputs("  ", stderr);
    if (where && cJSON_IsNumber(index))
        fprintf(stderr, "%s: ", where(ctx, index->valueint));
    else if (cJSON_IsNumber(index))
        fprintf(stderr, "event %d: ", index->valueint + 1);
    if (*field) {
        text_say(stderr, field);
        fputs(": ", stderr);
    }
    text_say(stderr, field_text(fault, "message"));
    fputc('\n', stderr);
}

static void say_faults(const cJSON *tree, const char *(*where)(void *, int), void *ctx)
{
    const cJSON *faults = cJSON_GetObjectItemCaseSensitive(tree, "errors"), *fault;
    int shown = 0, count = cJSON_GetArraySize(faults);
    if (count == 0)
        say_fault(cJSON_GetObjectItemCaseSensitive(tree, "error"), where, ctx);
    cJSON_ArrayForEach(fault, faults)
    {
        if (shown++ == FAULTS_SHOWN)
            break;
        say_fault(fault, where, ctx);
    }
    if (count > FAULTS_SHOWN)
        fprintf(stderr, "  … and %d more\n", count - FAULTS_SHOWN);
}

static const char *hint_of(const struct client *c, int status)
{
    if (status == 401 && !c->place.token)
        return text_either("a token is needed: --token-file F, TALLYCTL_TOKEN in the environment, "
                           "or --state DIR on the daemon's own machine",
                           "需要令牌：--token-file 文件、环境变量 TALLYCTL_TOKEN，或在服务所在的"
                           "机器上用 --state 数据目录");
    if (status == 403 && !c->place.token)
        return "this takes a token that may do it";
    return NULL;
}

static int complain_away(const struct client *c, const struct reply *reply)
{
    fprintf(stderr, "tallyctl: can't reach %s: %s\n", c->place.name, reply->trouble);
    fputs(
        c->place.socket
            ? text_either("is a daemon running with this state folder, and is it yours to open?\n",
                          "服务在用这个数据目录运行吗？只有目录的所有者和 root 能用它\n")
            : text_either("is tallyd running there? --url URL or --state DIR says where it is\n",
                          "服务在那里运行吗？用 --url 网址 或 --state 数据目录 指明它在哪里\n"),
        stderr);
    return EXIT_AWAY;
}

int client_complain(const struct client *c, const struct reply *reply,
                    const char *(*where)(void *ctx, int index), void *ctx)
{
    if (reply->status == 0)
        return complain_away(c, reply);
    cJSON *tree = cJSON_ParseWithLength(reply->body.data, reply->body.len);
    const cJSON *error = cJSON_GetObjectItemCaseSensitive(tree, "error");
    const char *hint = hint_of(c, reply->status);
    if (cJSON_IsObject(error)) {
        fprintf(stderr, "tallyctl: refused (%d ", reply->status);
        text_say(stderr, field_text(error, "code"));
        fputs(")\n", stderr);
        say_faults(tree, where, ctx);
    } else {
        fprintf(stderr, "tallyctl: %s answered %d, and not as a tallyd would\n", c->place.name,
                reply->status);
    }
    if (hint)
        fprintf(stderr, "%s\n", hint);
    cJSON_Delete(tree);
    return EXIT_WRONG;
}

int client_complain_asked(const struct client *c, const struct reply *reply)
{
    int code = client_complain(c, reply, NULL, NULL);
    return reply->status == 422 ? EXIT_USAGE : code;
}

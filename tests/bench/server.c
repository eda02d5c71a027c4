#include "server.h"

#include "events.h"
#include "http.h"
#include "mqtt.h"
#include "proc.h"
#include "sys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE    (30 * S)
#define NCHAN_SO    "/usr/lib/nginx/modules/ngx_nchan_module.so"
#define NGINX       "/usr/sbin/nginx"
#define MOSQUITTO_D "/usr/sbin/mosquitto"

static void write_file(const struct server *s, const char *name, const struct buf *text)
{
    char path[700];
    snprintf(path, sizeof path, "%s/%s", s->folder, name);
    FILE *f = fopen(path, "we");
    if (!f || fwrite(text->data, 1, text->len, f) != text->len || fclose(f) != 0)
        sys_die("can't write %s", path);
}

#define WRAPPING 3
#define ARGS_MAX 16

static void spawn(struct server *s, const char *const *args, const char *const *env)
{
    char out[700];
    const char *whole[WRAPPING + ARGS_MAX] = {"valgrind", "--tool=callgrind", out};
    snprintf(out, sizeof out, "--callgrind-out-file=%s.callgrind", s->folder);
    for (size_t i = 0; args[i]; i++)
        whole[WRAPPING + i] = args[i];
    s->pid = proc_start(&(struct proc_call){s->counted ? whole : whole + WRAPPING, env, s->log});
}

double server_instructions(const struct server *s)
{
    char path[700], line[512];
    double count = 0;
    snprintf(path, sizeof path, "%s.callgrind", s->folder);
    FILE *f = fopen(path, "re");
    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "summary: %lf", &count) == 1 || sscanf(line, "totals: %lf", &count) == 1)
            break;
    if (f)
        fclose(f);
    if (count <= 0)
        sys_die("callgrind left no count in %s", path);
    return count;
}

/* ---- tallyd ------------------------------------------------------------------------------ */

/* Whatever the settings are by default, but for what would measure a limit instead of the daemon.
 */
static void start_tallyd(struct server *s)
{
    char config[700], listen[32], catalogue[700], hz[32];
    struct buf empty = {0};
    buf_adds(&empty, "{}\n");
    write_file(s, "tallyd.json", &empty);
    buf_free(&empty);
    snprintf(config, sizeof config, "%s/tallyd.json", s->folder);
    snprintf(listen, sizeof listen, "127.0.0.1:%d", s->port);
    snprintf(catalogue, sizeof catalogue, "TALLYD_ALLIANCE_FILE=%s", s->place->catalogue);
    snprintf(hz, sizeof hz, "TALLYD_PUSH_MAX_HZ=%u", s->push_hz);
    spawn(s,
          (const char *const[]){s->place->tallyd, "--config", config, "--listen", listen, "--state",
                                s->folder, "--redis", s->redis_url ? s->redis_url : "private",
                                NULL},
          (const char *const[]){catalogue, "TALLYD_LIMITS_TOKEN_EVENTS_PER_SECOND=0",
                                s->push_hz ? hz : NULL, NULL});
}

static uint64_t field(const char *json, const char *key)
{
    const char *found = json ? strstr(json, key) : NULL;
    return found ? strtoull(found + strlen(key), NULL, 10) : 0;
}

void server_totals(const struct server *s, uint64_t *rev, uint64_t *activities)
{
    struct buf body = {0};
    if (http_get(s->port, "/api/v1/totals", &body) != 200)
        sys_die("tallyd gave no totals: %s", body.data ? body.data : "");
    *rev = field(body.data, "\"rev\":");
    *activities = field(body.data, "\"activities\":");
    buf_free(&body);
}

/* A token once, since a folder that is kept has it already. */
static void finish_tallyd(struct server *s)
{
    struct buf token = {0};
    uint64_t activities;
    server_totals(s, &s->base, &activities);
    if (s->token[0])
        return;
    proc_run(&(struct proc_call){.args = (const char *const[]){s->place->tallyctl, "--state",
                                                               s->folder, "token", "add", "bench",
                                                               "--role", "report", NULL},
                                 .log = s->log},
             &token);
    snprintf(s->token, sizeof s->token, "%.*s", (int)strcspn(token.data, "\n"), token.data);
    buf_free(&token);
}

/* ---- the others -------------------------------------------------------------------------- */

static void start_floor(struct server *s)
{
    char port[16], journal[700];
    snprintf(port, sizeof port, "%d", s->port);
    snprintf(journal, sizeof journal, "%s/journal", s->folder);
    spawn(s, (const char *const[]){s->place->floor, port, s->journal ? journal : NULL, NULL}, NULL);
}

static void start_nchan(struct server *s)
{
    char conf[700];
    struct buf b = {0};
    buf_addf(&b,
             "load_module %s;\ndaemon off;\nmaster_process "
             "off;\nworker_rlimit_nofile %ld;\n"
             "pid %s/nginx.pid;\nerror_log %s/error.log crit;\n"
             "events { worker_connections 20000; }\n"
             "http {\n access_log off; keepalive_requests 1000000;\n"
             " client_body_temp_path %s/body; proxy_temp_path %s/proxy;\n"
             " fastcgi_temp_path %s/fastcgi; uwsgi_temp_path %s/uwsgi; "
             "scgi_temp_path %s/scgi;\n"
             " server { listen 127.0.0.1:%d backlog=4096;\n"
             "  location = /ws { nchan_subscriber websocket; nchan_channel_id "
             "bench; }\n"
             "  location = /publish { nchan_publisher; nchan_channel_id bench;\n"
             "   nchan_message_buffer_length 1; }\n }\n}\n",
             NCHAN_SO, sys_raise_files(), s->folder, s->folder, s->folder, s->folder, s->folder,
             s->folder, s->folder, s->port);
    write_file(s, "nginx.conf", &b);
    buf_free(&b);
    snprintf(conf, sizeof conf, "%s/nginx.conf", s->folder);
    spawn(s, (const char *const[]){NGINX, "-p", s->folder, "-c", conf, NULL}, NULL);
}

static void start_mosquitto(struct server *s)
{
    char conf[700];
    struct buf b = {0};
    s->publish_port = sys_free_port();
    buf_addf(&b,
             "user root\nallow_anonymous true\nlog_type error\nset_tcp_nodelay true\n"
             "listener %d 127.0.0.1\nprotocol websockets\nlistener %d 127.0.0.1\n",
             s->port, s->publish_port);
    write_file(s, "mosquitto.conf", &b);
    buf_free(&b);
    snprintf(conf, sizeof conf, "%s/mosquitto.conf", s->folder);
    spawn(s, (const char *const[]){MOSQUITTO_D, "-c", conf, NULL}, NULL);
}

static void start_node(struct server *s)
{
    char port[16], script[700];
    snprintf(port, sizeof port, "%d", s->port);
    snprintf(script, sizeof script, "%s/ws.mjs", s->place->peers);
    spawn(s, (const char *const[]){"node", script, port, NULL}, NULL);
}

static bool has_nchan(const struct place *p)
{
    (void)p;
    return access(NGINX, X_OK) == 0 && access(NCHAN_SO, R_OK) == 0;
}

static bool has_mosquitto(const struct place *p)
{
    (void)p;
    return access(MOSQUITTO_D, X_OK) == 0;
}

static bool has_node(const struct place *p)
{
    char path[700];
    snprintf(path, sizeof path, "%s/node_modules/ws/package.json", p->peers);
    return access(path, R_OK) == 0;
}

/* ---- the table --------------------------------------------------------------------------- */

static bool is_snapshot(const char *payload, size_t n)
{
    return memmem(payload, n, "\"snapshot\"", 10);
}

static const struct {
    const char *title, *ready;
    bool (*installed)(const struct place *place);
    void (*start)(struct server *s);
    struct crowd_door door;
} kinds[SERVERS] = {
    [TALLYD] =
        {"tallyd", "/readyz", NULL, start_tallyd, {"/ws", "tally.v1", .admits = is_snapshot}},
    [FLOOR] = {"floor", NULL, NULL, start_floor, {.path = "/ws"}},
    [NCHAN] = {"nchan", NULL, has_nchan, start_nchan, {.path = "/ws"}},
    [MOSQUITTO] = {"mosquitto",
                   NULL,
                   has_mosquitto,
                   start_mosquitto,
                   {"/mqtt", "mqtt", mqtt_join_write, mqtt_has_joined}},
    [NODE_WS] = {"node ws", NULL, has_node, start_node, {.path = "/ws"}},
};

const char *server_title(enum server_name name)
{
    return kinds[name].title;
}

bool server_is_installed(enum server_name name, const struct place *place)
{
    return !kinds[name].installed || (place->peers && kinds[name].installed(place));
}

const struct crowd_door *server_door(const struct server *s)
{
    return &kinds[s->name].door;
}

void server_init(struct server *s, enum server_name name, const struct place *place)
{
    *s = (struct server){.name = name, .place = place};
    snprintf(s->folder, sizeof s->folder, "%s/%s", place->folder,
             name == NODE_WS ? "node" : kinds[name].title);
    snprintf(s->log, sizeof s->log, "%s.log", s->folder);
}

void server_launch(struct server *s)
{
    if (!s->keep)
        proc_remove(s->folder);
    proc_make(s->folder);
    s->port = s->publish_port = sys_free_port();
    kinds[s->name].start(s);
}

static bool answers(const struct server *s)
{
    struct http h;
    if (kinds[s->name].ready)
        return http_get(s->port, kinds[s->name].ready, NULL) == 200;
    if (http_open(&h, s->publish_port) != 0)
        return false;
    http_close(&h);
    return true;
}

void server_start(struct server *s)
{
    int64_t end = sys_now() + PATIENCE;
    server_launch(s);
    while (!answers(s)) {
        proc_check(s->pid, s->log);
        if (sys_now() > end)
            sys_die("%s was still not ready; its log is %s", kinds[s->name].title, s->log);
        sys_pause(2 * MS);
    }
    if (s->name == TALLYD)
        finish_tallyd(s);
}

void server_stop(struct server *s)
{
    proc_stop(s->pid);
    s->pid = 0;
    if (!s->keep)
        proc_remove(s->folder);
}

pid_t server_redis(const struct server *s)
{
    return s->name == TALLYD ? sys_child(s->pid, "redis-server") : 0;
}

/* ---- changes ----------------------------------------------------------------------------- */

void server_greet_write(const struct server *s, struct buf *out)
{
    if (s->name == MOSQUITTO)
        mqtt_connect_write(out);
}

/* What a delta looks like, filled up to SIZE. */
static void write_message(struct buf *out, uint64_t number, size_t size)
{
    size_t from = out->len;
    buf_addf(out, "{\"type\":\"delta\",\"rev\":%llu,\"filling\":\"", (unsigned long long)number);
    while (out->len - from + 2 < size)
        buf_adds(out, "x");
    buf_adds(out, "\"}");
}

void server_change_write(const struct server *s, struct buf *out, uint64_t number, size_t size)
{
    struct buf body = {0};
    if (s->name == TALLYD) {
        events_write_one(&body, number);
        http_post_write(out, "/api/v1/events", "application/json", s->token, body.data, body.len);
    } else {
        write_message(&body, number, size);
        if (s->name == MOSQUITTO)
            mqtt_publish_write(out, body.data, body.len);
        else
            http_post_write(out, "/publish", "application/json", NULL, body.data, body.len);
    }
    buf_free(&body);
}

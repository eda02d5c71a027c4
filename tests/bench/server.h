/* server: the servers that are measured side by side, all by the same clients: tallyd, the floor,
 * and those of others that are installed. A table says how each is started, joined and told of a
 * change; no measurement knows more of them than that. */
#ifndef TALLYD_BENCH_SERVER_H
#define TALLYD_BENCH_SERVER_H

#include "buf.h"
#include "crowd.h"
#include <stdbool.h>
#include <sys/types.h>

enum server_name { TALLYD, FLOOR, NCHAN, MOSQUITTO, NODE_WS, SERVERS };

/* Where things are. Borrowed strings. */
struct place {
    const char *tallyd, *tallyctl, *floor;
    const char *catalogue; /* the example alliance */
    const char *peers;     /* folder with node_modules and ws.mjs; NULL: no peers are
                              measured */
    const char *folder;    /* for what servers write, on a disk */
};

struct server {
    enum server_name name;
    const struct place *place;
    pid_t pid;
    int port, publish_port;
    char folder[512], log[600];
    char token[128];       /* tallyd's */
    uint64_t base;         /* tallyd's revision when it had started */
    const char *redis_url; /* tallyd's store; NULL: private */
    unsigned push_hz;      /* tallyd's push.max_hz; 0: as it is by default */
    bool journal;          /* the floor writes a journal */
    bool keep;             /* go on with what is in the folder */
    bool counted;          /* under callgrind: instructions are counted, not time */
};

const char *server_title(enum server_name name);
bool server_is_installed(enum server_name name, const struct place *place);

/* Sets what follows from the names; then set options, and start. */
void server_init(struct server *s, enum server_name name, const struct place *place);
void server_start(struct server *s);
/* Starts without waiting: for who times it. */
void server_launch(struct server *s);
void server_stop(struct server *s);
/* After a stop: the instructions that it took, if those were counted. */
double server_instructions(const struct server *s);
/* Its private Redis, or 0. */
pid_t server_redis(const struct server *s);
/* tallyd alone: what its totals say. */
void server_totals(const struct server *s, uint64_t *rev, uint64_t *activities);

const struct crowd_door *server_door(const struct server *s);
/* What is sent on a connection to publish_port at once, if anything. */
void server_greet_write(const struct server *s, struct buf *out);
/* What tells it of change NUMBER (from 1): a message of about SIZE bytes that bears it. */
void server_change_write(const struct server *s, struct buf *out, uint64_t number, size_t size);

#endif

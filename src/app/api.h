/* api: the table of routes: which path, by which method, for whom, answered by what. */
#ifndef TALLYD_API_H
#define TALLYD_API_H

#include "answer.h"

enum { GET = 1, POST = 2 };

struct route {
    const char *path; /* ends with '/': anything may follow */
    int methods;
    enum role role; /* the least that is needed; ROLE_VIEW: nobody in particular if viewers are
                     * open; ROLE_NONE: never a token, nor is one looked at */
    void (*handle)(struct call *c);
    const char *params; /* query parameters it knows, "range,by"; NULL: any */
};

/* For server_open. */
struct http_handler api_handler(struct app *app);

/* The handlers, each in the file named for what it answers. */
void post_events(struct call *c); /* post_events.c */
/* Counts the opening balances of the catalogue's file, once for ever by their ids. */
void post_opening(struct alliance *alliance);
void get_totals(struct call *c); /* get_totals.c */
void get_trend(struct call *c);
void get_catalogue(struct call *c);
void get_events(struct call *c); /* get_events.c */
void get_event(struct call *c);
void get_export(struct call *c);   /* get_export.c */
void get_problems(struct call *c); /* get_lists.c */
void get_plans(struct call *c);
void get_screen(struct call *c);  /* get_screen.c */
void get_recount(struct call *c); /* get_recount.c */
void owner_recount(struct call *c);
void get_openapi(struct call *c); /* get_health.c */
void get_healthz(struct call *c);
void get_readyz(struct call *c);
void get_metrics(struct call *c);
void get_session(struct call *c); /* signin.c */
void post_session(struct call *c);
void post_session_end(struct call *c);
void owner_tokens(struct call *c); /* tokens.c */
void admin_tokens(struct call *c);
void post_revoke(struct call *c);
void post_codes(struct call *c);        /* codes.c */
void get_activity_code(struct call *c); /* checkin_code.c */
void get_plan_code(struct call *c);
void post_checkins(struct call *c); /* checkin.c */
void post_raise(struct call *c);    /* raise.c */
void admin_pending(struct call *c); /* pending.c */
void admin_audit(struct call *c);   /* audit_read.c */
void owner_cells(struct call *c);   /* owner.c */
void owner_events(struct call *c);
void owner_repair(struct call *c);                     /* owner_repair.c */
void owner_loss(struct call *c);                       /* owner_loss.c */
void owner_backup_remember(struct alliance *alliance); /* when the last one was */
void owner_backup(struct call *c);                     /* owner_backup.c */
void owner_restore(struct call *c);

#endif

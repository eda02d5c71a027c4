/* lws_log: the library's own complaints, brought into our log. */
#ifndef TALLYD_LWS_LOG_H
#define TALLYD_LWS_LOG_H

/* Errors and warnings go to log_write from now on, the same line at most once a second; the
 * library's chattier levels stay off, since one of its faults can write gigabytes there. Keeps
 * what it wrote last in a static, as the library's hook has no place for a context. */
void lws_log_open(void);

#endif

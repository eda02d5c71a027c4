#include "lws_log.h"

#include "date.h"
#include "log.h"

#include <libwebsockets.h>
#include <stdio.h>
#include <string.h>

#define LINES 8 /* remembered, so that a few that take turns are still known */

static struct {
    char text[120];
    int64_t written;
} lines[LINES];

static bool is_repeated(const char *text)
{
    int64_t now = date_now();
    size_t oldest = 0;
    for (size_t i = 0; i < LINES; i++) {
        if (strcmp(lines[i].text, text) == 0) {
            bool fresh = now - lines[i].written < DATE_SECOND;
            if (!fresh)
                lines[i].written = now;
            return fresh;
        }
        if (lines[i].written < lines[oldest].written)
            oldest = i;
    }
    snprintf(lines[oldest].text, sizeof lines[oldest].text, "%s", text);
    lines[oldest].written = now;
    return false;
}

/* A client that is refused is no news for the operator. */
static bool is_noise(const char *text)
{
    static const char *const noise[] = {
        "User code denied connection",
        "malformed or absent conn hdr",
        "exceeds limit",
        "Ran out of header data space",
        "More hdr frags",
        "Duplicated method",
        "multiple methods",
        "Missing URI",
        "Control frame with xtended length",
        "b63 of length must be zero",
        "malformatted protocol list",
        "pcol name too long",
        "adopt_socket_readbuf: calling service", /* one that is handed on, as it should be */
    };
    for (size_t i = 0; i < sizeof noise / sizeof *noise; i++)
        if (strstr(text, noise[i]))
            return true;
    return false;
}

static void on_line(int level, const char *line)
{
    char text[sizeof lines[0].text];
    snprintf(text, sizeof text, "%.*s", (int)strcspn(line, "\r\n"), line);
    if (is_repeated(text))
        return;
    enum log_level ours = level == LLL_ERR ? LOG_ERROR : LOG_WARN;
    log_write(is_noise(text) ? LOG_DEBUG : ours, "websockets", "line", text, NULL);
}

void lws_log_open(void)
{
    lws_set_log_level(LLL_ERR | LLL_WARN, on_line);
}

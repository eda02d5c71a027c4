/* url: where another daemon's pages are: "http://10.0.0.2:8080/a/s01/", https too, [::1] as well.
 * What is behind a "?" or "#" isn't allowed, nor a user's name. */
#ifndef TALLYD_URL_H
#define TALLYD_URL_H

#include <stdbool.h>

struct url {
    bool tls;
    char host[256]; /* without brackets */
    int port;
    const char *path; /* in the text, from its "/" on, or "" */
};

bool url_read(const char *text, struct url *out);
bool url_ok(const char *text);

#endif

#include "events.h"

#include "http.h"

#include <stdlib.h>
#include <time.h>

#define COMMUNITIES 35
#define UNITS       42

static const char *const projects[] = {"p101", "p102", "p103", "p104", "p105"};

/* Within the last hour, so that all ranges change, with a title of ordinary length. */
void events_write_one(struct buf *out, unsigned long number)
{
    time_t at = time(NULL) - (time_t)(number % 3600);
    struct tm t;
    char text[32];
    gmtime_r(&at, &t);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &t);
    buf_addf(out,
             "{\"id\":\"" EVENTS_ID_PREFIX "%lu\",\"kind\":\"activity\",\"at\":\"%s\","
             "\"title\":\"邻里文化节\",\"community\":\"s%02lu\",\"unit\":\"u%02lu\","
             "\"project\":\"%s\",\"residents\":%d}",
             number, text, number % COMMUNITIES + 1, number % UNITS + 1,
             projects[number % (sizeof projects / sizeof *projects)], EVENTS_RESIDENTS);
}

static void write_request(struct requests *r, const char *token, unsigned long first, size_t count)
{
    struct buf body = {0};
    for (size_t i = 0; i < count; i++) {
        events_write_one(&body, first + i);
        if (count > 1)
            buf_adds(&body, "\n");
    }
    http_post_write(&r->text, "/api/v1/events",
                    count > 1 ? "application/x-ndjson" : "application/json", token, body.data,
                    body.len);
    buf_free(&body);
}

void requests_write(struct requests *r, const char *token, unsigned long first, size_t events,
                    size_t batch)
{
    *r = (struct requests){.count = (events + batch - 1) / batch, .events = events};
    r->start = mem_alloc((r->count + 1) * sizeof *r->start);
    for (size_t i = 0; i < r->count; i++) {
        size_t left = events - i * batch;
        write_request(r, token, first + i * batch, left < batch ? left : batch);
        r->start[i + 1] = r->text.len;
    }
}

void requests_free(struct requests *r)
{
    buf_free(&r->text);
    free(r->start);
    *r = (struct requests){0};
}

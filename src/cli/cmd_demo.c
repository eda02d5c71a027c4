#include "cli.h"
#include "demo.h"
#include "digest.h"
#include "feed.h"
#include "progress.h"
#include "stop.h"
#include "text.h"
#include <math.h>
#include <stdlib.h>

#define WAIT_SECONDS 60
#define RUN_BYTES    4
#define REST_MS      20L /* at high rates, what falls due meanwhile goes together */

static const char *where(void *ctx, int index)
{
    (void)ctx;
    (void)index;
    return "demo";
}

/* Milliseconds to the next event: random arrivals, RATE a second on average, as life has them. */
static double gap(struct demo *d, long rate)
{
    double u = (demo_random(d, 1000000) + 1) / 1000001.0;
    return -log(u) * 1000 / (double)rate;
}

/* Gathers what is due by NOW into a request; *next moves on. */
static long gather(struct demo *d, long rate, double now, double *next, struct buf *body)
{
    long count = 0;
    buf_reset(body);
    while (*next <= now && count < FEED_EVENTS_MAX) {
        buf_adds(body, count ? "," : "[");
        demo_next(d, body);
        count++;
        *next += gap(d, rate);
    }
    buf_adds(body, "]");
    return count;
}

static int play(struct demo *d, struct feed *f, long seconds, long rate)
{
    struct buf body = {0};
    struct progress progress = {0};
    long long start = stop_clock();
    double next = 0, end = seconds > 0 ? (double)seconds * 1000 : INFINITY;
    int code = EXIT_DONE;
    while (code == EXIT_DONE) {
        double now = (double)(stop_clock() - start);
        if (now >= end)
            break;
        long count = gather(d, rate, now, &next, &body);
        if (count > 0)
            code = feed_post(f, &body, count, where, NULL);
        progress_show(&progress, f->events, 0, "events sent; Ctrl-C ends it");
        double wait = fmin(next, end) - (double)(stop_clock() - start);
        f->stopped = f->stopped || stop_wait(wait > REST_MS ? (long)wait : REST_MS);
        if (f->stopped)
            break;
    }
    progress_end(&progress);
    buf_free(&body);
    return f->stopped ? EXIT_DONE : code;
}

static void say(const struct cli *cli, const struct feed *f)
{
    char events[TEXT_NUMBER], counted[TEXT_NUMBER];
    if (cli->json)
        printf("{\"events\":%lld,\"counted\":%lld,\"queued\":%lld,\"conflict\":%lld}\n", f->events,
               f->counted, f->queued, f->conflict);
    else
        printf("%s events sent, %s counted\n", text_number(f->events, events),
               text_number(f->counted, counted));
}

int cmd_demo(struct cli *cli)
{
    const char *seconds_text = NULL, *rate_text = NULL;
    long seconds = 0, rate = 2;
    const struct flag flags[] = {
        {"seconds", "N", "how long to play (until Ctrl-C)", &seconds_text, NULL},
        {"rate", "N", "events a second, on average (2)", &rate_text, NULL},
        {NULL, NULL, NULL, NULL, NULL},
    };
    int code = cli_begin(cli, flags);
    if (code != CLI_GO_ON)
        return code;
    if (!cli_number("seconds", seconds_text, 1, 31536000, &seconds) ||
        !cli_number("rate", rate_text, 1, 10000, &rate))
        return EXIT_USAGE;
    cJSON *catalogue = client_json(cli->client, "/api/v1/catalogue", &code);
    if (!catalogue)
        return code;
    unsigned char bytes[RUN_BYTES];
    char run[2 * RUN_BYTES + 1];
    digest_random(bytes, sizeof bytes);
    struct demo *d = demo_new(catalogue, digest_hex(bytes, sizeof bytes, run));
    struct feed feed = {.cli = cli, .wait = WAIT_SECONDS, .quiet = true};
    if (d) {
        stop_listen();
        code = play(d, &feed, seconds, rate);
        say(cli, &feed);
    } else {
        fputs("tallyctl: the catalogue has no communities to play in\n", stderr);
        code = EXIT_WRONG;
    }
    demo_free(d);
    feed_clear(&feed);
    cJSON_Delete(catalogue);
    return code;
}

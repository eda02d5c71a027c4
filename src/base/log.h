/* log: the daemon's words to its operator, one line an event on stderr:
 * `at=TIME level=info event=NAME key=value …`, to systemd's journal `<6>event=NAME key=value …`.
 * Values with blanks or control characters are quoted and escaped, so that no input can forge or
 * turn round a line; one of over 2,000 bytes is cut. An event that repeats more than a hundred
 * times within ten seconds is left out until those are over, and then told by its number
 * (`unsaid=N`). That, the level and the descriptor are the only state, and the one global the house
 * allows. */
#ifndef TALLYD_LOG_H
#define TALLYD_LOG_H

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* Lines below LEVEL are dropped from now on. */
void log_level(enum log_level level);
/* "warn" as a level; LOG_INFO where NAME is none. */
enum log_level log_level_of(const char *name);

/* log_write(LOG_INFO, "listening", "address", "127.0.0.1:8080", NULL): EVENT, then pairs of
 * strings closed by NULL. A NULL value is written as "-". */
void log_write(enum log_level level, const char *event, ...) __attribute__((sentinel));

/* Once a second: tells how often what was left out has happened. */
void log_tick(void);
/* Other bounds for what repeats: LINES of one event within SPAN microseconds. */
void log_bound(unsigned lines, long long span);

/* A number as a value: a static ring of 8 buffers, good for one log_write call. */
const char *log_num(long long n);

#endif

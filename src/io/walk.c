#include "walk.h"

#include "buf.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BITE   (256 * 1024)
#define SECTOR 4096

void walk_open(struct walk *w, int fd, uint32_t seed, uint64_t size, uint64_t offset, uint64_t next)
{
    *w = (struct walk){.fd = fd,
                       .seed = seed,
                       .size = size,
                       .offset = offset,
                       .next = next,
                       .limit = UINT64_MAX,
                       .filled = offset};
}

void walk_close(struct walk *w)
{
    if (w->fd >= 0)
        close(w->fd);
    free(w->window.bytes);
    *w = (struct walk){.fd = -1};
}

static ssize_t read_at(int fd, unsigned char *out, size_t n, uint64_t at)
{
    ssize_t got;
    do
        got = pread(fd, out, n, (off_t)at);
    while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : got;
}

/* What can't be read is given as bytes that are neither zero nor a record. */
static size_t read_sectors(int fd, unsigned char *out, size_t n, uint64_t at)
{
    size_t done = 0;
    while (done < n) {
        size_t part = SECTOR - (size_t)((at + done) % SECTOR);
        if (part > n - done)
            part = n - done;
        ssize_t got = read_at(fd, out + done, part, at + done);
        if (got == 0)
            break;
        if (got < 0)
            memset(out + done, 0xa5, part);
        done += got < 0 ? part : (size_t)got;
    }
    return done;
}

static int fill_window(struct walk *w, uint64_t at, size_t n)
{
    if (w->window.cap < n) {
        w->window.bytes = mem_resize(w->window.bytes, n);
        w->window.cap = n;
    }
    w->window.at = at;
    w->window.len = 0;
    while (w->window.len < n) {
        unsigned char *to = w->window.bytes + w->window.len;
        size_t left = n - w->window.len;
        ssize_t got = read_at(w->fd, to, left, at + w->window.len);
        if (got < 0 && w->tolerant)
            got = (ssize_t)read_sectors(w->fd, to, left, at + w->window.len);
        if (got < 0)
            return (int)got;
        if (got == 0) { /* shorter than it was said to be */
            w->size = at + w->window.len;
            break;
        }
        w->window.len += (size_t)got;
    }
    return 0;
}

/* The bytes from AT on: WANT of them, or as many as the file still has; more where they are at
 * hand anyway. Returns how many, or a negative errno. */
static ssize_t look(struct walk *w, uint64_t at, size_t want, const unsigned char **bytes)
{
    uint64_t rest = at < w->size ? w->size - at : 0;
    if (rest == 0) {
        *bytes = segment_magic; /* none of it is looked at */
        return 0;
    }
    if (want > rest)
        want = (size_t)rest;
    bool is_there = at >= w->window.at && at + want <= w->window.at + w->window.len;
    if (!is_there) {
        size_t n = want > BITE ? want : BITE;
        int status = fill_window(w, at, n > rest ? (size_t)rest : n);
        if (status != 0)
            return status;
    }
    *bytes = w->window.bytes + (at - w->window.at);
    return (ssize_t)(w->window.at + w->window.len - at);
}

/* Could the record stand here? A number is never lower than expected, nor higher than the records
 * that fit into the rest of the file allow, so that chance has even less of it than a checksum. The
 * highest of all is none: no number comes behind it. */
static bool is_plausible(const struct walk *w, uint64_t at, const struct segment_record *r)
{
    if (r->number <= r->place || r->number == UINT64_MAX)
        return false;
    return w->next == 0 || (r->number >= w->next && r->number - w->next <= at / SEGMENT_OVERHEAD);
}

/* 1 and RECORD if a good one stands at AT, 0 if not. */
static int try_record(struct walk *w, uint64_t at, struct segment_record *record)
{
    const unsigned char *bytes;
    ssize_t n = look(w, at, SEGMENT_RECORD_HEAD, &bytes);
    if (n < SEGMENT_RECORD_HEAD)
        return n < 0 ? (int)n : 0;
    uint32_t len = segment_record_len(bytes);
    if (len == 0)
        return 0;
    n = look(w, at, len + (size_t)SEGMENT_OVERHEAD, &bytes);
    if (n < (ssize_t)len + SEGMENT_OVERHEAD)
        return n < 0 ? (int)n : 0;
    return segment_record_read(bytes, len, w->seed, record) && is_plausible(w, at, record);
}

/* Notes what of N bytes from AT on isn't zero. */
static void note_spoilt(struct walk *w, const unsigned char *bytes, size_t n, uint64_t at)
{
    if (n == 0 || (bytes[0] == 0 && memcmp(bytes, bytes + 1, n - 1) == 0))
        return;
    size_t end = n;
    while (bytes[end - 1] == 0)
        end--;
    w->spoilt += end;
    if (at + end > w->filled)
        w->filled = at + end;
}

/* Looks for the next good record from AT on: 1 with where it stands, or 0 at the end. */
static int search(struct walk *w, uint64_t *at, struct segment_record *record)
{
    for (;;) {
        const unsigned char *bytes;
        ssize_t n = look(w, *at, sizeof segment_magic, &bytes);
        if (n < 0)
            return (int)n;
        if (n < (ssize_t)sizeof segment_magic) {
            note_spoilt(w, bytes, (size_t)n, *at);
            return 0;
        }
        const unsigned char *magic = memmem(bytes, (size_t)n, segment_magic, sizeof segment_magic);
        size_t passed = magic ? (size_t)(magic - bytes) : (size_t)n - (sizeof segment_magic - 1);
        note_spoilt(w, bytes, passed, *at);
        *at += passed;
        if (!magic)
            continue;
        int found = try_record(w, *at, record);
        if (found != 0)
            return found;
        note_spoilt(w, segment_magic, 1, *at);
        *at += 1;
    }
}

int walk_next(struct walk *w, struct segment_record *record)
{
    if (w->next > w->limit)
        return 0;
    uint64_t at = w->offset, spoilt = w->spoilt, filled = w->filled;
    int found = try_record(w, at, record);
    if (found == 0)
        found = search(w, &at, record);
    if (found < 0) {
        w->spoilt = spoilt;
        w->filled = filled;
    }
    if (found <= 0 || record->number > w->limit)
        return found < 0 ? found : 0;
    w->offset = at + record->len + SEGMENT_OVERHEAD;
    w->next = record->number + 1;
    w->filled = w->offset;
    return 1;
}

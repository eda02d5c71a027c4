/* journal: the write-ahead log in the state folder. Every request's events stand here, on disk,
 * before anything else learns of them; an answer 200 or 202 rests on it.
 *
 * A journal has an incarnation, 32 hex digits made at random at each open, and numbers its records
 * 1, 2, 3 … within it. What earlier incarnations left is kept, readable, until it is trimmed; who
 * applies records to the store tells by incarnation and number where it stands, and nothing else.
 *
 * Segments are files INCARNATION-NNNNNNNN.j of a fixed, preallocated size, laid out as segment.h
 * says: a header with the first number, then records, each with a CRC32C. They are made under
 * another name, synced, renamed, and the folder synced. Every record is judged when it is read:
 *
 * - Torn: what the last write left that never ended, and so was never acknowledged. From its
 *   first gap on it is passed over.
 * - Damaged: what isn't as it was though its write had ended, as a later write or a later segment
 *   shows. The good records behind it are kept, the file gets a second name, NAME.damaged, that
 *   stays for whoever looks into it, and event=journal_damaged is logged.
 * - Void: what a write that failed may have left. After a failure the descriptor is never used
 *   again: the segment is cut behind its last acknowledged record and never written any more,
 *   and a new segment goes on with the number that is due, which voids records of that number
 *   and above in the segments before it. Either is enough, and the failed append is answered once
 *   one of them is on disk, or the disk has refused both. In that last case the records could come
 *   back if the machine died before the disk did get better: no order of writes prevents that, so
 *   it takes the sender's ids to count them once.
 *
 * All disk work but journal_open's and journal_read's is done by uv_queue_work. Its pool has 4
 * threads for the whole process, files and name look-ups of libuv included; the journal takes at
 * most two of them at a time, and is as slow as what the others are busy with. One thread calls
 * all of these functions. */
#ifndef TALLYD_JOURNAL_H
#define TALLYD_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#define JOURNAL_INCARNATION 33 /* 32 hex digits and a NUL */
#define JOURNAL_RECORD_MAX  (1024 * 1024)
#define JOURNAL_WAITING_MAX (32 * 1024 * 1024) /* bytes of appends not yet called back */

struct journal;

struct journal_options {
    const char *folder;     /* made if need be, 0700; its parent must be there */
    uint64_t max_bytes;     /* of all segments together: beyond it appends fail as "full" */
    uint64_t segment_bytes; /* a segment's size, 64 MiB; at most a quarter of max_bytes is used */
    unsigned gather_ms;     /* wait for company at most this long before a sync; 0: at once, which
                             * still gathers all that came while the last sync ran */
};

/* Takes the folder's lock, scans what is there and makes the first segment of a new incarnation.
 * NULL with a reason in ERROR: the folder can't be made, read or written, holds segments of
 * another version, or is "in use by another process (pid N)". A disk or journal that is full, or
 * a disk that fails for now, is none: then journal_accepts is false until that has passed, and
 * what is there can be read and trimmed. */
struct journal *journal_open(uv_loop_t *loop, const struct journal_options *options, char *error,
                             size_t error_size);

const char *journal_incarnation(const struct journal *j);
/* The last number handed out, if all that waits gets to disk, and the last that is on disk in the
 * present incarnation. */
uint64_t journal_last(const struct journal *j);
uint64_t journal_durable(const struct journal *j);

struct journal_record {
    const void *bytes;
    size_t len; /* 1 to JOURNAL_RECORD_MAX */
};

/* STATUS 0: all records of the append are on disk, numbered from FIRST. Else a negative errno:
 * none of them will be read back as valid, and they are to be taken as refused; their numbers go
 * to others. */
typedef void (*journal_on_durable)(void *ctx, int status, uint64_t first);

/* Appends COUNT records together; the bytes are copied. ON_DURABLE is called once, from the loop,
 * never inside this call, in the order of the appends; it may call any of these functions.
 * Appends share a write and an fdatasync that run off the loop, one at a time. Returns 0, or
 * without a call back:
 * -ENOSPC: the journal is at its bound, or the disk was found full or failing and hasn't come back;
 * -EAGAIN: JOURNAL_WAITING_MAX bytes wait already, as the disk is slower than the appends;
 * -EMSGSIZE: a record is too long, or all together exceed a segment; -EINVAL: one is empty, or
 * there is none; -ECANCELED: it is being closed. */
int journal_append(struct journal *j, const struct journal_record *records, size_t count,
                   journal_on_durable on_durable, void *ctx);

/* May an append be expected to succeed? While the disk is what stands against it, the journal
 * itself tries again, at growing waits of 0.1 to 2 s, to make and sync a new segment, and this is
 * true again when that worked. */
bool journal_accepts(const struct journal *j);
/* In words, why not: "No space left on device"; "" while it accepts. */
const char *journal_trouble(const struct journal *j);

/* Incarnations that have records on disk, oldest first, the present one always and last. Where
 * there are more than MAX, the oldest and the present one are given. */
struct journal_run {
    char incarnation[JOURNAL_INCARNATION];
    uint64_t first, last; /* numbers that can be read (durable ones); last < first: none */
};
size_t journal_runs(const struct journal *j, struct journal_run *out, size_t max);

/* Reads records of an incarnation from number FROM on, up to COUNT records or MAX_BYTES of payload
 * (at least one record), in order, and calls EACH for them; synchronous, meant for small bites.
 * EACH may call nothing of the journal. Numbers that are lost to damage are left out: EACH gets
 * the next that is there, and event=journal_lost is logged once with the lost ones, number to
 * last. Returns how many it gave (0: FROM is beyond the end), or -EIO where the records can't be
 * read. Reading on from where the last call ended costs no search. */
long journal_read(struct journal *j, const char *incarnation, uint64_t from, size_t count,
                  size_t max_bytes,
                  void (*each)(void *ctx, uint64_t number, const void *bytes, size_t len),
                  void *ctx);

/* Everything of that incarnation up to NUMBER isn't needed any more: whole segments below are
 * deleted, off the loop (never the one being written; an earlier incarnation's last one too once
 * all its records are covered). */
void journal_trim(struct journal *j, const char *incarnation, uint64_t number);

/* Bytes of all segments, for the operator. */
uint64_t journal_size(const struct journal *j);

/* Lets the write under way end, writes what waits, calls all back with the true results, closes
 * the files and calls ON_CLOSED once from the loop; then frees itself. A present incarnation
 * without a record leaves no file. */
void journal_close(struct journal *j, void (*on_closed)(void *ctx), void *ctx);

#endif

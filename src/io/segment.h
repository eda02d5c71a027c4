/* segment: one file of the journal: how it is laid out, and the steps by which it is made, written
 * and, after a failure, cut. All calls block and are safe from any thread; none keeps state.
 *
 *   header, 64 bytes:  "tallyjnl" | u32 version | u32 index | 16 bytes incarnation
 *                      | u64 first | u64 generation | 12 zero bytes | u32 CRC32C of these 60
 *   then records:      u32 magic | u32 length | u64 number | u32 place | payload | u32 CRC32C of
 *                      all before it, begun with the CRC32C of the incarnation
 *   then zeros:        what was preallocated
 *
 * All numbers are little-endian. `place` counts the records of one write from 0: a record whose
 * write began behind another record proves that the other one's write had been synced, which is
 * how a torn write is told from damage. `generation` orders incarnations by age. `first` is where
 * valid numbering goes on: records of that number or above in segments of a lower index, left by
 * a write that failed, are void. */
#ifndef TALLYD_SEGMENT_H
#define TALLYD_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEGMENT_HEADER      64
#define SEGMENT_RECORD_HEAD 20
#define SEGMENT_OVERHEAD    24 /* bytes that a record takes beyond its payload */
#define SEGMENT_RECORD_MAX  (1024 * 1024)
#define SEGMENT_ID          16 /* bytes of an incarnation */
#define SEGMENT_NAME        48 /* "32 hex digits-NNNNNNNN.j" and a NUL fit */
#define SEGMENT_SPARE       "spare"

struct segment_header {
    unsigned char incarnation[SEGMENT_ID];
    uint32_t index; /* 1, 2, 3 … within the incarnation */
    uint64_t first, generation;
};

/* Borrowed: PAYLOAD points into the bytes that were looked at. */
struct segment_record {
    uint64_t number;
    uint32_t place, len;
    const unsigned char *payload;
};

/* Writes the name, and reads it back; false if it isn't a segment's. */
void segment_name(const unsigned char incarnation[SEGMENT_ID], uint32_t index,
                  char out[SEGMENT_NAME]);
bool segment_is_name(const char *name, unsigned char incarnation[SEGMENT_ID], uint32_t *index);
uint32_t segment_seed(const unsigned char incarnation[SEGMENT_ID]);

/* 0, -EBADMSG if the file begins with no whole header, -ENOTSUP if with another version's, or a
 * negative errno. */
int segment_read_header(int fd, struct segment_header *out);

/* Lays the payload out at AT, which has SEGMENT_OVERHEAD bytes more; returns what it takes. */
size_t segment_put(unsigned char *at, const void *payload, uint32_t len);
/* Completes a record that was laid out there; returns what it takes. */
size_t segment_seal(unsigned char *at, uint32_t seed, uint64_t number, uint32_t place);

extern const unsigned char segment_magic[4];
/* The length that a record's head names; 0 if these SEGMENT_RECORD_HEAD bytes are no head. */
uint32_t segment_record_len(const unsigned char *at);
/* Reads the record at AT, of which LEN + SEGMENT_OVERHEAD bytes are there; false if spoilt. */
bool segment_record_read(const unsigned char *at, uint32_t len, uint32_t seed,
                         struct segment_record *out);

/* Makes the file SEGMENT_SPARE of SIZE zero bytes, on disk. Returns a descriptor, or a negative
 * errno and no file. */
int segment_prepare(int folder, uint64_t size);
/* Gives the spare its header and its name, each on disk when this returns 0. Closes FD and leaves
 * no file, as far as the disk lets it, when it returns a negative errno. */
int segment_start(int folder, int fd, const struct segment_header *header);
/* Writes and syncs. Whatever FD is told after a failure must not be trusted. */
int segment_write(int fd, const void *bytes, size_t n, uint64_t offset);
/* Cuts the file at END by a descriptor of its own and syncs that. */
int segment_cut(int folder, const char *name, uint64_t end);
/* Syncs the folder's entries, by a descriptor of its own. */
int segment_sync_folder(int folder);

#endif

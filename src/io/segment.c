#include "segment.h"

#include "crc32c.h"
#include "digest.h"
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define VERSION    1
#define FILL_CHUNK (256 * 1024)

static const char header_magic[8] = {'t', 'a', 'l', 'l', 'y', 'j', 'n', 'l'};

/* Its first and last byte occur in no UTF-8, so what looks like a record is never a payload. */
const unsigned char segment_magic[4] = {0xfe, 'j', 'r', 0xf9};

static void put32(unsigned char *at, uint32_t value)
{
    value = htole32(value);
    memcpy(at, &value, sizeof value);
}

static void put64(unsigned char *at, uint64_t value)
{
    value = htole64(value);
    memcpy(at, &value, sizeof value);
}

static uint32_t get32(const unsigned char *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return le32toh(value);
}

static uint64_t get64(const unsigned char *at)
{
    uint64_t value;
    memcpy(&value, at, sizeof value);
    return le64toh(value);
}

/* --- names and headers ---- */

void segment_name(const unsigned char incarnation[SEGMENT_ID], uint32_t index,
                  char out[SEGMENT_NAME])
{
    char hex[2 * SEGMENT_ID + 1];
    snprintf(out, SEGMENT_NAME, "%s-%08u.j", digest_hex(incarnation, SEGMENT_ID, hex), index);
}

static int hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *found = c ? strchr(digits, c) : NULL;
    return found ? (int)(found - digits) : -1;
}

bool segment_is_name(const char *name, unsigned char incarnation[SEGMENT_ID], uint32_t *index)
{
    for (size_t i = 0; i < SEGMENT_ID; i++, name += 2) {
        int high = hex_digit(name[0]), low = high < 0 ? -1 : hex_digit(name[1]);
        if (low < 0)
            return false;
        incarnation[i] = (unsigned char)(high << 4 | low);
    }
    if (*name++ != '-')
        return false;
    const char *digits = name;
    *index = 0;
    for (; *name >= '0' && *name <= '9' && name - digits < 9; name++)
        *index = *index * 10 + (uint32_t)(*name - '0');
    return name - digits >= 8 && *index > 0 && strcmp(name, ".j") == 0;
}

uint32_t segment_seed(const unsigned char incarnation[SEGMENT_ID])
{
    return crc32c(0, incarnation, SEGMENT_ID);
}

static void lay_header(unsigned char out[SEGMENT_HEADER], const struct segment_header *header)
{
    memset(out, 0, SEGMENT_HEADER);
    memcpy(out, header_magic, sizeof header_magic);
    put32(out + 8, VERSION);
    put32(out + 12, header->index);
    memcpy(out + 16, header->incarnation, SEGMENT_ID);
    put64(out + 32, header->first);
    put64(out + 40, header->generation);
    put32(out + 60, crc32c(0, out, 60));
}

int segment_read_header(int fd, struct segment_header *out)
{
    unsigned char bytes[SEGMENT_HEADER];
    ssize_t n = pread(fd, bytes, sizeof bytes, 0);
    if (n < 0)
        return -errno;
    if (n < SEGMENT_HEADER || memcmp(bytes, header_magic, sizeof header_magic) != 0 ||
        get32(bytes + 60) != crc32c(0, bytes, 60))
        return -EBADMSG;
    if (get32(bytes + 8) != VERSION)
        return -ENOTSUP;
    out->index = get32(bytes + 12);
    memcpy(out->incarnation, bytes + 16, SEGMENT_ID);
    out->first = get64(bytes + 32);
    out->generation = get64(bytes + 40);
    return 0;
}

/* --- records ---- */

size_t segment_put(unsigned char *at, const void *payload, uint32_t len)
{
    memcpy(at, segment_magic, sizeof segment_magic);
    put32(at + 4, len);
    memcpy(at + SEGMENT_RECORD_HEAD, payload, len);
    return len + SEGMENT_OVERHEAD;
}

size_t segment_seal(unsigned char *at, uint32_t seed, uint64_t number, uint32_t place)
{
    size_t before = SEGMENT_RECORD_HEAD + get32(at + 4);
    put64(at + 8, number);
    put32(at + 16, place);
    put32(at + before, crc32c(seed, at, before));
    return before + 4;
}

uint32_t segment_record_len(const unsigned char *at)
{
    uint32_t len = get32(at + 4);
    bool is_head = memcmp(at, segment_magic, sizeof segment_magic) == 0;
    return is_head && len <= SEGMENT_RECORD_MAX ? len : 0;
}

bool segment_record_read(const unsigned char *at, uint32_t len, uint32_t seed,
                         struct segment_record *out)
{
    size_t before = SEGMENT_RECORD_HEAD + (size_t)len;
    if (get32(at + before) != crc32c(seed, at, before))
        return false;
    out->number = get64(at + 8);
    out->place = get32(at + 16);
    out->len = len;
    out->payload = at + SEGMENT_RECORD_HEAD;
    return true;
}

/* --- files ---- */

static int write_all(int fd, const unsigned char *bytes, size_t n, uint64_t offset)
{
    while (n > 0) {
        ssize_t done = pwrite(fd, bytes, n, (off_t)offset);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return done < 0 ? -errno : -EIO;
        bytes += done;
        n -= (size_t)done;
        offset += (uint64_t)done;
    }
    return 0;
}

/* For file systems that can't preallocate: in bites, each synced, so that records being written
 * meanwhile don't wait behind all of it. Where preallocating is possible this isn't done: it would
 * save each sync some bookkeeping, but doubles what is written, and at high rates is waited for. */
static int fill_zeros(int fd, uint64_t size)
{
    static const unsigned char zeros[FILL_CHUNK];
    int status = 0;
    for (uint64_t at = 0; at < size && status == 0; at += FILL_CHUNK) {
        uint64_t n = size - at < FILL_CHUNK ? size - at : FILL_CHUNK;
        status = segment_write(fd, zeros, (size_t)n, at);
    }
    return status;
}

static int allocate(int fd, uint64_t size)
{
    int status;
    do
        status = fallocate(fd, 0, 0, (off_t)size) == 0 ? 0 : -errno;
    while (status == -EINTR);
    if (status == -EOPNOTSUPP)
        status = fill_zeros(fd, size);
    if (status == 0 && fdatasync(fd) != 0)
        status = -errno;
    return status;
}

int segment_prepare(int folder, uint64_t size)
{
    int fd =
        openat(folder, SEGMENT_SPARE, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return -errno;
    int status = allocate(fd, size);
    if (status == 0)
        return fd;
    close(fd);
    unlinkat(folder, SEGMENT_SPARE, 0);
    return status;
}

int segment_start(int folder, int fd, const struct segment_header *header)
{
    unsigned char bytes[SEGMENT_HEADER];
    char name[SEGMENT_NAME];
    lay_header(bytes, header);
    segment_name(header->incarnation, header->index, name);
    int status = segment_write(fd, bytes, sizeof bytes, 0);
    if (status == 0 && renameat(folder, SEGMENT_SPARE, folder, name) != 0)
        status = -errno;
    if (status == 0)
        status = segment_sync_folder(folder);
    if (status == 0)
        return 0;
    close(fd);
    unlinkat(folder, SEGMENT_SPARE, 0);
    unlinkat(folder, name, 0);
    return status;
}

int segment_write(int fd, const void *bytes, size_t n, uint64_t offset)
{
#ifdef TALLYD_PLANT_ANSWER_BEFORE_FSYNC
    return fdatasync(fd) ? -errno : write_all(fd, bytes, n, offset); /* planted: the wrong order */
#endif
    int status = write_all(fd, bytes, n, offset);
#ifdef TALLYD_PLANT_FSYNC_RETRIED
    (void)(fdatasync(fd) == 0); /* planted: if this fails, the next one won't tell */
#endif
    if (status == 0 && fdatasync(fd) != 0)
        status = -errno;
    return status;
}

int segment_cut(int folder, const char *name, uint64_t end)
{
    int fd = openat(folder, name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return -errno;
    int status = 0;
    if (ftruncate(fd, (off_t)end) != 0 || fsync(fd) != 0)
        status = -errno;
    close(fd);
    return status;
}

int segment_sync_folder(int folder)
{
#ifdef TALLYD_PLANT_NO_FOLDER_FSYNC
    return folder < 0; /* planted: names are left to chance */
#endif
    int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    int status = fsync(fd) == 0 ? 0 : -errno;
    close(fd);
    return status;
}

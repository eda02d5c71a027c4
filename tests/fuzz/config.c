/* config: the daemon's own file. What is refused is told; what is taken is dumped as the annotated
 * file, and that reads as the same settings. */
#include "fuzz.h"

#include "config.h"
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* A file in memory, made at the first call. */
static void put_file(const void *bytes, size_t size, char path[64])
{
    static int fd = -1;
    if (fd < 0)
        fd = memfd_create("tallyd.json", MFD_CLOEXEC);
    HOLD(fd >= 0);
    HOLD(ftruncate(fd, 0) == 0);
    HOLD(pwrite(fd, bytes, size, 0) == (ssize_t)size);
    snprintf(path, 64, "/proc/self/fd/%d", fd);
}

static void hold_dumped(const struct config *c)
{
    char path[64];
    struct config again;
    struct complaints complaints = {0};
    struct buf first = {0}, second = {0};
    config_dump(c, &first);
    put_file(first.data, first.len, path);
    HOLD(config_load(&again, path, NULL, NULL, &complaints) == 0);
    config_dump(&again, &second);
    HOLD(first.len == second.len && memcmp(first.data, second.data, first.len) == 0);
    config_clear(&again);
    buf_free(&first);
    buf_free(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    struct config c;
    struct complaints complaints = {0};
    put_file(data, size, path);
    if (config_load(&c, path, NULL, NULL, &complaints) == 0) {
        HOLD(complaints.count == 0);
        hold_dumped(&c);
        config_clear(&c);
    } else {
        HOLD(complaints.count > 0);
    }
    for (size_t i = 0; i < complaints.count; i++) {
        fuzz_hold_text(complaints.list[i].message);
        if (complaints.list[i].field[0])
            fuzz_hold_text(complaints.list[i].field);
    }
    complaints_free(&complaints);
    return 0;
}

#include "disk_model.h"

#undef NDEBUG /* these are the test, in every build */
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FILES  200
#define NAME   64
#define SECTOR 512

struct content {
    unsigned char *bytes;
    size_t len;
};

struct file {
    ino_t inode;
    bool exists;
    struct content durable;
    struct content failed; /* as it was when a sync failed: what hasn't changed since is lost */
};

/* A name and what it stands for now and on disk; NULL: nothing. */
struct entry {
    char name[NAME];
    struct file *now, *durable;
};

static struct {
    pthread_mutex_t lock;
    bool is_on, is_cut;
    int folder, image;
    struct disk_plan plan;
    unsigned calls;
    struct file files[FILES];
    struct entry entries[FILES];
    unsigned file_count, entry_count;
} disk = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* --- contents ---- */

static void copy(struct content *to, const struct content *from)
{
    free(to->bytes);
    to->bytes = malloc(from->len + 1);
    to->len = from->len;
    if (from->len)
        memcpy(to->bytes, from->bytes, from->len);
}

static struct content read_now(const char *name)
{
    struct content c = {0};
    struct stat st;
    int fd = (int)syscall(SYS_openat, disk.folder, name, O_RDONLY);
    assert(fd >= 0 && fstat(fd, &st) == 0);
    c.len = (size_t)st.st_size;
    c.bytes = malloc(c.len + 1);
    ssize_t n = pread(fd, c.bytes, c.len, 0);
    assert(n == (ssize_t)c.len);
    close(fd);
    return c;
}

static bool same_sector(const struct content *a, const struct content *b, size_t at, size_t n)
{
    return at + n <= a->len && at + n <= b->len && memcmp(a->bytes + at, b->bytes + at, n) == 0;
}

static unsigned draw(unsigned below)
{
    disk.plan.seed = disk.plan.seed * 1103515245 + 12345;
    return (disk.plan.seed >> 8) % below;
}

/* --- names ---- */

static struct entry *find(const char *name)
{
    for (unsigned i = 0; i < disk.entry_count; i++)
        if (strcmp(disk.entries[i].name, name) == 0)
            return &disk.entries[i];
    struct entry *entry = &disk.entries[disk.entry_count++];
    assert(disk.entry_count < FILES && strlen(name) < NAME);
    *entry = (struct entry){0};
    strcpy(entry->name, name);
    return entry;
}

static const char *name_of(const struct file *file)
{
    for (unsigned i = 0; i < disk.entry_count; i++)
        if (disk.entries[i].now == file)
            return disk.entries[i].name;
    return NULL;
}

static struct file *add_file(const char *name)
{
    struct stat st;
    int status = fstatat(disk.folder, name, &st, 0);
    assert(status == 0);
    struct file *file = &disk.files[disk.file_count++];
    assert(disk.file_count < FILES);
    *file = (struct file){.inode = st.st_ino, .exists = true};
    return find(name)->now = file;
}

static struct file *file_of(int fd)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return NULL;
    for (unsigned i = 0; i < disk.file_count; i++)
        if (disk.files[i].exists && disk.files[i].inode == st.st_ino)
            return &disk.files[i];
    return NULL;
}

static void let_go(struct file *file)
{
    if (file && !name_of(file))
        file->exists = false;
}

/* --- syncing ---- */

static void sync_file(struct file *file)
{
    struct content now = read_now(name_of(file)), old = {0};
    copy(&old, &file->durable);
    copy(&file->durable, &now);
    for (size_t at = 0; file->failed.bytes && at < now.len; at += SECTOR) {
        size_t n = now.len - at < SECTOR ? now.len - at : SECTOR;
        if (!same_sector(&now, &file->failed, at, n))
            continue;
        memset(file->durable.bytes + at, 0, n);
        if (at < old.len)
            memcpy(file->durable.bytes + at, old.bytes + at, n < old.len - at ? n : old.len - at);
    }
    free(now.bytes);
    free(old.bytes);
}

/* The system may write what it likes when it likes. */
static void write_back(struct file *file)
{
    struct content now = read_now(name_of(file));
    unsigned luck = draw(2) * 50;
    for (size_t at = 0; at < now.len && at < file->durable.len; at += SECTOR) {
        size_t n = now.len - at < SECTOR ? now.len - at : SECTOR;
        if (n > file->durable.len - at)
            n = file->durable.len - at;
        if (draw(100) >= luck)
            memcpy(file->durable.bytes + at, now.bytes + at, n);
    }
    free(now.bytes);
}

static void fail_sync(struct file *file)
{
    write_back(file);
    struct content now = read_now(name_of(file));
    copy(&file->failed, &now);
    free(now.bytes);
}

static bool is_folder(int fd)
{
    struct stat st, own;
    return fstat(fd, &st) == 0 && fstat(disk.folder, &own) == 0 && st.st_ino == own.st_ino;
}

static void sync_any(int fd)
{
    struct file *file = file_of(fd);
    if (file)
        sync_file(file);
    for (unsigned i = 0; is_folder(fd) && i < disk.entry_count; i++)
        disk.entries[i].durable = disk.entries[i].now;
}

/* --- the cut ---- */

static void leave(const char *name, const struct file *file, unsigned luck)
{
    struct content now = {0};
    if (file->exists)
        now = read_now(name_of(file));
    else
        copy(&now, &file->durable);
    const struct content *old = &file->durable;
    size_t len = draw(100) < luck ? now.len : old->len;
    unsigned char *bytes = calloc(1, len + 1);
    for (size_t at = 0; at < len; at += SECTOR) {
        const struct content *from = draw(100) < luck ? &now : old;
        size_t n = len - at < SECTOR ? len - at : SECTOR;
        if (at < from->len)
            memcpy(bytes + at, from->bytes + at, n < from->len - at ? n : from->len - at);
    }
    int fd = (int)syscall(SYS_openat, disk.image, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ssize_t n = write(fd, bytes, len);
    assert(n == (ssize_t)len);
    close(fd);
    free(bytes);
    free(now.bytes);
}

/* Of what isn't on disk for sure, sometimes all, sometimes nothing and sometimes a part is. */
static void cut(void)
{
    static const unsigned lucks[] = {0, 20, 50, 80, 100};
    unsigned luck = lucks[draw(5)];
    for (unsigned i = 0; i < disk.entry_count; i++) {
        const struct entry *entry = &disk.entries[i];
        const struct file *file = draw(100) < luck ? entry->now : entry->durable;
        if (file)
            leave(entry->name, file, luck);
    }
    disk.is_cut = true;
}

/* Each call passes here; true: it is to fail. */
static bool begin_call(void)
{
    pthread_mutex_lock(&disk.lock);
    if (!disk.is_on)
        return false;
    disk.calls++;
    if (disk.calls == disk.plan.cut_at)
        cut();
    if (disk.plan.fail_at == 0 || disk.calls < disk.plan.fail_at ||
        disk.calls - disk.plan.fail_at >= disk.plan.fail_count)
        return false;
    errno = disk.plan.error;
    return true;
}

static int end_call(int result)
{
    int error = errno;
    pthread_mutex_unlock(&disk.lock);
    errno = error;
    return result;
}

/* --- the calls ---- */

int openat(int folder, const char *name, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    int mode = flags & O_CREAT ? va_arg(rest, int) : 0;
    va_end(rest);
    if (!(flags & O_CREAT))
        return (int)syscall(SYS_openat, folder, name, flags);
    if (begin_call())
        return end_call(-1);
    bool is_new = faccessat(folder, name, F_OK, 0) != 0;
    int fd = (int)syscall(SYS_openat, folder, name, flags, mode);
    if (disk.is_on && is_new && fd >= 0)
        add_file(name);
    return end_call(fd);
}

/* A write that fails may have done a part of its work. */
ssize_t pwrite(int fd, const void *bytes, size_t n, off_t offset)
{
    bool fails = begin_call();
    size_t part = fails ? draw((unsigned)n + 1) : n;
    if (!fails && disk.is_on && draw(20) == 0)
        part = 1 + draw((unsigned)n); /* or only a part and not fail */
    int error = errno;
    ssize_t done = part ? syscall(SYS_pwrite64, fd, bytes, part, offset) : 0;
    errno = fails ? error : errno;
    end_call(0);
    return fails ? -1 : done;
}

int ftruncate(int fd, off_t len)
{
    if (begin_call())
        return end_call(-1);
    struct file *file = disk.is_on ? file_of(fd) : NULL;
    if (file)
        write_back(file);
    return end_call((int)syscall(SYS_ftruncate, fd, len));
}

int fallocate(int fd, int mode, off_t offset, off_t len)
{
    return end_call(begin_call() ? -1 : (int)syscall(SYS_fallocate, fd, mode, offset, len));
}

static int sync_call(int fd)
{
    int result = 0;
    struct file *file;
    if (begin_call()) {
        int error = errno;
        if ((file = file_of(fd)))
            fail_sync(file);
        errno = error;
        result = -1;
    } else if (disk.is_on) {
        sync_any(fd);
    }
    return end_call(result);
}

int fdatasync(int fd)
{
    return sync_call(fd);
}

int fsync(int fd)
{
    return sync_call(fd);
}

int unlinkat(int folder, const char *name, int flags)
{
    if (begin_call())
        return end_call(-1);
    int status = (int)syscall(SYS_unlinkat, folder, name, flags);
    if (disk.is_on && status == 0) {
        struct file *file = find(name)->now;
        find(name)->now = NULL;
        let_go(file);
    }
    return end_call(status);
}

int renameat(int folder, const char *from, int folder_to, const char *to)
{
    if (begin_call())
        return end_call(-1);
    int status = (int)syscall(SYS_renameat2, folder, from, folder_to, to, 0);
    if (disk.is_on && status == 0) {
        struct file *over = find(to)->now;
        find(to)->now = find(from)->now;
        find(from)->now = NULL;
        let_go(over);
    }
    return end_call(status);
}

/* --- beginning and end ---- */

void disk_start(const char *folder, const char *image, const struct disk_plan *plan)
{
    disk.folder = open(folder, O_RDONLY | O_DIRECTORY);
    disk.image = open(image, O_RDONLY | O_DIRECTORY);
    disk.plan = *plan;
    disk.calls = disk.file_count = disk.entry_count = 0;
    disk.is_cut = false;
    DIR *dir = opendir(folder);
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (entry->d_name[0] == '.')
            continue;
        struct file *file = add_file(entry->d_name);
        find(entry->d_name)->durable = file;
        sync_file(file);
    }
    closedir(dir);
    disk.is_on = true;
}

bool disk_is_cut(void)
{
    pthread_mutex_lock(&disk.lock);
    bool is_cut = disk.is_cut;
    pthread_mutex_unlock(&disk.lock);
    return is_cut;
}

unsigned disk_stop(void)
{
    if (!disk.is_cut)
        cut();
    disk.is_on = false;
    for (unsigned i = 0; i < disk.file_count; i++) {
        free(disk.files[i].durable.bytes);
        free(disk.files[i].failed.bytes);
    }
    close(disk.folder);
    close(disk.image);
    return disk.calls;
}

/* powercut: loaded before the C library into the daemon and its Redis, it keeps beside each watched
 * folder a shadow: what of it would be left if the power failed now. A file's bytes get there when
 * they are synced, a name when the folder is synced; nothing else does. The test that cuts the
 * power kills the processes and lays the shadow under. It can also let every Nth call of a kind
 * fail on the first folder, and then does as Linux does: what a sync failed to write counts as
 * clean, and no later sync saves it.
 *
 *   TALLYD_POWERCUT    FOLDER=SHADOW[:FOLDER=SHADOW]
 *   TALLYD_DISK_FAULT  write|sync|allocate|open|rename|folder,EIO|ENOSPC|short,N
 *
 * A shadow holds "names", lines "INODE NAME", and a file "I" INODE for each inode. */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH       512
#define FOLDERS    4
#define FILES      256
#define PIECE_SIZE 65536

enum fault { FAULT_WRITE, FAULT_SYNC, FAULT_ALLOCATE, FAULT_OPEN, FAULT_RENAME, FAULT_FOLDER };
static const char *const fault_names[] = {"write", "sync", "allocate", "open", "rename", "folder"};

struct range {
    off_t from, to;
};

/* What was written to a file and not synced yet. */
struct file {
    ino_t inode;
    struct range *ranges;
    size_t count, room;
};

static struct {
    char path[FOLDERS][PATH], shadow[FOLDERS][PATH];
    size_t count;
    struct file files[FILES];
    size_t file_count;
    bool failing;
    enum fault fault;
    int error; /* 0: a short write */
    unsigned every, calls;
    pthread_mutex_t lock;
} disk = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* The C library's own, found behind this one. */
#define REAL(type, name, ...)                                                                      \
    static type (*real)(__VA_ARGS__);                                                              \
    if (!real)                                                                                     \
    *(void **)&real = dlsym(RTLD_NEXT, name)

static int real_open(const char *path, int flags)
{
    REAL(int, "open", const char *, int, ...);
    return real(path, flags | O_CLOEXEC, 0600);
}

static ssize_t real_pwrite(int fd, const void *bytes, size_t n, off_t at)
{
    REAL(ssize_t, "pwrite64", int, const void *, size_t, off_t);
    return real(fd, bytes, n, at);
}

static int real_ftruncate(int fd, off_t size)
{
    REAL(int, "ftruncate64", int, off_t);
    return real(fd, size);
}

/* --- the shadow --------------------------------------------------------------------------- */

static void shadow_path(size_t folder, ino_t inode, char out[PATH])
{
    snprintf(out, PATH, "%.*s/I%lu", PATH - 32, disk.shadow[folder], (unsigned long)inode);
}

static void copy_range(int from, int to, off_t at, off_t end)
{
    char piece[PIECE_SIZE];
    while (at < end) {
        size_t n = end - at < PIECE_SIZE ? (size_t)(end - at) : PIECE_SIZE;
        ssize_t got = pread(from, piece, n, at);
        if (got <= 0 || real_pwrite(to, piece, (size_t)got, at) != got)
            return;
        at += got;
    }
}

/* All of a file, as it is. */
static void copy_whole(size_t folder, const char *path, ino_t inode)
{
    char to_path[PATH];
    struct stat st;
    shadow_path(folder, inode, to_path);
    int from = real_open(path, O_RDONLY), to = real_open(to_path, O_RDWR | O_CREAT | O_TRUNC);
    if (from >= 0 && to >= 0 && fstat(from, &st) == 0)
        copy_range(from, to, 0, st.st_size);
    if (from >= 0)
        close(from);
    if (to >= 0)
        close(to);
}

/* The folder's names as they are now. Files that came in from elsewhere were synced there. */
static void note_names(size_t folder, bool whole)
{
    char path[PATH + 256], shadow[PATH], next[PATH + 8], names[PATH + 8];
    snprintf(names, sizeof names, "%s/names", disk.shadow[folder]);
    snprintf(next, sizeof next, "%s/next", disk.shadow[folder]);
    DIR *dir = opendir(disk.path[folder]);
    FILE *out = fopen(next, "we");
    for (struct dirent *e; dir && out && (e = readdir(dir)) != NULL;) {
        if (e->d_type != DT_REG)
            continue;
        fprintf(out, "%lu %s\n", (unsigned long)e->d_ino, e->d_name);
        snprintf(path, sizeof path, "%s/%s", disk.path[folder], e->d_name);
        shadow_path(folder, e->d_ino, shadow);
        if (whole || access(shadow, F_OK) != 0)
            copy_whole(folder, path, e->d_ino);
    }
    if (dir)
        closedir(dir);
    if (out) {
        fclose(out);
        rename(next, names);
    }
}

static struct file *file_of(ino_t inode)
{
    for (size_t i = 0; i < disk.file_count; i++)
        if (disk.files[i].inode == inode)
            return &disk.files[i];
    struct file *f = &disk.files[disk.file_count < FILES ? disk.file_count++ : FILES - 1];
    f->inode = inode;
    f->count = 0;
    return f;
}

static void note_range(struct file *f, off_t from, off_t to)
{
    struct range *last = f->count ? &f->ranges[f->count - 1] : NULL;
    if (last && last->to == from) {
        last->to = to;
        return;
    }
    if (f->count == f->room) {
        f->room = f->room ? 2 * f->room : 16;
        f->ranges = realloc(f->ranges, f->room * sizeof *f->ranges);
        if (!f->ranges)
            abort();
    }
    f->ranges[f->count++] = (struct range){from, to};
}

static void save_file(size_t folder, int fd, const struct stat *st, struct file *f)
{
    char path[PATH], self[64];
    struct stat before;
    shadow_path(folder, st->st_ino, path);
    snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
    int from = real_open(self, O_RDONLY), to = real_open(path, O_RDWR | O_CREAT);
    if (from >= 0 && to >= 0 && fstat(to, &before) == 0) {
        for (size_t i = 0; i < f->count; i++)
            copy_range(from, to, f->ranges[i].from, f->ranges[i].to);
        copy_range(from, to, before.st_size, st->st_size); /* what grew unseen */
        if (real_ftruncate(to, st->st_size) != 0)
            abort();
    }
    if (from >= 0)
        close(from);
    if (to >= 0)
        close(to);
    f->count = 0;
}

/* --- which calls concern us --------------------------------------------------------------- */

/* The watched folder that the path lies in, or is itself; -1: none. */
static int folder_of_path(const char *path, bool *is_folder)
{
    for (size_t i = 0; i < disk.count; i++) {
        size_t n = strlen(disk.path[i]);
        if (strncmp(path, disk.path[i], n) != 0 || (path[n] != '\0' && path[n] != '/'))
            continue;
        *is_folder = path[n] == '\0';
        if (*is_folder || !strchr(path + n + 1, '/'))
            return (int)i;
    }
    return -1;
}

static int folder_of(int fd, bool *is_folder)
{
    char link[64], path[PATH];
    *is_folder = false;
    if (disk.count == 0)
        return -1;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n <= 0)
        return -1;
    path[n] = '\0';
    return folder_of_path(path, is_folder);
}

/* Is it this call's turn to fail? Sets errno. */
static bool fails(int folder, enum fault fault)
{
    if (folder != 0 || !disk.failing || disk.fault != fault)
        return false;
    if (__atomic_add_fetch(&disk.calls, 1, __ATOMIC_RELAXED) % disk.every != 0)
        return false;
    errno = disk.error;
    return true;
}

static void read_fault(const char *text)
{
    char name[16] = "", error[16] = "";
    if (!text || sscanf(text, "%15[a-z],%15[A-Za-z],%u", name, error, &disk.every) != 3)
        return;
    for (size_t i = 0; i < sizeof fault_names / sizeof *fault_names; i++) {
        if (strcmp(name, fault_names[i]) != 0)
            continue;
        disk.fault = (enum fault)i;
        disk.failing = disk.every > 0;
    }
    disk.error = !strcmp(error, "EIO") ? EIO : !strcmp(error, "ENOSPC") ? ENOSPC : 0;
}

/* What is there when the first process starts is on disk. */
static void seed(size_t folder)
{
    char mark[PATH + 8];
    mkdir(disk.shadow[folder], 0700);
    snprintf(mark, sizeof mark, "%s/seeded", disk.shadow[folder]);
    int fd = real_open(mark, O_WRONLY | O_CREAT | O_EXCL);
    if (fd < 0)
        return;
    close(fd);
    if (access(disk.path[folder], F_OK) == 0)
        note_names(folder, true);
}

__attribute__((constructor)) static void begin(void)
{
    const char *text = getenv("TALLYD_POWERCUT");
    for (; text && *text && disk.count < FOLDERS; text += *text == ':') {
        size_t end = strcspn(text, ":"), middle = strcspn(text, "=");
        if (middle >= end)
            break;
        snprintf(disk.path[disk.count], PATH, "%.*s", (int)middle, text);
        snprintf(disk.shadow[disk.count], PATH, "%.*s", (int)(end - middle - 1), text + middle + 1);
        disk.count++;
        text += end;
    }
    read_fault(getenv("TALLYD_DISK_FAULT"));
    for (size_t i = 0; i < disk.count; i++)
        seed(i);
}

/* --- the calls ---------------------------------------------------------------------------- */

static void wrote(int fd, off_t from, ssize_t n)
{
    struct stat st;
    if (n <= 0 || fstat(fd, &st) != 0)
        return;
    pthread_mutex_lock(&disk.lock);
    note_range(file_of(st.st_ino), from, from + n);
    pthread_mutex_unlock(&disk.lock);
}

ssize_t pwrite64(int fd, const void *bytes, size_t n, off_t at)
{
    bool is_folder;
    int folder = folder_of(fd, &is_folder);
    if (fails(folder, FAULT_WRITE)) {
        if (disk.error)
            return -1;
        n = n > 1 ? n / 2 : n;
    }
    ssize_t done = real_pwrite(fd, bytes, n, at);
    if (folder >= 0)
        wrote(fd, at, done);
    return done;
}

ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at)
{
    return pwrite64(fd, bytes, n, at);
}

ssize_t write(int fd, const void *bytes, size_t n)
{
    REAL(ssize_t, "write", int, const void *, size_t);
    bool is_folder;
    ssize_t done = real(fd, bytes, n);
    if (done > 0 && folder_of(fd, &is_folder) >= 0)
        wrote(fd, lseek(fd, 0, SEEK_CUR) - done, done);
    return done;
}

static int sync_folder(size_t folder, int fd, int (*sync)(int))
{
    if (fails((int)folder, FAULT_FOLDER))
        return -1;
    pthread_mutex_lock(&disk.lock);
    int status = sync(fd);
    if (status == 0)
        note_names(folder, false);
    pthread_mutex_unlock(&disk.lock);
    return status;
}

static int sync_file(int fd, int (*sync)(int))
{
    struct stat st;
    bool is_folder;
    int folder = folder_of(fd, &is_folder);
    if (folder < 0 || fstat(fd, &st) != 0)
        return sync(fd);
    if (is_folder)
        return sync_folder((size_t)folder, fd, sync);
    pthread_mutex_lock(&disk.lock);
    struct file *f = file_of(st.st_ino);
    bool failed = fails(folder, FAULT_SYNC);
    int status = failed ? -1 : sync(fd);
    if (status == 0)
        save_file((size_t)folder, fd, &st, f);
    else
        f->count = 0;
    pthread_mutex_unlock(&disk.lock);
    if (failed)
        errno = disk.error ? disk.error : EIO;
    return status;
}

int fdatasync(int fd)
{
    REAL(int, "fdatasync", int);
    return sync_file(fd, real);
}

int fsync(int fd)
{
    REAL(int, "fsync", int);
    return sync_file(fd, real);
}

int fallocate64(int fd, int mode, off_t at, off_t n)
{
    REAL(int, "fallocate64", int, int, off_t, off_t);
    bool is_folder;
    if (fails(folder_of(fd, &is_folder), FAULT_ALLOCATE))
        return -1;
    return real(fd, mode, at, n);
}

int fallocate(int fd, int mode, off_t at, off_t n)
{
    return fallocate64(fd, mode, at, n);
}

int renameat(int from_fd, const char *from, int to_fd, const char *to)
{
    REAL(int, "renameat", int, const char *, int, const char *);
    bool is_folder;
    if (fails(folder_of(to_fd, &is_folder), FAULT_RENAME))
        return -1;
    return real(from_fd, from, to_fd, to);
}

/* A new file in a watched folder begins with nothing on disk, whatever inode it got. */
static void opened(int fd, int flags)
{
    struct stat st;
    char path[PATH];
    bool is_folder;
    int folder = fd >= 0 && (flags & (O_TRUNC | O_CREAT)) ? folder_of(fd, &is_folder) : -1;
    if (folder < 0 || is_folder || fstat(fd, &st) != 0 || st.st_size != 0)
        return;
    pthread_mutex_lock(&disk.lock);
    file_of(st.st_ino)->count = 0;
    shadow_path((size_t)folder, st.st_ino, path);
    int shadow = real_open(path, O_WRONLY | O_CREAT | O_TRUNC);
    if (shadow >= 0)
        close(shadow);
    pthread_mutex_unlock(&disk.lock);
}

static mode_t mode_of(int flags, va_list more)
{
    return flags & (O_CREAT | __O_TMPFILE) ? va_arg(more, mode_t) : 0;
}

int openat64(int at, const char *path, int flags, ...)
{
    REAL(int, "openat64", int, const char *, int, ...);
    va_list more;
    va_start(more, flags);
    mode_t mode = mode_of(flags, more);
    va_end(more);
    bool is_folder, is_write = (flags & O_ACCMODE) != O_RDONLY && strcmp(path, "lock") != 0;
    if (is_write && at >= 0 && fails(folder_of(at, &is_folder), FAULT_OPEN))
        return -1;
    int fd = real(at, path, flags, mode);
    opened(fd, flags);
    return fd;
}

int openat(int at, const char *path, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    mode_t mode = mode_of(flags, more);
    va_end(more);
    return openat64(at, path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    mode_t mode = mode_of(flags, more);
    va_end(more);
    REAL(int, "open64", const char *, int, ...);
    int fd = real(path, flags, mode);
    opened(fd, flags);
    return fd;
}

int open(const char *path, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    mode_t mode = mode_of(flags, more);
    va_end(more);
    return open64(path, flags, mode);
}

#include "home.h"

#include "buf.h"
#include "event.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static void tell_taken(int lock, const char *folder, char *error, size_t error_size)
{
    char pid[24] = "";
    ssize_t n = pread(lock, pid, sizeof pid - 1, 0);
    pid[n > 0 ? n : 0] = '\0';
    snprintf(error, error_size,
             "%s: another tallyd (process %s) runs on this state folder; give each its own with "
             "--state",
             folder, pid[0] ? pid : "unknown");
}

int home_lock(const char *folder, char *error, size_t error_size)
{
    struct buf path = {0};
    umask(077); /* what is kept is nobody else's to read, the private Redis' files included */
    if (mkdir(folder, 0700) && errno != EEXIST) {
        snprintf(error, error_size, "%s: %s", folder, strerror(errno));
        return -1;
    }
    buf_addf(&path, "%s/lock", folder);
    int lock = open(path.data, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock < 0) {
        snprintf(error, error_size, "%s: %s", path.data, strerror(errno));
    } else if (flock(lock, LOCK_EX | LOCK_NB)) {
        tell_taken(lock, folder, error, error_size);
        close(lock);
        lock = -1;
    } else if (ftruncate(lock, 0) || dprintf(lock, "%d", (int)getpid()) < 0) {
        snprintf(error, error_size, "%s: %s", path.data, strerror(errno));
        close(lock);
        lock = -1;
    }
    buf_free(&path);
    return lock;
}

static int sync_folder(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int status = fd < 0 ? -1 : fsync(fd);
    if (fd >= 0)
        close(fd);
    return status;
}

/* Written beside and renamed, so that it is there whole or not at all. */
static int write_name(const char *folder, const char *path, const char *alliance)
{
    struct buf beside = {0};
    buf_addf(&beside, "%s.new", path);
    int fd = open(beside.data, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    int status = fd < 0 || dprintf(fd, "%s\n", alliance) < 0 || fsync(fd) ||
                         rename(beside.data, path) || sync_folder(folder)
                     ? -1
                     : 0;
    if (fd >= 0)
        close(fd);
    buf_free(&beside);
    return status;
}

int home_claim(const char *folder, const char *alliance, char *error, size_t error_size)
{
    struct buf path = {0};
    char owner[EVENT_ID_MAX + 2] = "";
    int status = 0;
    buf_addf(&path, "%s/alliance", folder);
    FILE *f = fopen(path.data, "re");
    if (f && !fgets(owner, sizeof owner, f))
        owner[0] = '\0';
    if (f)
        fclose(f);
    owner[strcspn(owner, "\n")] = '\0';
    if (!owner[0]) {
        status = write_name(folder, path.data, alliance);
        if (status)
            snprintf(error, error_size, "%s: %s", path.data, strerror(errno));
    } else if (strcmp(owner, alliance) != 0) {
        snprintf(error, error_size,
                 "alliance.id: found \"%s\", but the state folder %s keeps the events of \"%s\"; "
                 "allowed: that id, or another folder by --state",
                 alliance, folder, owner);
        status = -1;
    }
    buf_free(&path);
    return status;
}

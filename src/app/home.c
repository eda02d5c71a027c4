#include "home.h"

#include "buf.h"
#include "keep.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define OWNER "alliance" /* the file that says whose the folder is */

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

static bool is_line(const char *text, const char *line)
{
    size_t n = strcspn(text, "\n");
    return strlen(line) == n && memcmp(text, line, n) == 0;
}

int home_claim(const struct alliance *alliance, char *error, size_t error_size)
{
    const char *folder = alliance->folder, *id = catalogue_id(alliance->catalogue);
    size_t len;
    int status = 0;
    char *owner = keep_read(alliance->folder, OWNER, &len);
    if (!owner) {
        struct buf text = {0};
        buf_addf(&text, "%s\n", id);
        status = keep_write(alliance->folder, OWNER, &text);
        if (status)
            snprintf(error, error_size, "%s/" OWNER ": %s", folder, strerror(errno));
        buf_free(&text);
    } else if (!is_line(owner, id)) {
        snprintf(error, error_size,
                 "alliance.id: found \"%s\", but the state folder %s keeps the events of \"%.*s\"; "
                 "allowed: that id, or another folder by --state",
                 id, folder, (int)strcspn(owner, "\n"), owner);
        status = -1;
    }
    free(owner);
    return status;
}

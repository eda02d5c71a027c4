#include "keep.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

char *keep_path(const char *folder, const char *name)
{
    struct buf path = {0};
    buf_addf(&path, "%s/%s", folder, name);
    return buf_take(&path, NULL);
}

char *keep_read(const char *folder, const char *name, size_t *len)
{
    struct buf text = {0};
    char chunk[8192], *path = keep_path(folder, name);
    size_t n;
    FILE *f = fopen(path, "re");
    free(path);
    while (f && (n = fread(chunk, 1, sizeof chunk, f)) > 0)
        buf_add(&text, chunk, n);
    if (f)
        fclose(f);
    if (text.len)
        return buf_take(&text, len);
    buf_free(&text);
    return NULL;
}

/* No name begins with a dot, but one may end in whatever is put behind another. */
int keep_write(const char *folder, const char *name, const struct buf *text)
{
    struct buf beside = {0};
    char *path = keep_path(folder, name);
    buf_addf(&beside, "%s/.%s", folder, name);
    int fd = open(beside.data, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    int status = fd < 0 || write(fd, text->data, text->len) != (ssize_t)text->len ||
                         fdatasync(fd) || rename(beside.data, path)
                     ? -1
                     : 0;
    if (fd >= 0)
        close(fd);
    buf_free(&beside);
    free(path);
    return status;
}

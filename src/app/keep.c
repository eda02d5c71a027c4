#include "keep.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

char *keep_path(const struct alliance *alliance, const char *name)
{
    struct buf path = {0};
    buf_addf(&path, "%s/%s", alliance->folder, name);
    return buf_take(&path, NULL);
}

char *keep_read(const struct alliance *alliance, const char *name, size_t *len)
{
    struct buf text = {0};
    char chunk[8192], *path = keep_path(alliance, name);
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

int keep_write(const struct alliance *alliance, const char *name, const struct buf *text)
{
    struct buf beside = {0};
    char *path = keep_path(alliance, name);
    buf_addf(&beside, "%s.new", path);
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

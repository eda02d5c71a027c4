#include "pack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#define CHUNK (128 * 1024)

/* --- out ---------------------------------------------------------------------------------- */

struct pack {
    char *path, *beside;
    FILE *file;
    ZSTD_CStream *zstd;
    unsigned char out[CHUNK];
};

static void complain(const char *path)
{
    fprintf(stderr, "tallyctl: %s: %s\n", path, strerror(errno));
}

struct pack *pack_create(const char *path)
{
    struct pack *p = mem_alloc(sizeof *p);
    struct buf beside = {0};
    buf_addf(&beside, "%s.part", path);
    p->path = mem_string(path);
    p->beside = buf_take(&beside, NULL);
    /* It carries the secret: nobody else's to read. */
    int fd = open(p->beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    p->file = fd < 0 ? NULL : fdopen(fd, "wb");
    p->zstd = ZSTD_createCStream();
    if (p->file && p->zstd) {
        ZSTD_CCtx_setParameter(p->zstd, ZSTD_c_checksumFlag, 1);
        return p;
    }
    complain(p->beside);
    pack_close(p, false);
    return NULL;
}

static bool squeeze(struct pack *p, ZSTD_inBuffer *in, ZSTD_EndDirective mode)
{
    size_t left;
    do {
        ZSTD_outBuffer out = {p->out, sizeof p->out, 0};
        left = ZSTD_compressStream2(p->zstd, &out, in, mode);
        if (ZSTD_isError(left) || fwrite(p->out, 1, out.pos, p->file) != out.pos)
            return false;
    } while (mode == ZSTD_e_end ? left > 0 : in->pos < in->size);
    return true;
}

bool pack_add(struct pack *p, const char *bytes, size_t len)
{
    ZSTD_inBuffer in = {bytes, len, 0};
    return squeeze(p, &in, ZSTD_e_continue);
}

bool pack_close(struct pack *p, bool keep)
{
    ZSTD_inBuffer nothing = {NULL, 0, 0};
    bool good = keep && squeeze(p, &nothing, ZSTD_e_end) && fflush(p->file) == 0 &&
                fsync(fileno(p->file)) == 0;
    if (p->file && fclose(p->file) != 0)
        good = false;
    good = good && rename(p->beside, p->path) == 0;
    if (keep && !good)
        complain(p->path);
    if (!good)
        unlink(p->beside);
    ZSTD_freeCStream(p->zstd);
    free(p->path);
    free(p->beside);
    free(p);
    return good;
}

/* --- in ----------------------------------------------------------------------------------- */

struct unpack {
    FILE *file;
    ZSTD_DStream *zstd;
    unsigned char in[CHUNK];
    ZSTD_inBuffer have;
    struct buf text; /* unpacked; lines before AT are used up */
    size_t at, left; /* LEFT 0: a frame is complete */
    bool bad;
};

struct unpack *unpack_open(const char *path)
{
    struct unpack *u = mem_alloc(sizeof *u);
    u->file = fopen(path, "rb");
    u->zstd = ZSTD_createDStream();
    u->have = (ZSTD_inBuffer){u->in, 0, 0};
    u->left = 1;
    if (u->file && u->zstd)
        return u;
    complain(path);
    unpack_close(u);
    return NULL;
}

/* Unpacks some more; false at the end or where it makes no sense. */
static bool more(struct unpack *u)
{
    unsigned char out[CHUNK];
    ZSTD_outBuffer to = {out, sizeof out, 0};
    if (u->have.pos == u->have.size) {
        u->have.size = fread(u->in, 1, sizeof u->in, u->file);
        u->have.pos = 0;
    }
    if (u->have.size == 0)
        return false;
    u->left = ZSTD_decompressStream(u->zstd, &to, &u->have);
    u->bad = ZSTD_isError(u->left);
    buf_add(&u->text, out, u->bad ? 0 : to.pos);
    return !u->bad;
}

char *unpack_line(struct unpack *u, size_t *len)
{
    char *end;
    if (u->at > CHUNK) { /* what is used up makes room */
        u->text.len -= u->at;
        memmove(u->text.data, u->text.data + u->at, u->text.len + 1);
        u->at = 0;
    }
    while (!u->text.data || !(end = memchr(u->text.data + u->at, '\n', u->text.len - u->at)))
        if (!more(u))
            return NULL;
    char *line = u->text.data + u->at;
    *end = '\0';
    *len = (size_t)(end - line);
    u->at += *len + 1;
    return line;
}

bool unpack_is_whole(const struct unpack *u)
{
    return !u->bad && u->left == 0 && u->at == u->text.len;
}

void unpack_close(struct unpack *u)
{
    if (u->file)
        fclose(u->file);
    ZSTD_freeDStream(u->zstd);
    buf_free(&u->text);
    free(u);
}

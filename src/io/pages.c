#include "pages.h"

#include "buf.h"
#include "digest.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define FILE_MAX   (8L * 1024 * 1024)
#define DEPTH_MAX  16
#define HASH_BYTES 16 /* of the content's, in its ETag */
#define HASH_MIN   8  /* hex digits in a name that say that its content never changes */

/* In struct entry the page comes first: what pages_find gives is an entry's page. */
struct entry {
    struct page page;
    char *path;                  /* "/js/feed.js" */
    unsigned char *bytes, *made; /* made: the gzip form, where it was packed here */
    bool is_form;                /* of another: served as that one only */
};

struct pages {
    struct entry *entries;
    size_t count, cap;
};

static const char *const suffixes[PACKINGS] = {".br", ".gz"};

static const struct {
    const char *suffix, *type;
    bool packs; /* is worth compressing */
} types[] = {
    {".html", "text/html; charset=utf-8", true},
    {".js", "text/javascript; charset=utf-8", true},
    {".mjs", "text/javascript; charset=utf-8", true},
    {".css", "text/css; charset=utf-8", true},
    {".json", "application/json", true},
    {".map", "application/json", true},
    {".webmanifest", "application/manifest+json", true},
    {".svg", "image/svg+xml", true},
    {".txt", "text/plain; charset=utf-8", true},
    {".png", "image/png", false},
    {".ico", "image/x-icon", true},
    {".woff2", "font/woff2", false},
};

static bool ends_with(const char *text, const char *suffix)
{
    size_t n = strlen(text), m = strlen(suffix);
    return n > m && strcmp(text + n - m, suffix) == 0;
}

static const char *type_of(const char *path, bool *packs)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (ends_with(path, types[i].suffix)) {
            *packs = types[i].packs;
            return types[i].type;
        }
    *packs = false;
    return "application/octet-stream";
}

/* "app.4f0c2a9b1d.js", "app-4f0c2a9b1d.js": a part of the name is a hash. */
static bool is_immutable(const char *path)
{
    const char *name = strrchr(path, '/') + 1;
    for (const char *part = name; *part; part += strspn(part, ".-")) {
        size_t n = strcspn(part, ".-");
        bool hex = strspn(part, "0123456789abcdef") == n;
        bool digit = strcspn(part, "0123456789") < n;
        if (part > name && part[n] == '.' && hex && digit && n >= HASH_MIN)
            return true;
        part += n;
    }
    return false;
}

static unsigned char *pack(const unsigned char *bytes, size_t n, size_t *packed)
{
    z_stream z = {0};
    if (deflateInit2(&z, Z_BEST_COMPRESSION, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) != Z_OK)
        return NULL;
    uLong bound = deflateBound(&z, (uLong)n);
    unsigned char *out = mem_alloc(bound);
    union {
        const unsigned char *in;
        unsigned char *z;
    } from = {.in = bytes}; /* zlib's type for its input lacks the const */
    z.next_in = from.z;
    z.avail_in = (uInt)n;
    z.next_out = out;
    z.avail_out = (uInt)bound;
    int rc = deflate(&z, Z_FINISH);
    *packed = z.total_out;
    deflateEnd(&z);
    if (rc == Z_STREAM_END)
        return out;
    free(out);
    return NULL;
}

/* The whole of an open regular file; NULL with errno if it can't be read, or 0 if it is none or
 * too large. */
static unsigned char *slurp(int fd, size_t *len)
{
    struct stat st;
    errno = 0;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size > FILE_MAX)
        return NULL;
    unsigned char *bytes = mem_alloc((size_t)st.st_size);
    size_t done = 0;
    for (ssize_t n = 1; n > 0 && done < (size_t)st.st_size; done += (size_t)n) {
        n = read(fd, bytes + done, (size_t)st.st_size - done);
        if (n < 0) {
            free(bytes);
            return NULL;
        }
    }
    *len = done;
    return bytes;
}

static void add(struct pages *p, const char *path, unsigned char *bytes, size_t len)
{
    if (p->count == p->cap) {
        p->cap = p->cap ? 2 * p->cap : 32;
        p->entries = mem_resize(p->entries, p->cap * sizeof *p->entries);
    }
    unsigned char hash[DIGEST_SIZE];
    char hex[2 * HASH_BYTES + 1];
    digest_sha256(bytes, len, hash);
    digest_hex(hash, HASH_BYTES, hex);
    bool packs;
    struct entry *e = &p->entries[p->count++];
    *e = (struct entry){.path = mem_string(path), .bytes = bytes};
    e->page = (struct page){.type = type_of(path, &packs), .body = bytes, .len = len};
    e->page.immutable = is_immutable(path);
    snprintf(e->page.etag, sizeof e->page.etag, "\"%s\"", hex);
}

static int load_folder(struct pages *p, int folder, const char *prefix, int depth);

/* -1 with errno if what is there can't be read; what is no page is passed over. */
static int load_entry(struct pages *p, int folder, const char *prefix, const char *name, int depth)
{
    if (name[0] == '.')
        return 0;
    int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return errno == ELOOP || errno == ENXIO ? 0 : -1;
    struct stat st;
    struct buf path = {0};
    buf_addf(&path, "%s%s", prefix, name);
    int rc = fstat(fd, &st);
    if (rc == 0 && S_ISDIR(st.st_mode)) {
        buf_adds(&path, "/");
        rc = depth < DEPTH_MAX ? load_folder(p, fd, path.data, depth + 1) : 0;
        fd = -1;
    } else if (rc == 0) {
        size_t len = 0;
        unsigned char *bytes = slurp(fd, &len);
        rc = bytes || errno == 0 ? 0 : -1;
        if (bytes)
            add(p, path.data, bytes, len);
    }
    if (fd >= 0)
        close(fd);
    buf_free(&path);
    return rc;
}

/* Takes the descriptor. */
static int load_folder(struct pages *p, int folder, const char *prefix, int depth)
{
    DIR *dir = fdopendir(folder);
    if (!dir) {
        close(folder);
        return -1;
    }
    int rc = 0;
    for (struct dirent *at; rc == 0 && (at = readdir(dir));)
        rc = load_entry(p, dirfd(dir), prefix, at->d_name, depth);
    closedir(dir);
    return rc;
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct entry *)a)->path, ((const struct entry *)b)->path);
}

static struct entry *find(const struct pages *p, char *path)
{
    struct entry key = {.path = path};
    return p->count ? bsearch(&key, p->entries, p->count, sizeof key, by_path) : NULL;
}

static void keep_if_smaller(struct page *page, enum packing packing, const void *bytes, size_t len)
{
    if (bytes && len < page->len)
        page->packed[packing] = (struct form){bytes, len};
}

/* Its siblings by those suffixes; gzip is also made here, if that is worth it. */
static void add_packed(const struct pages *p, struct entry *e)
{
    bool packs, has_gzip = false;
    for (int i = 0; i < PACKINGS; i++) {
        struct buf path = {0};
        buf_addf(&path, "%s%s", e->path, suffixes[i]);
        struct entry *sibling = find(p, path.data);
        buf_free(&path);
        if (!sibling)
            continue;
        sibling->is_form = true;
        has_gzip |= i == PACKING_GZIP;
        keep_if_smaller(&e->page, (enum packing)i, sibling->bytes, sibling->page.len);
    }
    type_of(e->path, &packs);
    if (packs && !has_gzip) {
        size_t len = 0;
        e->made = pack(e->bytes, e->page.len, &len);
        keep_if_smaller(&e->page, PACKING_GZIP, e->made, len);
    }
}

struct pages *pages_load(const char *folder, char *error, size_t error_size)
{
    struct pages *p = mem_alloc(sizeof *p);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || load_folder(p, fd, "/", 0) != 0) {
        snprintf(error, error_size, "%s: %s", folder, strerror(errno));
        pages_free(p);
        return NULL;
    }
    if (p->count)
        qsort(p->entries, p->count, sizeof *p->entries, by_path);
    for (size_t i = 0; i < p->count; i++)
        add_packed(p, &p->entries[i]);
    return p;
}

const struct page *pages_find(const struct pages *p, const char *path)
{
    struct buf name = {0};
    buf_adds(&name, path);
    if (name.len && name.data[name.len - 1] == '/')
        buf_adds(&name, "index.html");
    const struct entry *e = find(p, name.data);
    buf_free(&name);
    return e && !e->is_form ? &e->page : NULL;
}

void pages_free(struct pages *p)
{
    if (!p)
        return;
    for (size_t i = 0; i < p->count; i++) {
        free(p->entries[i].path);
        free(p->entries[i].bytes);
        free(p->entries[i].made);
    }
    free(p->entries);
    free(p);
}

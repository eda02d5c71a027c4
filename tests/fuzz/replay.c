/* replay: gives a target every file that it is named, or that stands in a folder, without
 * libFuzzer: what was once found stays mended, in every build. */
#include "fuzz.h"

#include "buf.h"
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static size_t replayed;

static void give_up(const char *path)
{
    fprintf(stderr, "%s: %s\n", path, strerror(errno));
    exit(2);
}

static void replay_file(const char *path)
{
    struct buf bytes = {0};
    char chunk[4096];
    size_t n;
    FILE *f = fopen(path, "re");
    if (!f)
        give_up(path);
    while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
        buf_add(&bytes, chunk, n);
    if (ferror(f))
        give_up(path);
    fclose(f);
    /* A copy of just that size, so that a sanitizer sees each byte that is read beyond it. */
    uint8_t *data = mem_alloc(bytes.len ? bytes.len : 1);
    if (bytes.len)
        memcpy(data, bytes.data, bytes.len);
    LLVMFuzzerTestOneInput(data, bytes.len);
    free(data);
    buf_free(&bytes);
    replayed++;
}

static void replay(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0)
        give_up(path);
    if (!S_ISDIR(st.st_mode)) {
        fprintf(stderr, "%s\n", path); /* whose turn it is, should it end here */
        replay_file(path);
        return;
    }
    struct dirent **entries;
    int count = scandir(path, &entries, NULL, alphasort);
    if (count < 0)
        give_up(path);
    for (int i = 0; i < count; i++) {
        struct buf inside = {0};
        buf_addf(&inside, "%s/%s", path, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.')
            replay(inside.data);
        buf_free(&inside);
        free(entries[i]);
    }
    free(entries);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        replay(argv[i]);
    fprintf(stderr, "%zu replayed\n", replayed);
    return replayed > 0 ? 0 : 2;
}

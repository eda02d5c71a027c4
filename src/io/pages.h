/* pages: the files of the web folder, read once into memory with their types, ETags and packed
 * forms; so nothing outside the folder can be named, and no request touches the disk. */
#ifndef TALLYD_PAGES_H
#define TALLYD_PAGES_H

#include <stdbool.h>
#include <stddef.h>

struct pages;

/* The forms in which a page may be had, the best first. */
enum packing { PACKING_BROTLI, PACKING_GZIP, PACKINGS };

struct form {
    const void *bytes; /* NULL where there is none, or it isn't smaller */
    size_t len;
};

struct page {
    const char *type;
    const void *body;
    size_t len;
    struct form packed[PACKINGS];
    char etag[40];  /* quoted, strong: from the content; a packed form's has a mark behind it */
    bool immutable; /* name carries a content hash: may be cached for a year */
};

/* Reads the folder and all below it (links are not followed; files over 8 MiB and dot files are
 * left out). X.br and X.gz beside X are its packed forms and no pages of their own; where there is
 * no X.gz, what is text is packed here. NULL with a reason in ERROR if it can't be read. */
struct pages *pages_load(const char *folder, char *error, size_t error_size);
/* PATH as in a URL: "/" is index.html, "/m/" is m/index.html. NULL if there is none. */
const struct page *pages_find(const struct pages *p, const char *path);
void pages_free(struct pages *p);

/* Answers a GET or HEAD with the page at PATH, with which the request's own ends: type, ETag, the
 * best form that is taken, and how it may be cached. Borrows P until the server is freed. Returns
 * 0, or -1 with nothing answered if there is no such page. */
struct request;
int pages_reply(const struct pages *p, struct request *r, const char *path);

#endif

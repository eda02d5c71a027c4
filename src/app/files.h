/* files: what the operator writes beside the settings: the alliance's catalogue and the layout of
 * its screen, read and judged together with the certificate, so that either all are taken or
 * nothing changes. */
#ifndef TALLYD_FILES_H
#define TALLYD_FILES_H

#include "config.h"

struct files {
    struct catalogue *catalogue;
    char *opening; /* events of the catalogue's file to be counted once, or NULL */
    char *layout;  /* the screen's file as JSON without comments */
};

/* A complaint about FILE (NULL: the environment or a flag). */
typedef void (*files_tell)(void *ctx, const char *file, const struct complaint *c);

/* An alliance's. 0, or -1 with each complaint told; then OUT is empty. */
int files_read(const struct listed *listed, struct files *out, files_tell tell, void *ctx);
/* The same for those that there are once: the certificate. */
int files_judge(const struct config *config, files_tell tell, void *ctx);
void files_clear(struct files *f);

/* Tells all of a list, and frees it. Returns how many there were. */
size_t files_tell_all(struct complaints *list, const char *file, files_tell tell, void *ctx);

#endif

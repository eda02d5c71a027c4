/* journal_kit: what the journal's tests share: a folder of their own, appends that are waited
 * for, and what a journal gives back to a reader. */
#ifndef TALLYD_JOURNAL_KIT_H
#define TALLYD_JOURNAL_KIT_H

#include "buf.h"
#include "journal.h"

struct kit {
    char folder[64];
    uv_loop_t loop;
    struct journal *journal; /* NULL while closed */
    bool closing;
    struct journal_options options;
    char error[256];
};

/* A fresh folder; segments of 4 KiB within 1 MiB unless OPTIONS are changed before kit_open. */
void kit_begin(struct kit *k);
/* Closes and deletes all. */
void kit_end(struct kit *k);
/* 0, or -1 with k->error. */
int kit_open(struct kit *k);
void kit_close(struct kit *k);

/* One append and its outcome. */
struct kit_append {
    bool is_done;
    int status;
    uint64_t first;
    unsigned order; /* how many were called back before it */
    unsigned *calls;
};
/* Starts an append of COUNT records "TEXT", "TEXT.1", … ; returns journal_append's answer. */
int kit_start(struct kit *k, struct kit_append *a, const char *text, size_t count);
/* Runs the loop until it is called back. */
void kit_wait(struct kit *k, struct kit_append *a);
/* Both, of one record: its number, or 0 if it was refused in either way. */
uint64_t kit_append(struct kit *k, const char *text);
/* Runs the loop until the journal accepts (or doesn't); false if it didn't within 10 s. */
bool kit_until(struct kit *k, bool accepts);

/* All that can be read of an incarnation from a number on, as "NUMBER=TEXT NUMBER=TEXT …"; the
 * caller frees. Read in small bites. */
char *kit_read(struct kit *k, const char *incarnation, uint64_t from);
/* The same of all incarnations, oldest first, " | " between them. */
char *kit_read_all(struct kit *k);

/* The path of a segment. Returns OUT. */
char *kit_segment(const struct kit *k, const char *incarnation, unsigned index, char out[256]);
/* How many files there have a name that ends so. */
size_t kit_count(const struct kit *k, const char *ending);
unsigned char *kit_load(const char *path, size_t *len);
void kit_save(const char *path, const void *bytes, size_t len);
/* Deletes all files of a folder; the folder too where IT is set. */
void kit_empty(const char *folder, bool it);

#endif

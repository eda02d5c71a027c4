/* tls: the daemon's certificate and key. Each handshake takes what is loaded just then, so that a
 * new certificate needs no restart and leaves open connections alone. */
#ifndef TALLYD_TLS_H
#define TALLYD_TLS_H

#include <stdbool.h>
#include <stddef.h>

struct ssl_ctx_st;
struct tls;

/* Loads both files (PEM; the certificate with those of its issuers behind it); NULL with the reason
 * in ERROR if that can't be. */
struct tls *tls_open(const char *certificate, const char *key, char *error, size_t size);
void tls_free(struct tls *t);
/* 0 if these two files could be loaded, else -1 with the reason. */
int tls_check(const char *certificate, const char *key, char *error, size_t size);

/* Makes the library's context serve the certificate, by TLS 1.2 or later. */
void tls_equip(struct tls *t, struct ssl_ctx_st *context);

/* Loads again, from these files or, NULL, from the same ones. One that can't be loaded is logged,
 * and what was loaded stays. */
void tls_reload(struct tls *t, const char *certificate, const char *key);
/* Have the files changed since they were looked at last? */
bool tls_changed(struct tls *t);

#endif

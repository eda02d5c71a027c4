#include "tls.h"

#include "buf.h"
#include "date.h"
#include "log.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

/* By what a file is known to be another one. */
struct mark {
    ino_t inode;
    off_t size;
    struct timespec modified;
};

/* LOADED is never connected to anybody; it only holds certificate, issuers and key. */
struct tls {
    SSL_CTX *loaded;
    char *paths[2];
    struct mark marks[2];
};

static struct mark mark_of(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return (struct mark){0};
    return (struct mark){st.st_ino, st.st_size, st.st_mtim};
}

static bool is_same(const struct mark *a, const struct mark *b)
{
    return a->inode == b->inode && a->size == b->size && a->modified.tv_sec == b->modified.tv_sec &&
           a->modified.tv_nsec == b->modified.tv_nsec;
}

/* The library's first word on it; what it says after that only follows. */
static void explain(const char *path, char *error, size_t size)
{
    unsigned long first = ERR_peek_error();
    const char *reason =
        ERR_SYSTEM_ERROR(first) ? strerror(ERR_GET_REASON(first)) : ERR_reason_error_string(first);
    snprintf(error, size, "%s: %s", path, reason ? reason : "can't be used");
    ERR_clear_error();
}

/* Nobody is there to be asked for the password of a key. */
static int no_password(char *out, int size, int writing, void *ctx)
{
    (void)out;
    (void)size;
    (void)writing;
    (void)ctx;
    return -1;
}

static SSL_CTX *load(const char *certificate, const char *key, char *error, size_t size)
{
    ERR_clear_error();
    SSL_CTX *c = SSL_CTX_new(TLS_server_method());
    if (!c)
        abort();
    SSL_CTX_set_default_passwd_cb(c, no_password);
    const char *blamed = NULL;
    if (SSL_CTX_use_certificate_chain_file(c, certificate) != 1)
        blamed = certificate;
    else if (SSL_CTX_use_PrivateKey_file(c, key, SSL_FILETYPE_PEM) != 1 ||
             SSL_CTX_check_private_key(c) != 1)
        blamed = key;
    if (!blamed)
        return c;
    explain(blamed, error, size);
    SSL_CTX_free(c);
    return NULL;
}

int tls_check(const char *certificate, const char *key, char *error, size_t size)
{
    SSL_CTX *c = load(certificate, key, error, size);
    SSL_CTX_free(c);
    return c ? 0 : -1;
}

/* In s since 1970. */
static int64_t expiry(const SSL_CTX *c)
{
    struct tm at = {0};
    if (ASN1_TIME_to_tm(X509_get0_notAfter(SSL_CTX_get0_certificate(c)), &at) != 1)
        return 0;
    return timegm(&at);
}

static int load_files(struct tls *t, const char *certificate, const char *key, char *error,
                      size_t size)
{
    const char *paths[2] = {certificate, key};
    for (int i = 0; i < 2; i++) {
        if (paths[i]) {
            free(t->paths[i]);
            t->paths[i] = mem_string(paths[i]);
        }
        t->marks[i] = mark_of(t->paths[i]); /* before it is read: what comes later is a change */
    }
    SSL_CTX *c = load(t->paths[0], t->paths[1], error, size);
    if (!c)
        return -1;
    SSL_CTX_free(t->loaded);
    t->loaded = c;
    char expires[40];
    log_write(LOG_INFO, "certificate_loaded", "expires",
              date_format(expiry(c) * DATE_SECOND, expires), NULL);
    return 0;
}

void tls_reload(struct tls *t, const char *certificate, const char *key)
{
    char reason[300];
    if (load_files(t, certificate, key, reason, sizeof reason) != 0)
        log_write(LOG_ERROR, "certificate_refused", "reason", reason, NULL);
}

bool tls_changed(struct tls *t)
{
    bool changed = false;
    for (int i = 0; i < 2; i++) {
        struct mark mark = mark_of(t->paths[i]);
        changed |= !is_same(&mark, &t->marks[i]);
        t->marks[i] = mark;
    }
    return changed;
}

struct tls *tls_open(const char *certificate, const char *key, char *error, size_t size)
{
    struct tls *t = mem_alloc(sizeof *t);
    if (load_files(t, certificate, key, error, size) == 0)
        return t;
    tls_free(t);
    return NULL;
}

void tls_free(struct tls *t)
{
    if (!t)
        return;
    SSL_CTX_free(t->loaded);
    free(t->paths[0]);
    free(t->paths[1]);
    free(t);
}

/* A handshake begins: it gets the certificate as it is now. */
static int on_handshake(SSL *ssl, void *ctx)
{
    const struct tls *t = ctx;
    STACK_OF(X509) *issuers = NULL;
    SSL_CTX_get0_chain_certs(t->loaded, &issuers);
    SSL_certs_clear(ssl);
    return SSL_use_cert_and_key(ssl, SSL_CTX_get0_certificate(t->loaded),
                                SSL_CTX_get0_privatekey(t->loaded), issuers, 1);
}

void tls_equip(struct tls *t, SSL_CTX *context)
{
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF); /* clients keep tickets */
    SSL_CTX_set_cert_cb(context, on_handshake, t);
}

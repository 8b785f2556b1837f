/* tls - OpenSSL as a server; certificates come from memory, since a confined process opens no files. */
#include "receive/tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PEM_MOST = 1 << 20 };
enum which { CERT, KEY, CA };

struct loading {
	const struct toc_listen_tls *t;
	const struct toc_opener *opener;
	struct toc_diag *diag;
	SSL_CTX *context;
};

static const char *reason(void)
{
	const char *text = ERR_reason_error_string(ERR_peek_last_error());
	return text ? text : "it cannot be read";
}

static bool mistake(const struct loading *l, enum which which, const char *what)
{
	static const char *const names[] = { "cert", "key", "ca" };
	const char *const paths[] = { l->t->cert, l->t->key, l->t->ca };
	toc_diag_add(l->diag, TOC_ERROR, l->t->at[which], "%s: %s: %s", names[which], paths[which], what);
	return false;
}

/* The file in memory; NULL after a message. */
static BIO *read_file(const struct loading *l, enum which which, const char *path)
{
	struct stat st;
	int fd = toc_open(l->opener, TOC_ASK_READ, path);
	if (fd < 0) {
		mistake(l, which, strerror(errno));
		return NULL;
	}
	bool shown = which == KEY && fstat(fd, &st) == 0 && (st.st_mode & S_IRWXO);
	BIO *out = BIO_new(BIO_s_mem());
	char piece[4096];
	ssize_t n;
	size_t all = 0;
	while (out && all <= PEM_MOST && (n = read(fd, piece, sizeof(piece))) > 0) {
		all += (size_t)n;
		BIO_write(out, piece, (int)n);
	}
	close(fd);
	OPENSSL_cleanse(piece, sizeof(piece));
	if (!shown && out && all && all <= PEM_MOST)
		return out;
	mistake(l, which,
		shown ? "everybody can read the key (chmod o= FILE)" : "expected a file in PEM form of at most 1 MB");
	BIO_free(out);
	return NULL;
}

/* A key with a passphrase cannot be read by a service; nobody is asked at a terminal. */
static int no_password(char *out, int size, int writing, void *user)
{
	(void)out, (void)size, (void)writing, (void)user;
	return -1;
}

/* The server's own certificate, then those between it and its root. */
static bool load_cert(const struct loading *l)
{
	BIO *file = read_file(l, CERT, l->t->cert);
	if (!file)
		return false;
	X509 *cert = PEM_read_bio_X509(file, NULL, no_password, NULL), *more;
	bool ok = cert && SSL_CTX_use_certificate(l->context, cert) == 1;
	if (!ok)
		mistake(l, CERT, reason());
	if (ok && X509_cmp_current_time(X509_get0_notAfter(cert)) < 0)
		toc_diag_add(l->diag, TOC_WARNING, l->t->at[CERT], "cert: %s: has expired; clients will not accept it",
			     l->t->cert);
	while (ok && (more = PEM_read_bio_X509(file, NULL, no_password, NULL)))
		if (SSL_CTX_add0_chain_cert(l->context, more) != 1)
			X509_free(more);
	X509_free(cert);
	BIO_free(file);
	return ok;
}

static bool load_key(const struct loading *l)
{
	BIO *file = read_file(l, KEY, l->t->key);
	if (!file)
		return false;
	EVP_PKEY *key = PEM_read_bio_PrivateKey(file, NULL, no_password, NULL);
	bool ok = (key && SSL_CTX_use_PrivateKey(l->context, key) == 1 && SSL_CTX_check_private_key(l->context) == 1) ||
		  mistake(l, KEY, reason());
	EVP_PKEY_free(key);
	BIO_free(file);
	return ok;
}

static bool load_ca(const struct loading *l)
{
	BIO *file = read_file(l, CA, l->t->ca);
	unsigned n = 0;
	X509 *ca;
	if (!file)
		return false;
	while ((ca = PEM_read_bio_X509(file, NULL, no_password, NULL))) {
		n += X509_STORE_add_cert(SSL_CTX_get_cert_store(l->context), ca) == 1 &&
		     SSL_CTX_add_client_CA(l->context, ca) == 1;
		X509_free(ca);
	}
	BIO_free(file);
	return n || mistake(l, CA, reason());
}

/* Without a CA the fingerprint decides, after the handshake (tls_is_peer). */
static int accept_any(int sound, X509_STORE_CTX *store)
{
	(void)sound, (void)store;
	return 1;
}

SSL_CTX *tls_context_new(const struct toc_listen_tls *t, const struct toc_opener *opener, struct toc_diag *diag)
{
	struct loading l = { t, opener, diag, SSL_CTX_new(TLS_server_method()) };
	ERR_clear_error();
	if (!l.context) {
		mistake(&l, CERT, reason());
		return NULL;
	}
	SSL_CTX_set_min_proto_version(l.context, TLS1_2_VERSION);
	/* a session that is resumed would pass the list of peers by */
	SSL_CTX_set_options(l.context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
	SSL_CTX_set_session_cache_mode(l.context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_mode(l.context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
					    SSL_MODE_RELEASE_BUFFERS);
	if (t->ca || t->peers)
		SSL_CTX_set_verify(l.context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
				   t->ca ? NULL : accept_any);
	bool ok = load_cert(&l);
	ok = ok && load_key(&l);
	ok = (!t->ca || load_ca(&l)) && ok;
	ERR_clear_error();
	if (ok)
		return l.context;
	SSL_CTX_free(l.context);
	return NULL;
}

bool toc_listen_tls_check(const struct toc_listen_tls *t, const struct toc_opener *opener, struct toc_diag *diag)
{
	SSL_CTX *context = tls_context_new(t, opener, diag);
	SSL_CTX_free(context);
	return context != NULL;
}

/* --- a session ---------------------------------------------------------------------------------------------------- */

SSL *tls_accept(SSL_CTX *context, int fd)
{
	SSL *tls = SSL_new(context);
	if (tls && SSL_set_fd(tls, fd) == 1) {
		SSL_set_accept_state(tls);
		return tls;
	}
	SSL_free(tls);
	return NULL;
}

static enum tls_need need_of(SSL *tls, int result)
{
	switch (SSL_get_error(tls, result)) {
	case SSL_ERROR_WANT_READ:
		return TLS_TO_READ;
	case SSL_ERROR_WANT_WRITE:
		return TLS_TO_WRITE;
	case SSL_ERROR_ZERO_RETURN:
	case SSL_ERROR_SYSCALL:
		return TLS_CLOSED;
	default:
		/* a peer that goes without its goodbye */
		return ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING ? TLS_CLOSED
												   : TLS_BROKEN;
	}
}

enum tls_need tls_handshake(SSL *tls, char *words, size_t room)
{
	ERR_clear_error();
	int got = SSL_do_handshake(tls);
	if (got == 1)
		return TLS_NOTHING;
	enum tls_need need = need_of(tls, got);
	long verdict = SSL_get_verify_result(tls);
	if (need == TLS_BROKEN)
		snprintf(words, room, "%s", verdict != X509_V_OK ? X509_verify_cert_error_string(verdict) : reason());
	return need;
}

enum tls_need tls_read(SSL *tls, void *out, size_t n, size_t *got)
{
	ERR_clear_error();
	int done = SSL_read_ex(tls, out, n, got);
	return done == 1 ? TLS_NOTHING : need_of(tls, done);
}

enum tls_need tls_write(SSL *tls, const void *from, size_t n, size_t *got)
{
	ERR_clear_error();
	int done = SSL_write_ex(tls, from, n, got);
	return done == 1 ? TLS_NOTHING : need_of(tls, done);
}

void tls_goodbye(SSL *tls)
{
	ERR_clear_error();
	if (SSL_is_init_finished(tls))
		SSL_shutdown(tls);
	ERR_clear_error();
}

/* --- who the client is -------------------------------------------------------------------------------------------- */

enum { DIGEST_MOST = 64 };

static const struct digest {
	const char *prefix;
	const EVP_MD *(*md)(void);
	unsigned n;
} digests[] = { { "sha1:", EVP_sha1, 20 },
		{ "sha-1:", EVP_sha1, 20 },
		{ "sha256:", EVP_sha256, 32 },
		{ "sha-256:", EVP_sha256, 32 } };

static const struct digest *digest_of(const char *peer)
{
	for (size_t i = 0; i < sizeof(digests) / sizeof(digests[0]); i++)
		if (strncasecmp(peer, digests[i].prefix, strlen(digests[i].prefix)) == 0)
			return &digests[i];
	return NULL;
}

/* "AB:CD:…" or "abcd…"; returns how many bytes, 0 = wrong. */
static unsigned read_hex(const char *text, uint8_t out[DIGEST_MOST])
{
	unsigned n = 0;
	while (*text) {
		char pair[3] = { text[0], text[1], 0 }, *end;
		if (n == DIGEST_MOST || !text[1])
			return 0;
		out[n++] = (uint8_t)strtoul(pair, &end, 16);
		if (end != pair + 2)
			return 0;
		text += 2;
		text += *text == ':' && text[1];
	}
	return n;
}

const char *toc_listen_peer_wrong(const char *peer, bool has_ca)
{
	const struct digest *d = digest_of(peer);
	uint8_t bytes[DIGEST_MOST];
	if (d)
		return read_hex(peer + strlen(d->prefix), bytes) == d->n
			       ? NULL
			       : "a fingerprint is sha256: and 32 bytes, or sha1: and 20 bytes, in hexadecimal";
	if (!*peer ||
	    strspn(peer, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_*:") != strlen(peer))
		return "expected a name (fw1.example.org, *.example.org), an address or a fingerprint (sha256:AB:CD…)";
	return has_ca ? NULL : "names need ca: somebody must vouch for them (or give fingerprints)";
}

static bool has_fingerprint(const X509 *cert, const struct digest *d, const char *hex)
{
	uint8_t want[DIGEST_MOST], have[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	return X509_digest(cert, d->md(), have, &n) == 1 && read_hex(hex, want) == n && memcmp(have, want, n) == 0;
}

/* "*.example.org" stands for one label. */
static bool name_fits(const char *pattern, const char *name)
{
	const char *dot = strchr(name, '.');
	if (strncmp(pattern, "*.", 2) == 0)
		return dot && dot != name && strcasecmp(pattern + 1, dot) == 0;
	return strcasecmp(pattern, name) == 0;
}

struct names {
	const char *pattern;
	bool any, fits;
};

static void look_at_name(struct names *n, const ASN1_STRING *text)
{
	char name[256];
	int length = ASN1_STRING_length(text);
	const unsigned char *p = ASN1_STRING_get0_data(text);
	if (length <= 0 || (size_t)length >= sizeof(name) || memchr(p, 0, (size_t)length))
		return;
	memcpy(name, p, (size_t)length);
	name[length] = '\0';
	n->any = true;
	n->fits = n->fits || name_fits(n->pattern, name);
}

/* Its DNS names; the common name where it has none (RFC 5425, section 5.2). */
static bool has_name(X509 *cert, const char *pattern)
{
	struct names n = { .pattern = pattern };
	GENERAL_NAMES *all = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	for (int i = 0; i < sk_GENERAL_NAME_num(all); i++) {
		const GENERAL_NAME *one = sk_GENERAL_NAME_value(all, i);
		if (one->type == GEN_DNS)
			look_at_name(&n, one->d.dNSName);
	}
	GENERAL_NAMES_free(all);
	const X509_NAME *subject = X509_get_subject_name(cert);
	int at = n.any ? -1 : X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
	if (at >= 0)
		look_at_name(&n, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
	return n.fits || X509_check_ip_asc(cert, pattern, 0) == 1;
}

bool tls_is_peer(SSL *tls, const char *const *peers, char *who, size_t room)
{
	X509 *cert = SSL_get1_peer_certificate(tls);
	bool is = !peers;
	snprintf(who, room, "it has no certificate");
	if (cert)
		X509_NAME_oneline(X509_get_subject_name(cert), who, (int)room);
	for (; cert && !is && *peers; peers++) {
		const struct digest *d = digest_of(*peers);
		is = d ? has_fingerprint(cert, d, *peers + strlen(d->prefix)) : has_name(cert, *peers);
	}
	X509_free(cert);
	return is;
}

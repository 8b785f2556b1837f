/* redis_tls - OpenSSL on a non-blocking socket. */
#include "deliver/redis_tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

/* Of a file that is not there the first one says why, the last one only that something went wrong. */
static const char *reason(void)
{
	const unsigned long first = ERR_peek_error();
	if (ERR_GET_LIB(first) == ERR_LIB_SYS)
		return strerror(ERR_GET_REASON(first));
	const char *text = ERR_reason_error_string(ERR_peek_last_error());
	return text ? text : "it cannot be read";
}

static bool say(char *err, size_t n, const char *setting, const char *path)
{
	snprintf(err, n, "deliver.tls.%s: %s: %s", setting, path, reason());
	return false;
}

static bool load(SSL_CTX *context, const struct toc_redis_tls *f, char *err, size_t n)
{
	if (SSL_CTX_load_verify_locations(context, f->ca, NULL) != 1)
		return say(err, n, "ca", f->ca);
	if (f->cert && SSL_CTX_use_certificate_chain_file(context, f->cert) != 1)
		return say(err, n, "cert", f->cert);
	if (f->key && SSL_CTX_use_PrivateKey_file(context, f->key, SSL_FILETYPE_PEM) != 1)
		return say(err, n, "key", f->key);
	if (f->key && SSL_CTX_check_private_key(context) != 1)
		return say(err, n, "key", f->key);
	return true;
}

SSL_CTX *toc_redis_tls_new(const struct toc_redis_tls *files, char *err, size_t err_size)
{
	ERR_clear_error();
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	if (!context) {
		snprintf(err, err_size, "TLS: %s", reason());
		return NULL;
	}
	SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	if (load(context, files, err, err_size))
		return context;
	SSL_CTX_free(context);
	return NULL;
}

SSL *toc_redis_tls_start(SSL_CTX *context, int fd, const char *host)
{
	SSL *tls = SSL_new(context);
	if (!tls)
		return NULL;
	/* an address is one of the certificate's addresses, a name one of its names; only names are told to the server
	 */
	bool ok = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), host) == 1 ||
		  (SSL_set1_host(tls, host) == 1 && SSL_set_tlsext_host_name(tls, host) == 1);
	if (ok && SSL_set_fd(tls, fd) == 1) {
		SSL_set_connect_state(tls);
		return tls;
	}
	SSL_free(tls);
	return NULL;
}

/* Why an operation did not succeed, as errno and in words. */
static ssize_t failed(SSL *tls, int result, bool *reads, char *words, size_t room)
{
	int why = errno, kind = SSL_get_error(tls, result);
	long verdict = SSL_get_verify_result(tls);
	*reads = kind == SSL_ERROR_WANT_READ;
	errno = EAGAIN;
	if (kind == SSL_ERROR_WANT_READ || kind == SSL_ERROR_WANT_WRITE)
		return -1;
	if (verdict != X509_V_OK)
		snprintf(words, room, "the server's certificate is not accepted (deliver.tls.ca): %s",
			 X509_verify_cert_error_string(verdict));
	else if (kind == SSL_ERROR_ZERO_RETURN || (kind == SSL_ERROR_SYSCALL && why))
		snprintf(words, room, "%s%s", why ? strerror(why) : "the server closed the connection",
			 SSL_get_certificate(tls) ? "" : "; does it want deliver.tls.cert and deliver.tls.key?");
	else
		snprintf(words, room, "TLS (deliver.tls): %s", reason());
	errno = EPROTO;
	return -1;
}

ssize_t toc_redis_tls_send(SSL *tls, const void *p, size_t n, bool *reads, char *words, size_t room)
{
	ERR_clear_error();
	errno = 0;
	int got = SSL_write(tls, p, (int)(n < 1 << 30 ? n : 1 << 30));
	return got > 0 ? got : failed(tls, got, reads, words, room);
}

ssize_t toc_redis_tls_receive(SSL *tls, void *p, size_t n, char *words, size_t room)
{
	bool reads;
	ERR_clear_error();
	errno = 0;
	int got = SSL_read(tls, p, (int)n);
	return got > 0 ? got : failed(tls, got, &reads, words, room);
}

bool toc_redis_tls_pending(const SSL *tls)
{
	return SSL_pending(tls) > 0;
}

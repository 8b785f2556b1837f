/* ssl: real handshakes made by OpenSSL in memory, TLS 1.2 and 1.3, whole, cut and resumed. */
#include "test.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "harness.h"

extern const struct toc_decoder toc_decoder_ssl;

enum { STEPS = 64 };

struct handshake {
	EVP_PKEY *key;
	X509 *cert;
	struct trial_step steps[STEPS];
	size_t n;
};

static void add_name(X509 *cert)
{
	X509_NAME *name = X509_get_subject_name(cert);
	X509_NAME_add_entry_by_txt(name, "C", MBSTRING_ASC, (const unsigned char *)"US", -1, -1, 0);
	X509_NAME_add_entry_by_txt(name, "O", MBSTRING_ASC, (const unsigned char *)"Example, Inc.", -1, -1, 0);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"www.example.org", -1, -1, 0);
	X509_set_issuer_name(cert, name);
}

static void make_certificate(struct handshake *h)
{
	h->key = EVP_EC_gen("P-256");
	h->cert = X509_new();
	X509_set_version(h->cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(h->cert), 0x3039);
	X509_gmtime_adj(X509_getm_notBefore(h->cert), 0);
	X509_gmtime_adj(X509_getm_notAfter(h->cert), 3600);
	X509_set_pubkey(h->cert, h->key);
	add_name(h->cert);
	X509_EXTENSION *san = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name,
						  "DNS:www.example.org,DNS:*.example.net,IP:192.0.2.7");
	X509_EXTENSION *ca = X509V3_EXT_conf_nid(NULL, NULL, NID_basic_constraints, "CA:TRUE,pathlen:1");
	X509_add_ext(h->cert, san, -1);
	X509_add_ext(h->cert, ca, -1);
	X509_EXTENSION_free(san);
	X509_EXTENSION_free(ca);
	assert_true(X509_sign(h->cert, h->key, EVP_sha256()) > 0);
}

/* What one end has to say becomes a step and goes to the other. */
static bool pump(struct handshake *h, BIO *from, BIO *to, enum toc_dir dir)
{
	char buffer[32768];
	int n = BIO_read(from, buffer, sizeof(buffer));
	if (n <= 0)
		return false;
	void *kept = malloc((size_t)n);
	memcpy(kept, buffer, (size_t)n);
	assert_true(h->n < STEPS);
	h->steps[h->n++] = (struct trial_step){ dir, kept, (size_t)n };
	assert_int_equal(BIO_write(to, buffer, n), n);
	return true;
}

static void converse(struct handshake *h, SSL *client, SSL *server)
{
	BIO *c_in = BIO_new(BIO_s_mem()), *c_out = BIO_new(BIO_s_mem()), *s_in = BIO_new(BIO_s_mem()),
	    *s_out = BIO_new(BIO_s_mem());
	SSL_set_bio(client, c_in, c_out);
	SSL_set_bio(server, s_in, s_out);
	SSL_set_connect_state(client);
	SSL_set_accept_state(server);
	for (bool more = true; more;) {
		SSL_do_handshake(client);
		more = pump(h, c_out, s_in, TOC_ORIG);
		SSL_do_handshake(server);
		more = pump(h, s_out, c_in, TOC_RESP) || more;
	}
	SSL_write(client, "hello", 5);
	pump(h, c_out, s_in, TOC_ORIG);
	SSL_write(server, "world", 5);
	pump(h, s_out, c_in, TOC_RESP);
}

static void shake(struct handshake *h, int version, const char *sni)
{
	*h = (struct handshake){ 0 };
	make_certificate(h);
	SSL_CTX *cc = SSL_CTX_new(TLS_client_method()), *sc = SSL_CTX_new(TLS_server_method());
	SSL_CTX_set_min_proto_version(cc, version);
	SSL_CTX_set_max_proto_version(cc, version);
	SSL_CTX_use_certificate(sc, h->cert);
	SSL_CTX_use_PrivateKey(sc, h->key);
	SSL *client = SSL_new(cc), *server = SSL_new(sc);
	if (sni)
		SSL_set_tlsext_host_name(client, sni);
	converse(h, client, server);
	SSL_free(client);
	SSL_free(server);
	SSL_CTX_free(cc);
	SSL_CTX_free(sc);
}

static void done(struct handshake *h)
{
	for (size_t i = 0; i < h->n; i++)
		free((void *)(uintptr_t)h->steps[i].bytes);
	X509_free(h->cert);
	EVP_PKEY_free(h->key);
}

static void expect(struct trial *t, unsigned i, const char *field, const char *text)
{
	const char *got = trial_value(t, i, field);
	if (!text) {
		assert_null(got);
		return;
	}
	assert_non_null(got);
	assert_string_equal(got, text);
}

static struct trial *run(const struct handshake *h)
{
	struct trial *t = trial_new(&toc_decoder_ssl, TOC_OVER_TCP, 443);
	for (size_t i = 0; i < h->n; i++)
		trial_feed(t, &h->steps[i]);
	trial_end(t, TOC_END_CLOSED);
	assert_true(trial_same_however_cut(&toc_decoder_ssl, 443, h->steps, h->n, 30));
	return t;
}

static void tls12(void **state)
{
	(void)state;
	struct handshake h;
	shake(&h, TLS1_2_VERSION, "www.example.org");
	struct trial *t = run(&h);
	assert_int_equal(trial_events(t), 2);
	assert_string_equal(trial_kind(t, 0), "x509");
	expect(t, 0, "certificate.serial", "\"3039\"");
	expect(t, 0, "certificate.subject", "\"CN=www.example.org,O=Example\\\\, Inc.,C=US\"");
	expect(t, 0, "certificate.version", "3");
	expect(t, 0, "certificate.key_type", "\"ecdsa\"");
	expect(t, 0, "certificate.curve", "\"prime256v1\"");
	expect(t, 0, "certificate.key_length", "256");
	expect(t, 0, "certificate.sig_alg", "\"ecdsa-with-SHA256\"");
	expect(t, 0, "san.dns", "[\"www.example.org\",\"*.example.net\"]");
	expect(t, 0, "san.ip", "[\"192.0.2.7\"]");
	expect(t, 0, "basic_constraints.ca", "true");
	expect(t, 0, "basic_constraints.path_len", "1");
	assert_string_equal(trial_kind(t, 1), "ssl");
	expect(t, 1, "version", "\"TLSv12\"");
	expect(t, 1, "server_name", "\"www.example.org\"");
	expect(t, 1, "established", "true");
	expect(t, 1, "resumed", "false");
	expect(t, 1, "sni_matches_cert", "true");
	assert_non_null(strstr(trial_value(t, 1, "cipher"), "TLS_ECDHE_ECDSA_WITH_"));
	assert_non_null(trial_value(t, 1, "curve"));
	trial_free(t);
	done(&h);
}

static void tls13(void **state)
{
	(void)state;
	struct handshake h;
	shake(&h, TLS1_3_VERSION, "learn.example.net");
	struct trial *t = run(&h);
	assert_int_equal(trial_events(t), 1); /* the certificate is encrypted */
	expect(t, 0, "version", "\"TLSv13\"");
	expect(t, 0, "server_name", "\"learn.example.net\"");
	expect(t, 0, "established", "true");
	expect(t, 0, "sni_matches_cert", NULL);
	const char *ja4 = trial_value(t, 0, "ja4");
	assert_int_equal(strlen(ja4), 38); /* 36 and the quotes */
	assert_memory_equal(ja4, "\"t13d", 5);
	trial_free(t);
	done(&h);
}

static void another_name(void **state)
{
	(void)state;
	struct handshake h;
	shake(&h, TLS1_2_VERSION, "www.example.com");
	struct trial *t = run(&h);
	expect(t, 1, "sni_matches_cert", "false");
	trial_free(t);
	done(&h);
	shake(&h, TLS1_2_VERSION, NULL);
	trial_free(run(&h));
	done(&h);
}

/* A client that is not answered, and one whose hello was lost in part: told as far as known, never twice. */
static void one_sided(void **state)
{
	(void)state;
	struct handshake h;
	shake(&h, TLS1_2_VERSION, "www.example.org");
	struct trial *t = trial_new(&toc_decoder_ssl, TOC_OVER_TCP, 443);
	trial_feed(t, &h.steps[0]);
	trial_end(t, TOC_END_TIMEOUT);
	assert_int_equal(trial_events(t), 1);
	expect(t, 0, "established", "false");
	expect(t, 0, "version", NULL);
	trial_free(t);
	t = trial_new(&toc_decoder_ssl, TOC_OVER_TCP, 443);
	trial_feed(t, &h.steps[0]);
	trial_feed(t, &(struct trial_step){ TOC_RESP, NULL, 1000 });
	trial_end(t, TOC_END_CLOSED);
	assert_int_equal(trial_events(t), 1);
	trial_free(t);
	done(&h);
}

/* The published example of JA3 and JA4's authors would be theirs; these two follow from the definitions by hand. */
static void fingerprints(void **state)
{
	(void)state;
	/* record, message, version 3.3, 32 bytes of random, no session, GREASE and 0x1301, null compression, no extensions */
	uint8_t hello[9 + 2 + 32 + 1 + 6 + 2 + 2] = { 0x16, 3, 1, 0, 49, 1, 0, 0, 45, 3, 3 };
	static const uint8_t tail[] = { 0, 0, 4, 0x0a, 0x0a, 0x13, 1, 1, 0, 0, 0 };
	memcpy(hello + 9 + 2 + 32, tail, sizeof(tail));
	assert_int_equal(sizeof(hello), 9 + 45);
	struct trial *t = trial_new(&toc_decoder_ssl, TOC_OVER_TCP, 443);
	trial_feed(t, &(struct trial_step){ TOC_ORIG, hello, sizeof(hello) });
	trial_end(t, TOC_END_TIMEOUT);
	/* md5("771,4865,,,") and t12i010000_ with sha256("1301") */
	expect(t, 0, "ja3", "\"ea1e247991e541e39bf918cb7cfa5139\"");
	expect(t, 0, "ja4", "\"t12i010000_0f2cb44170f4_000000000000\"");
	trial_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tls12),     cmocka_unit_test(tls13),	     cmocka_unit_test(another_name),
		cmocka_unit_test(one_sided), cmocka_unit_test(fingerprints),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* dtls: a handshake made by OpenSSL in memory, cut into fragments; shuffled, doubled, one-sided; fragments by hand. */
#include "test.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "decoders/gather.h"
#include "decoders/hex.h"
#include "harness.h"

extern const struct toc_decoder toc_decoder_dtls;

enum { RECORDS = 96 };

struct handshake {
	struct trial_step steps[RECORDS];
	size_t n;
};

/* What one end has to say becomes steps, a record each, and goes to the other. */
static bool pump(struct handshake *h, BIO *from, BIO *to, enum toc_dir dir)
{
	uint8_t buffer[16384];
	int n = BIO_read(from, buffer, sizeof(buffer));
	if (n <= 0)
		return false;
	for (size_t at = 0; at + 13 <= (size_t)n;) {
		size_t length = 13 + ((size_t)buffer[at + 11] << 8 | buffer[at + 12]);
		uint8_t *kept = malloc(length);
		memcpy(kept, buffer + at, length);
		assert_true(h->n < RECORDS);
		h->steps[h->n++] = (struct trial_step){ dir, kept, length };
		assert_int_equal(BIO_write(to, buffer + at, (int)length), length);
		at += length;
	}
	return true;
}

static SSL *end(SSL_CTX *ctx, BIO *in, BIO *out)
{
	SSL *ssl = SSL_new(ctx);
	SSL_set_options(ssl, SSL_OP_NO_QUERY_MTU);
	SSL_set_mtu(ssl, 256);
	BIO_set_mem_eof_return(in, -1);
	BIO_set_mem_eof_return(out, -1);
	SSL_set_bio(ssl, in, out);
	return ssl;
}

static void shake(struct handshake *h)
{
	EVP_PKEY *key = EVP_RSA_gen(2048);
	X509 *cert = X509_new();
	*h = (struct handshake){ 0 };
	X509_set_version(cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 77);
	X509_gmtime_adj(X509_getm_notBefore(cert), 0);
	X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
	X509_set_pubkey(cert, key);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC,
				   (const unsigned char *)"vpn.example.org", -1, -1, 0);
	X509_set_issuer_name(cert, X509_get_subject_name(cert));
	X509_sign(cert, key, EVP_sha256());
	SSL_CTX *cc = SSL_CTX_new(DTLS_client_method()), *sc = SSL_CTX_new(DTLS_server_method());
	SSL_CTX_use_certificate(sc, cert);
	SSL_CTX_use_PrivateKey(sc, key);
	SSL *client = end(cc, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
	SSL *server = end(sc, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
	SSL_set_tlsext_host_name(client, "vpn.example.org");
	SSL_set_connect_state(client);
	SSL_set_accept_state(server);
	for (bool more = true; more;) {
		SSL_do_handshake(client);
		more = pump(h, SSL_get_wbio(client), SSL_get_rbio(server), TOC_ORIG);
		SSL_do_handshake(server);
		more = pump(h, SSL_get_wbio(server), SSL_get_rbio(client), TOC_RESP) || more;
	}
	assert_true(SSL_is_init_finished(client) && SSL_is_init_finished(server));
	SSL_free(client);
	SSL_free(server);
	SSL_CTX_free(cc);
	SSL_CTX_free(sc);
	X509_free(cert);
	EVP_PKEY_free(key);
}

static void done(struct handshake *h)
{
	for (size_t i = 0; i < h->n; i++)
		free((void *)(uintptr_t)h->steps[i].bytes);
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

static void is_whole(struct trial *t)
{
	assert_int_equal(trial_events(t), 2);
	assert_string_equal(trial_kind(t, 0), "x509");
	expect(t, 0, "certificate.serial", "\"4D\"");
	expect(t, 0, "certificate.subject", "\"CN=vpn.example.org\"");
	assert_string_equal(trial_kind(t, 1), "ssl");
	expect(t, 1, "version", "\"DTLSv12\"");
	expect(t, 1, "server_name", "\"vpn.example.org\"");
	expect(t, 1, "established", "true");
	assert_memory_equal(trial_value(t, 1, "ja4"), "\"dd2d", 5);
	assert_non_null(strstr(trial_text(t), "\"confirm\":\"dtls\""));
}

/* In order; with every record sent twice; every two of a flight the wrong way round. */
static void fragments(void **state)
{
	(void)state;
	struct handshake h;
	shake(&h);
	for (unsigned way = 0; way < 3; way++) {
		struct trial *t = trial_new(&toc_decoder_dtls, TOC_OVER_UDP, 4433);
		for (size_t i = 0; i < h.n; i++) {
			bool swap = way == 2 && i % 2 == 0 && i + 1 < h.n && h.steps[i].dir == h.steps[i + 1].dir &&
				    ((const uint8_t *)h.steps[i + 1].bytes)[0] == 22 &&
				    ((const uint8_t *)h.steps[i].bytes)[0] == 22;
			trial_feed(t, &h.steps[swap ? i + 1 : i]);
			if (way == 1)
				trial_feed(t, &h.steps[i]);
			if (swap)
				trial_feed(t, &h.steps[i++]);
		}
		trial_end(t, TOC_END_CLOSED);
		is_whole(t);
		trial_free(t);
	}
	done(&h);
}

static void one_sided(void **state)
{
	(void)state;
	struct handshake h;
	shake(&h);
	for (unsigned dir = 0; dir < 2; dir++) {
		struct trial *t = trial_new(&toc_decoder_dtls, TOC_OVER_UDP, 4433);
		for (size_t i = 0; i < h.n; i++)
			if (h.steps[i].dir == dir)
				trial_feed(t, &h.steps[i]);
		trial_end(t, TOC_END_TIMEOUT);
		unsigned last = trial_events(t) - 1;
		assert_string_equal(trial_kind(t, last), "ssl");
		expect(t, last, "established", "false");
		expect(t, last, dir == TOC_ORIG ? "server_name" : "version",
		       dir == TOC_ORIG ? "\"vpn.example.org\"" : "\"DTLSv12\"");
		trial_free(t);
	}
	done(&h);
}

/* An alert; a fragment beyond its message; a message too large; something else on the same port. */
static void by_hand(void **state)
{
	(void)state;
	static const char *const records[] = {
		"16fefd0000000000000001000d"
		"01000010000000000000000005"
		"1122334455",
		"16fefd00000000000000020011"
		"0b00001000010000ff000005"
		"1122334455",
		"16fefd00000000000000030011"
		"0bffffff0002000000000005"
		"1122334455",
		"000100002112a442000102030405060708090a0b",
		"15fefd00000000000000040002"
		"0228",
	};
	struct trial *t = trial_new(&toc_decoder_dtls, TOC_OVER_UDP, 4433);
	for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
		uint8_t bytes[128];
		trial_feed(t, &(struct trial_step){ TOC_ORIG, bytes, hex_read(records[i], bytes) });
	}
	trial_end(t, TOC_END_TIMEOUT);
	assert_non_null(strstr(trial_text(t), "dtls_bad_fragment"));
	assert_non_null(strstr(trial_text(t), "ssl_large_message"));
	assert_int_equal(trial_events(t), 1);
	expect(t, 0, "last_alert", "\"handshake_failure\"");
	trial_free(t);
}

/* DTLS 1.3 (RFC 9147): the version stands in extensions, and what follows is in records of the unified header. */
static void version_13(void **state)
{
	(void)state;
	static const struct {
		enum toc_dir dir;
		const char *hex;
	} records[] = {
		{ TOC_ORIG,
		  "16fefd000000000000000000450100003900000000000000 39"
		  "fefd 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f 00 00 0002 1301 01 00"
		  "000d 002b 0003 02fefc 000a 0002 0000" },
		{ TOC_RESP, "16fefd0000000000000000003a0200002e00000000000000 2e"
			    "fefd 202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f 00 1301 00"
			    "0006 002b 0002 fefc" },
		{ TOC_RESP, "2e 0000 0020 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" },
		{ TOC_ORIG, "2e 0000 0020 bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb" },
	};
	struct trial *t = trial_new(&toc_decoder_dtls, TOC_OVER_UDP, 4433);
	for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
		uint8_t bytes[256];
		trial_feed(t, &(struct trial_step){ records[i].dir, bytes, hex_read(records[i].hex, bytes) });
	}
	trial_end(t, TOC_END_TIMEOUT);
	assert_int_equal(trial_events(t), 1);
	expect(t, 0, "version", "\"DTLSv13\"");
	expect(t, 0, "cipher", "\"TLS_AES_128_GCM_SHA256\"");
	expect(t, 0, "established", "true");
	assert_memory_equal(trial_value(t, 0, "ja4"), "\"dd3i01", 7);
	trial_free(t);
}

static void gathers(void **state)
{
	(void)state;
	struct gather g = { 0 };
	assert_true(gather_add(&g, 10, 20) && gather_add(&g, 30, 40) && gather_add(&g, 20, 25));
	assert_int_equal(g.n, 2);
	assert_int_equal(gather_whole(&g), 0);
	assert_true(gather_add(&g, 0, 10));
	assert_int_equal(gather_whole(&g), 25);
	assert_true(gather_add(&g, 5, 50));
	assert_int_equal(g.n, 1);
	assert_int_equal(gather_whole(&g), 50);
	assert_true(gather_add(&g, 7, 7));
	for (uint32_t i = 1; i < GATHER_RUNS; i++)
		assert_true(gather_add(&g, 100 * i, 100 * i + 1));
	assert_false(gather_add(&g, 5000, 5001));
	assert_true(gather_add(&g, 0, 6000));
	assert_int_equal(g.n, 1);
}

static void probes(void **state)
{
	(void)state;
	uint8_t hello[64] = { 0 }, late[64] = { 0 }, stun[20] = { 0 };
	enum toc_probe (*probe)(struct toc_span, enum toc_dir, bool) = toc_decoder_dtls.probe;
	hex_read("16feff0000000000000000000c"
		 "010000000000000000000000",
		 hello);
	assert_int_equal(probe(toc_span_of(hello, 25), TOC_ORIG, false), TOC_YES);
	assert_int_equal(probe(toc_span_of(hello, 24), TOC_ORIG, false), TOC_NO);
	hex_read("17fefd00010000000000010010", late);
	assert_int_equal(probe(toc_span_of(late, 29), TOC_ORIG, false), TOC_YES);
	assert_int_equal(probe(toc_span_of(late, 30), TOC_ORIG, false), TOC_NO);
	hex_read("000100002112a442", stun);
	assert_int_equal(probe(toc_span_of(stun, 20), TOC_ORIG, false), TOC_MAYBE);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(fragments), cmocka_unit_test(one_sided),
					    cmocka_unit_test(by_hand),	 cmocka_unit_test(version_13),
					    cmocka_unit_test(gathers),	 cmocka_unit_test(probes) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}

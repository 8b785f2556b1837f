/* x509: certificates of OpenSSL's making: Tor's shape, names for a host; stapled OCSP responses. */
#include "test.h"

#include <openssl/ec.h>
#include <openssl/ocsp.h>
#include <openssl/x509v3.h>

#include "decoders/x509.h"
#include "harness.h"

extern const struct toc_decoder toc_decoder_ssl;

static X509 *certificate(EVP_PKEY *key, const char *subject, const char *issuer, const char *san)
{
	X509 *cert = X509_new();
	X509_set_version(cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 0x1234);
	X509_gmtime_adj(X509_getm_notBefore(cert), 0);
	X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
	X509_set_pubkey(cert, key);
	X509_NAME *names[] = { X509_get_subject_name(cert), X509_NAME_new() };
	X509_NAME_add_entry_by_txt(names[0], "CN", MBSTRING_ASC, (const unsigned char *)subject, -1, -1, 0);
	X509_NAME_add_entry_by_txt(names[1], "CN", MBSTRING_ASC, (const unsigned char *)issuer, -1, -1, 0);
	X509_set_issuer_name(cert, names[1]);
	X509_NAME_free(names[1]);
	if (san) {
		X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, san);
		X509_add_ext(cert, e, -1);
		X509_EXTENSION_free(e);
	}
	X509_sign(cert, key, EVP_sha256());
	return cert;
}

static void read(X509 *cert, struct x509 *out, uint8_t **der)
{
	int n = i2d_X509(cert, der);
	assert_true(n > 0 && x509_read(toc_span_of(*der, (size_t)n), out));
}

static bool is_tor(const char *subject, const char *issuer, const char *san)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = certificate(key, subject, issuer, san);
	uint8_t *der = NULL;
	struct x509 c;
	read(cert, &c, &der);
	bool tor = x509_is_tor(&c);
	OPENSSL_free(der);
	X509_free(cert);
	EVP_PKEY_free(key);
	return tor;
}

static void tor(void **state)
{
	(void)state;
	assert_true(is_tor("www.abcdefgh234567.net", "www.zyxwvuts765432.com", NULL));
	assert_false(is_tor("www.abcdefgh234567.net", "www.zyxwvuts765432.com", "DNS:www.abcdefgh234567.net"));
	assert_false(is_tor("www.abcdefgh234567.com", "www.zyxwvuts765432.com", NULL));
	assert_false(is_tor("www.abcdefgh234567.net", "www.zyxwvuts765432.net", NULL));
	assert_false(is_tor("www.abcdefg.net", "www.zyxwvuts765432.com", NULL));       /* seven characters */
	assert_false(is_tor("www.abcdefgh189.net", "www.zyxwvuts765432.com", NULL));   /* not base32 */
	assert_false(is_tor("www.abcdefgh2345.net", "www.abcdefgh2345.com", NULL));    /* a firm with two names */
	assert_false(is_tor("mail.abcdefgh2345.net", "www.zyxwvuts765432.com", NULL)); /* no www */
}

static void hosts(void **state)
{
	(void)state;
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = certificate(key, "old.example", "ca.example", "DNS:*.school.example,DNS:school.example");
	uint8_t *der = NULL;
	struct x509 c;
	read(cert, &c, &der);
	assert_true(x509_for_host(&c, toc_span_str("learn.SCHOOL.example")));
	assert_true(x509_for_host(&c, toc_span_str("school.example")));
	assert_false(x509_for_host(&c, toc_span_str("a.b.school.example")));
	assert_false(
		x509_for_host(&c, toc_span_str("old.example"))); /* alternative names take the place of the common */
	OPENSSL_free(der);
	X509_free(cert);
	cert = certificate(key, "old.example", "ca.example", NULL);
	der = NULL;
	read(cert, &c, &der);
	assert_true(x509_for_host(&c, toc_span_str("old.example"))); /* it has nothing else */
	OPENSSL_free(der);
	X509_free(cert);
	EVP_PKEY_free(key);
}

/* A curve that is spelt out instead of named. */
static void explicit_curve(void **state)
{
	(void)state;
	EVP_PKEY *key = NULL;
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, NULL);
	assert_true(EVP_PKEY_keygen_init(ctx) == 1 && EVP_PKEY_CTX_set_ec_paramgen_curve_nid(ctx, NID_secp384r1) == 1 &&
		    EVP_PKEY_CTX_set_ec_param_enc(ctx, 0) == 1 && EVP_PKEY_keygen(ctx, &key) == 1);
	X509 *cert = certificate(key, "a.example", "ca.example", NULL);
	uint8_t *der = NULL;
	struct x509 c;
	read(cert, &c, &der);
	assert_string_equal(c.key_type, "ecdsa");
	assert_null(c.curve);
	assert_int_equal(c.key_length, 384);
	OPENSSL_free(der);
	X509_free(cert);
	EVP_PKEY_free(key);
	EVP_PKEY_CTX_free(ctx);
}

/* An answer, signed, within a CertificateStatus message in a record. */
static size_t staple(int status, int reason, uint8_t *out)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = certificate(key, "www.example.org", "ca.example", NULL);
	OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
	OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha1(), cert, cert);
	ASN1_TIME *revoked = ASN1_TIME_set(NULL, 1700000000), *now = ASN1_TIME_set(NULL, 1700000100),
		  *next = ASN1_TIME_set(NULL, 1700086500);
	OCSP_basic_add1_status(basic, id, status, reason, revoked, now, next);
	OCSP_basic_sign(basic, cert, key, EVP_sha256(), NULL, 0);
	OCSP_RESPONSE *response = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
	uint8_t *der = NULL;
	size_t n = (size_t)i2d_OCSP_RESPONSE(response, &der), length = n + 4;
	const uint8_t head[] = { 22,
				 3,
				 3,
				 (uint8_t)((length + 4) >> 8),
				 (uint8_t)(length + 4),
				 22,
				 0,
				 (uint8_t)(length >> 8),
				 (uint8_t)length,
				 1,
				 0,
				 (uint8_t)(n >> 8),
				 (uint8_t)n };
	memcpy(out, head, sizeof(head));
	memcpy(out + sizeof(head), der, n);
	OPENSSL_free(der);
	OCSP_RESPONSE_free(response);
	OCSP_BASICRESP_free(basic);
	OCSP_CERTID_free(id);
	ASN1_TIME_free(revoked);
	ASN1_TIME_free(now);
	ASN1_TIME_free(next);
	X509_free(cert);
	EVP_PKEY_free(key);
	return n + sizeof(head);
}

static void expect(struct trial *t, const char *field, const char *text)
{
	const char *got = trial_value(t, 0, field);
	if (!text) {
		assert_null(got);
		return;
	}
	assert_non_null(got);
	assert_string_equal(got, text);
}

static void stapled(void **state)
{
	(void)state;
	uint8_t bytes[4096];
	for (unsigned revoked = 0; revoked < 2; revoked++) {
		struct trial_step step = { TOC_RESP, bytes, 0 };
		step.n = staple(revoked ? V_OCSP_CERTSTATUS_REVOKED : V_OCSP_CERTSTATUS_GOOD,
				OCSP_REVOKED_STATUS_SUPERSEDED, bytes);
		struct trial *t = trial_new(&toc_decoder_ssl, TOC_OVER_TCP, 443);
		trial_feed(t, &step);
		trial_end(t, TOC_END_CLOSED);
		assert_string_equal(trial_kind(t, 0), "ocsp");
		expect(t, "hashAlgorithm", "\"sha1\"");
		expect(t, "serialNumber", "\"1234\"");
		expect(t, "certStatus", revoked ? "\"revoked\"" : "\"good\"");
		expect(t, "revokereason", revoked ? "\"superseded\"" : NULL);
		expect(t, "revoketime", revoked ? "1700000000.000000" : NULL);
		expect(t, "thisUpdate", "1700000100.000000");
		expect(t, "nextUpdate", "1700086500.000000");
		assert_non_null(strstr(trial_text(t), "{\"body\""));
		trial_free(t);
		assert_true(trial_same_however_cut(&toc_decoder_ssl, 443, &step, 1, 10));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(tor), cmocka_unit_test(hosts),
					    cmocka_unit_test(explicit_curve), cmocka_unit_test(stapled) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* quic: RFC 9001, appendix A; Initials sealed here with other CRYPTO frames, versions, retries, broken ones. */
#include "test.h"

#include <openssl/evp.h>

#include "decoders/hex.h"
#include "decoders/quic.h"
#include "harness.h"
#include "tocsin/crypto.h"

extern const struct toc_decoder toc_decoder_quic;

#define DCID "8394c8f03e515708"
/* RFC 9001, appendix A.2 */
#define HELLO                                                                                                          \
	"010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e86804fe3a47f06a2b69484c00000413011302010000c000000010"   \
	"000e00000b6578616d706c652e636f6dff01000100000a00080006001d0017001800100007000504616c706e000500050100000000"   \
	"003300260024001d00209370b2c9caa47fbabaf4559fedba753de171fa71f50f1ce15d43e994ec74d748002b0003020304000d0010"   \
	"000e0403050306030203080408050806002d00020101001c00024001003900320408ffffffffffffffff05048000ffff07048000ff"   \
	"ff0801100104800075300901100f088394c8f03e51570806048000ffff"
/* appendix A.3 */
#define SERVER                                                                                                         \
	"cf000000010008f067a5502a4262b5004075c0d95a482cd0991cd25b0aac406a5816b6394100f37a1c69797554780bb38cc5a99f5ede" \
	"4cf73c3ec2493a1839b3dbcba3f6ea46c5b7684df3548e7ddeb9c3bf9c73cc3f3bded74b562bfb19fb84022f8ef4cdd93795d77d06ed" \
	"bb7aaf2f58891850abbdca3d20398c276456cbc42158407dd074ee"

enum { HELLO_BYTES = 241, V1 = 1, V2 = 0x6b3343cf, DRAFT29 = (int)0xff00001d };

static void put_int(uint8_t **p, size_t v)
{
	*(*p)++ = (uint8_t)(0x40 | v >> 8);
	*(*p)++ = (uint8_t)v;
}

/* An Initial of the client with these frames; returns its length. */
static size_t seal(uint32_t version, const char *dcid, unsigned number, const uint8_t *frames, size_t n, uint8_t *out)
{
	struct quic_keys keys;
	uint8_t id[20], nonce[12], mask[16], *p = out;
	size_t id_n = hex_read(dcid, id);
	quic_keys_of(quic_version(version), toc_span_of(id, id_n), true, &keys);
	*p++ = (uint8_t)(0xc0 | (version == V2 ? 0x10 : 0) | 1); /* a number of two bytes */
	for (int shift = 24; shift >= 0; shift -= 8)
		*p++ = (uint8_t)(version >> shift);
	*p++ = (uint8_t)id_n;
	memcpy(p, id, id_n);
	p += id_n;
	*p++ = 0; /* scid */
	*p++ = 0; /* token */
	put_int(&p, 2 + n + 16);
	uint8_t *at = p;
	*p++ = (uint8_t)(number >> 8);
	*p++ = (uint8_t)number;
	memcpy(nonce, keys.iv, 12);
	nonce[10] ^= at[0];
	nonce[11] ^= at[1];
	int got;
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	EVP_EncryptInit_ex(c, EVP_aes_128_gcm(), NULL, keys.key, nonce);
	EVP_EncryptUpdate(c, NULL, &got, out, (int)(p - out));
	EVP_EncryptUpdate(c, p, &got, frames, (int)n);
	EVP_EncryptFinal_ex(c, p + n, &got);
	EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, 16, p + n);
	EVP_CIPHER_CTX_free(c);
	toc_aes128_block(keys.hp, at + 4, mask);
	out[0] ^= mask[0] & 0x0f;
	at[0] ^= mask[1];
	at[1] ^= mask[2];
	return (size_t)(p - out) + n + 16;
}

/* A CRYPTO frame with [from, to) of the hello. */
static size_t crypto(size_t from, size_t to, uint8_t *out)
{
	uint8_t hello[HELLO_BYTES], *p = out;
	assert_int_equal(hex_read(HELLO, hello), HELLO_BYTES);
	*p++ = 6;
	put_int(&p, from);
	put_int(&p, to - from);
	memcpy(p, hello + from, to - from);
	return (size_t)(p - out) + to - from;
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

static void feed(struct trial *t, enum toc_dir dir, const uint8_t *bytes, size_t n)
{
	trial_feed(t, &(struct trial_step){ dir, bytes, n });
}

static struct trial *begin(void)
{
	return trial_new(&toc_decoder_quic, TOC_OVER_UDP, 443);
}

/* Appendix A.1 */
static void keys(void **state)
{
	(void)state;
	struct quic_keys k;
	uint8_t id[8], want[16];
	hex_read(DCID, id);
	quic_keys_of(quic_version(V1), toc_span_of(id, 8), true, &k);
	hex_read("1f369613dd76d5467730efcbe3b1a22d", want);
	assert_memory_equal(k.key, want, 16);
	hex_read("fa044b2f42a3fd3b46fb255c", want);
	assert_memory_equal(k.iv, want, 12);
	hex_read("9f50449e04a0e810283a1e9933adedd2", want);
	assert_memory_equal(k.hp, want, 16);
	quic_keys_of(quic_version(V1), toc_span_of(id, 8), false, &k);
	hex_read("cf3a5331653c364c88f0f379b6067e37", want);
	assert_memory_equal(k.key, want, 16);
	/* RFC 9369, appendix A.1 */
	quic_keys_of(quic_version(V2), toc_span_of(id, 8), true, &k);
	hex_read("8b1a0bc121284290a29e0971b5cd045d", want);
	assert_memory_equal(k.key, want, 16);
}

/* Appendix A.2's hello and A.3's packet as it stands. */
static void appendix(void **state)
{
	(void)state;
	uint8_t frames[1200] = { 0 }, packet[1500], server[256];
	crypto(0, HELLO_BYTES, frames);
	size_t n = seal(V1, DCID, 2, frames, 1162, packet);
	struct trial *t = begin();
	feed(t, TOC_ORIG, packet, n);
	feed(t, TOC_RESP, server, hex_read(SERVER, server));
	trial_end(t, TOC_END_CLOSED);
	assert_int_equal(trial_events(t), 2);
	assert_string_equal(trial_kind(t, 0), "quic");
	expect(t, 0, "version", "\"1\"");
	expect(t, 0, "client_initial_dcid", "\"" DCID "\"");
	expect(t, 0, "client_scid", "\"\"");
	expect(t, 0, "server_scid", "\"f067a5502a4262b5\"");
	expect(t, 0, "server_name", "\"example.com\"");
	expect(t, 0, "client_protocol", "\"alpn\"");
	expect(t, 0, "history", "\"ISis\"");
	assert_string_equal(trial_kind(t, 1), "ssl");
	expect(t, 1, "version", "\"TLSv13\"");
	expect(t, 1, "cipher", "\"TLS_AES_128_GCM_SHA256\"");
	expect(t, 1, "curve", "\"x25519\"");
	expect(t, 1, "server_name", "\"example.com\"");
	assert_memory_equal(trial_value(t, 1, "ja4"), "\"q13d0211", 9);
	trial_free(t);
}

/* The hello in four frames over three packets, last first, one of them twice, in versions 2 and draft 29. */
static void in_pieces(void **state)
{
	(void)state;
	static const struct {
		uint32_t number;
		const char *name;
	} versions[] = { { V2, "\"quicv2\"" }, { (uint32_t)DRAFT29, "\"draft-29\"" } };
	for (unsigned v = 0; v < 2; v++) {
		uint8_t frames[600] = { 0 }, packet[1500];
		struct trial *t = begin();
		crypto(200, HELLO_BYTES, frames);
		feed(t, TOC_ORIG, packet, seal(versions[v].number, DCID, 2, frames, 300, packet));
		memset(frames, 0, sizeof(frames));
		size_t n = crypto(100, 210, frames); /* overlaps */
		n += crypto(0, 20, frames + n);
		feed(t, TOC_ORIG, packet, seal(versions[v].number, DCID, 0, frames, n, packet));
		feed(t, TOC_ORIG, packet, seal(versions[v].number, DCID, 0, frames, n, packet));
		assert_null(strstr(trial_text(t), "ja4"));
		n = crypto(10, 110, frames);
		feed(t, TOC_ORIG, packet, seal(versions[v].number, DCID, 1, frames, n, packet));
		trial_end(t, TOC_END_TIMEOUT);
		assert_int_equal(trial_events(t), 2);
		expect(t, 0, "version", versions[v].name);
		expect(t, 0, "server_name", "\"example.com\"");
		expect(t, 1, "established", "false");
		trial_free(t);
	}
}

/* After a Retry the client begins again with the server's id, and the keys come from that. */
static void retry(void **state)
{
	(void)state;
	uint8_t frames[600] = { 0 }, packet[1500], again[64];
	struct trial *t = begin();
	crypto(0, 50, frames);
	feed(t, TOC_ORIG, packet, seal(V1, DCID, 0, frames, 300, packet));
	feed(t, TOC_RESP, again,
	     hex_read("ff000000010008f067a5502a4262b5746f6b656e04a265ba2eff4d829058fb3f0f2496ba", again));
	crypto(0, HELLO_BYTES, frames);
	feed(t, TOC_ORIG, packet, seal(V1, "f067a5502a4262b5", 1, frames, 300, packet));
	trial_end(t, TOC_END_TIMEOUT);
	expect(t, 0, "server_name", "\"example.com\"");
	expect(t, 0, "client_initial_dcid", "\"" DCID "\"");
	expect(t, 0, "history", "\"IrIS\"");
	trial_free(t);
}

/* Version negotiation, an unknown version, Google's own, one whose tag is wrong: rows, and no more than a bounded work.
 */
static void others(void **state)
{
	(void)state;
	uint8_t packet[1500], frames[300] = { 0 };
	size_t n;
	struct trial *t = begin();
	feed(t, TOC_ORIG, packet, hex_read("c01a2a3a4a08" DCID "00000102030405", packet));
	feed(t, TOC_RESP, packet, hex_read("80000000000008" DCID "00000001", packet));
	trial_end(t, TOC_END_TIMEOUT);
	expect(t, 0, "version", "\"unknown-1a2a3a4a\"");
	expect(t, 0, "history", "\"Uv\"");
	trial_free(t);
	t = begin();
	feed(t, TOC_ORIG, packet, hex_read("0d" DCID "51303433 01 a0a1a2a3a4a5a6a7a8a9aaab", packet));
	trial_end(t, TOC_END_TIMEOUT);
	expect(t, 0, "version", "\"Q043\"");
	trial_free(t);
	t = begin(); /* both lengths in one byte */
	n = hex_read("c3 51303436 50" DCID "00000001 a0a1a2a3a4a5a6a7a8a9aaab", packet);
	assert_int_equal(toc_decoder_quic.probe(toc_span_of(packet, n), TOC_ORIG, true), TOC_YES);
	feed(t, TOC_ORIG, packet, n);
	feed(t, TOC_RESP, packet, hex_read("c3 51303436 05" DCID "00000001 a0a1a2a3a4a5a6a7a8a9aaab", packet));
	trial_end(t, TOC_END_TIMEOUT);
	expect(t, 0, "version", "\"Q046\"");
	expect(t, 0, "client_initial_dcid", "\"" DCID "\"");
	expect(t, 0, "server_scid", "\"" DCID "\"");
	trial_free(t);
	t = begin();
	crypto(0, HELLO_BYTES, frames);
	n = seal(V1, DCID, 0, frames, 300, packet);
	packet[n - 1] ^= 1;
	for (unsigned i = 0; i < 200; i++)
		feed(t, TOC_ORIG, packet, n);
	trial_end(t, TOC_END_TIMEOUT);
	assert_int_equal(trial_events(t), 1);
	assert_non_null(strstr(trial_text(t), "\"done\""));
	trial_free(t);
}

static void probes(void **state)
{
	(void)state;
	uint8_t packet[1500], frames[300] = { 0 };
	size_t n = seal(V1, DCID, 0, frames, 300, packet);
	assert_int_equal(toc_decoder_quic.probe(toc_span_of(packet, n), TOC_ORIG, false), TOC_YES);
	assert_int_equal(toc_decoder_quic.probe(toc_span_str("\x16\xfe\xfd"), TOC_ORIG, true), TOC_NO);
	assert_int_equal(toc_decoder_quic.probe(toc_span_of(packet, 0), TOC_ORIG, true), TOC_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(keys),	 cmocka_unit_test(appendix),
					    cmocka_unit_test(in_pieces), cmocka_unit_test(retry),
					    cmocka_unit_test(others),	 cmocka_unit_test(probes) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* ssl: records by hand: SSL 2 hellos, losses, sessions begun before, ends the wrong way round, alerts, heartbeats. */
#include "test.h"

#include <unistd.h>

#include "decoders/hex.h"
#include "harness.h"

extern const struct toc_decoder toc_decoder_ssl;

#define ZEROS32 "0000000000000000000000000000000000000000000000000000000000000000"
#define RETRY32 "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c"
/* version 3.3, two suites, SNI "a.example" */
#define CLIENT                                                                                                         \
	"1603010043"                                                                                                   \
	"0100003f"                                                                                                     \
	"0303" ZEROS32 "00"                                                                                            \
	"0004"                                                                                                         \
	"1301c02f"                                                                                                     \
	"0100"                                                                                                         \
	"0012"                                                                                                         \
	"0000000e000c000009612e6578616d706c65"
/* suite 0xc02f, no extensions */
#define SERVER                                                                                                         \
	"160303002a"                                                                                                   \
	"02000026"                                                                                                     \
	"0303" ZEROS32 "00"                                                                                            \
	"c02f"                                                                                                         \
	"00"
#define DONE                                                                                                           \
	"1603030004"                                                                                                   \
	"0e000000"
#define CCS "140303000101"
#define CIPHER                                                                                                         \
	"1603030008"                                                                                                   \
	"0102030405060708"

struct conversation {
	uint8_t bytes[4096];
	size_t n, nsteps;
	struct trial_step steps[16];
};

static void say(struct conversation *c, enum toc_dir dir, const char *hex)
{
	size_t n = hex_read(hex, c->bytes + c->n);
	c->steps[c->nsteps++] = (struct trial_step){ dir, c->bytes + c->n, n };
	c->n += n;
}

static void lose(struct conversation *c, enum toc_dir dir, size_t n)
{
	c->steps[c->nsteps++] = (struct trial_step){ dir, NULL, n };
}

static struct trial *run(const struct conversation *c)
{
	struct trial *t = trial_new(&toc_decoder_ssl, TOC_OVER_TCP, 443);
	for (size_t i = 0; i < c->nsteps; i++)
		trial_feed(t, &c->steps[i]);
	trial_end(t, TOC_END_CLOSED);
	assert_true(trial_same_however_cut(&toc_decoder_ssl, 443, c->steps, c->nsteps, 40));
	return t;
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

/* A hello of SSL 2 that an ordinary server answers, and SSL 2 to the end. */
static void version_two(void **state)
{
	(void)state;
	struct conversation c = { 0 };
	say(&c, TOC_ORIG,
	    "801f"
	    "01"
	    "0301"
	    "0006"
	    "0000"
	    "0010"
	    "010080"
	    "000005"
	    "000102030405060708090a0b0c0d0e0f");
	say(&c, TOC_RESP, SERVER);
	struct trial *t = run(&c);
	assert_int_equal(trial_events(t), 1);
	expect(t, 0, "version", "\"TLSv12\"");
	expect(t, 0, "ssl_history", "\"Cs\"");
	trial_free(t);
	struct conversation old = { 0 };
	say(&old, TOC_ORIG,
	    "801c"
	    "01"
	    "0002"
	    "0003"
	    "0000"
	    "0010"
	    "010080"
	    "000102030405060708090a0b0c0d0e0f");
	say(&old, TOC_RESP,
	    "801e"
	    "04"
	    "00"
	    "01"
	    "0002"
	    "0000"
	    "0003"
	    "0010"
	    "010080"
	    "000102030405060708090a0b0c0d0e0f");
	t = run(&old);
	expect(t, 0, "version", "\"SSLv2\"");
	expect(t, 0, "cipher", "\"SSLv20_CK_RC4_128_WITH_MD5\"");
	assert_non_null(strstr(trial_text(t), "\"done\""));
	trial_free(t);
}

/* Bytes of an unknown record are lost: the next record that begins is taken up, here the server's hello's next. */
static void after_a_loss(void **state)
{
	(void)state;
	struct conversation c = { 0 };
	say(&c, TOC_ORIG, CLIENT);
	say(&c, TOC_RESP, SERVER "160303");
	lose(&c, TOC_RESP, 700);
	say(&c, TOC_RESP, "00ff16031703" DONE);
	say(&c, TOC_ORIG, CCS CIPHER);
	say(&c, TOC_RESP, CCS CIPHER);
	struct trial *t = run(&c);
	assert_int_equal(trial_events(t), 1);
	expect(t, 0, "established", "true");
	expect(t, 0, "cipher", "\"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256\"");
	expect(t, 0, "server_name", "\"a.example\"");
	trial_free(t);
}

/* Only the client's side, only the server's; the server as originator. */
static void sides(void **state)
{
	(void)state;
	struct conversation server = { 0 }, backwards = { 0 };
	say(&server, TOC_RESP, SERVER DONE);
	struct trial *t = run(&server);
	expect(t, 0, "version", "\"TLSv12\"");
	expect(t, 0, "ssl_history", "\"sn\"");
	trial_free(t);
	say(&backwards, TOC_ORIG, SERVER DONE);
	say(&backwards, TOC_RESP, CCS CIPHER);
	say(&backwards, TOC_ORIG, CCS CIPHER);
	t = run(&backwards);
	expect(t, 0, "ssl_history", "\"snIi\"");
	expect(t, 0, "established", "true");
	trial_free(t);
}

/* In cipher from the first byte: it is TLS, and there is nothing to tell. */
static void late(void **state)
{
	(void)state;
	struct conversation c = { 0 };
	say(&c, TOC_RESP, "1703030020" ZEROS32 "1703030001aa");
	struct trial *t = run(&c);
	assert_int_equal(trial_events(t), 0);
	assert_non_null(strstr(trial_text(t), "\"confirm\":\"ssl\""));
	trial_free(t);
	enum toc_probe (*probe)(struct toc_span, enum toc_dir, bool) = toc_decoder_ssl.probe;
	assert_int_equal(probe(toc_span_of(c.bytes, c.n), TOC_ORIG, false), TOC_YES); /* a second record follows */
	assert_int_equal(probe(toc_span_of(c.bytes, 20), TOC_ORIG, true), TOC_YES);
	assert_int_equal(probe(toc_span_of(c.bytes, 20), TOC_ORIG, false), TOC_MAYBE);
	assert_int_equal(probe(toc_span_str("\x17\x04\x03\x00\x20"), TOC_ORIG, true), TOC_NO);
	assert_int_equal(probe(toc_span_str("\x80\x9e\x01\x03\x00\x00"), TOC_ORIG, true), TOC_MAYBE);
	assert_int_equal(probe(toc_span_str("\x80\x9e\x02"), TOC_ORIG, true), TOC_NO);
}

/* The choice of a HelloRetryRequest stands until the hello that follows it is seen. */
static void retries(void **state)
{
	(void)state;
	struct conversation c = { 0 };
	say(&c, TOC_ORIG, CLIENT);
	say(&c, TOC_RESP,
	    "1603030038"
	    "02000034"
	    "0303" RETRY32 "00"
	    "1301"
	    "00"
	    "000c"
	    "002b00020304"
	    "003300020017");
	struct trial *t = run(&c);
	expect(t, 0, "version", "\"TLSv13\"");
	expect(t, 0, "curve", "\"secp256r1\"");
	expect(t, 0, "ja3s", NULL);
	trial_free(t);
	say(&c, TOC_RESP, SERVER);
	t = run(&c);
	expect(t, 0, "version", "\"TLSv12\"");
	expect(t, 0, "cipher", "\"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256\"");
	trial_free(t);
}

static void alerts_and_heartbeats(void **state)
{
	(void)state;
	struct conversation c = { 0 };
	say(&c, TOC_ORIG, CLIENT);
	say(&c, TOC_RESP,
	    "1803030014"
	    "01"
	    "0001"
	    "61"
	    "00112233445566778899aabbccddeeff");
	struct trial *t = run(&c);
	assert_null(strstr(trial_text(t), "weird"));
	trial_free(t);
	say(&c, TOC_ORIG,
	    "1803010003"
	    "01"
	    "4000");
	say(&c, TOC_RESP,
	    "15030300020228"
	    "15030300020100");
	t = run(&c);
	assert_non_null(strstr(trial_text(t), "ssl_heartbeat_overread"));
	expect(t, 0, "last_alert", "\"handshake_failure\"");
	expect(t, 0, "established", "false");
	trial_free(t);
}

/* SERVER with the extension heartbeat */
#define SERVER_BEATS                                                                                                   \
	"1603030031"                                                                                                   \
	"0200002d"                                                                                                     \
	"0303" ZEROS32 "00"                                                                                            \
	"c02f"                                                                                                         \
	"00"                                                                                                           \
	"0005000f000101"

/* `answer` hex zeros, twice, come back to a heartbeat of 32 bytes in cipher. */
static bool overread(const char *server, unsigned answer)
{
	static struct conversation c;
	static char record[8192];
	c.n = c.nsteps = 0;
	say(&c, TOC_ORIG, CLIENT);
	say(&c, TOC_RESP, server);
	say(&c, TOC_RESP, DONE);
	say(&c, TOC_ORIG, CCS CIPHER);
	say(&c, TOC_RESP, CCS CIPHER);
	say(&c, TOC_ORIG, "1803030020" ZEROS32);
	for (unsigned i = 0; i < 2; i++) {
		sprintf(record, "180303%04x%0*d", answer, (int)(2 * answer), 0);
		say(&c, TOC_RESP, record);
	}
	struct trial *t = run(&c);
	bool told = strstr(trial_text(t), "ssl_heartbeat_overread") != NULL;
	trial_free(t);
	return told;
}

static void heartbeats_in_cipher(void **state)
{
	(void)state;
	assert_true(overread(SERVER_BEATS, 1000));
	assert_false(overread(SERVER_BEATS, 32));
	assert_false(overread(SERVER, 1000)); /* not agreed on: the session is let go at its start */
}

/* ECH's outer hello; GREASE is no version; DNS inside. */
static void extensions(void **state)
{
	(void)state;
	struct conversation c = { 0 };
	say(&c, TOC_ORIG,
	    "1603010058"
	    "01000054"
	    "0303" ZEROS32 "00"
	    "0002"
	    "1301"
	    "0100"
	    "0029"
	    "002b0005040a0a0304"
	    "0010000600040364 6f74"
	    "fe0d0012"
	    "00"
	    "0001"
	    "0001"
	    "aa"
	    "0002bbbb"
	    "0006cccccccccccc");
	struct trial *t = run(&c);
	expect(t, 0, "ech_kdf_id", "1");
	expect(t, 0, "ech_aead_id", "1");
	assert_memory_equal(trial_value(t, 0, "ja4"), "\"t13i0103dt_", 12);
	assert_non_null(strstr(trial_text(t), "\"confirm\":\"dot\""));
	trial_free(t);
}

/* A name that says it is longer than its list: read past once, and let go. Found by fuzzing as a loop without end. */
static void a_name_that_lies(void **state)
{
	(void)state;
	struct conversation c = { 0 };
	say(&c, TOC_ORIG,
	    "1603010043"
	    "0100003f"
	    "0303" ZEROS32 "00"
	    "0004"
	    "1301c02f"
	    "0100"
	    "0012"
	    "0000000e000c00ffff612e6578616d706c65");
	say(&c, TOC_RESP, SERVER DONE);
	alarm(20); /* a loop without end fails here, not at the test's own limit */
	struct trial *t = run(&c);
	alarm(0);
	expect(t, 0, "server_name", NULL);
	expect(t, 0, "cipher", "\"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256\"");
	trial_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(version_two),
		cmocka_unit_test(after_a_loss),
		cmocka_unit_test(sides),
		cmocka_unit_test(late),
		cmocka_unit_test(retries),
		cmocka_unit_test(alerts_and_heartbeats),
		cmocka_unit_test(heartbeats_in_cipher),
		cmocka_unit_test(extensions),
		cmocka_unit_test(a_name_that_lies),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

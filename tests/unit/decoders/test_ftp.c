/* ftp: rows, data channels, paths, secrets, losses; files by announcement. */
#include "trials.h"

#include "decoders/ftp.h"

extern const struct toc_decoder toc_decoder_ftp, toc_decoder_ftp_data, toc_decoder_irc_dcc;

#define LOGIN                                                                                                          \
	RESP("220-Welcome\r\n 220 not yet\r\n220 ready\r\n"), ORIG("USER anna\r\n"), RESP("331 password, please\r\n"), \
		ORIG("PASS marker\r\n"), RESP("230 in\r\n")

static void a_download(void **state)
{
	(void)state;
	const struct trial_step steps[] = { LOGIN,
					    ORIG("CWD pub/x\r\n"),
					    RESP("250 ok\r\n"),
					    ORIG("CWD ../y\r\n"),
					    RESP("250 ok\r\n"),
					    ORIG("PASV\r\n"),
					    RESP("227 Entering Passive Mode (10,0,0,2,4,1).\r\n"),
					    ORIG("RETR a.txt\r\n"),
					    RESP("150 Opening BINARY mode data connection (39 bytes)\r\n226 done\r\n"),
					    ORIG("QUIT\r\n"),
					    RESP("221 bye\r\n") };
	struct trial *t = RUN(&toc_decoder_ftp, 21, steps);
	trials_hides(t, "marker");
	assert_int_equal(trial_events(t), 3);
	trials_has(t, 0, "outcome", "\"success\"");
	trials_has(t, 0, "user", "\"anna\"");
	trials_has(t, 1, "command", "\"PASV\"");
	trials_has(t, 1, "data_channel.passive", "true");
	trials_has(t, 1, "data_channel.resp_h", "\"10.0.0.2\"");
	trials_has(t, 1, "data_channel.resp_p", "1025");
	trials_has(t, 2, "arg", "\"ftp://10.0.0.2/./pub/y/a.txt\"");
	trials_has(t, 2, "file_size", "39");
	trials_has(t, 2, "reply_code", "226");
	trials_says(t, "{\"expect\":\"10.0.0.2:1025 ftp-data\"}");
	trial_free(t);
}

static void ports_of_the_client(void **state)
{
	(void)state;
	const struct trial_step steps[] = { LOGIN,
					    ORIG("PORT 10,0,0,1,0,99\r\n"),
					    RESP("200 ok\r\n"),
					    ORIG("EPRT |1|10.0.0.9|4000|\r\n"), /* a third host: bounce */
					    RESP("500 no\r\n"),
					    ORIG("EPSV\r\n"),
					    RESP("229 Extended (|||5000|)\r\n"),
					    ORIG("QUIT\r\n"),
					    RESP("221 bye\r\n") };
	struct trial *t = RUN(&toc_decoder_ftp, 21, steps);
	trials_says(t, "{\"expect\":\"10.0.0.1:99 ftp-data\"}");
	trials_says(t, "{\"weird\":\"ftp_bounce\"}");
	trials_says(t, "{\"expect\":\"10.0.0.2:5000 ftp-data\"}");
	trials_has(t, 1, "data_channel.passive", "false");
	trials_has(t, 2, "data_channel.resp_h", "\"10.0.0.9\"");
	trials_has(t, 3, "data_channel.resp_p", "5000");
	trial_free(t);
}

static void refused_and_tls(void **state)
{
	(void)state;
	const struct trial_step refused[] = { RESP("220 x FTP\r\n"), ORIG("USER root\r\nPASS marker\r\n"),
					      RESP("331 p\r\n530 no\r\n"), ORIG("QUIT\r\n"), RESP("221 b\r\n") };
	struct trial *t = RUN(&toc_decoder_ftp, 21, refused);
	trials_has(t, 0, "outcome", "\"failure\"");
	trials_has(t, 1, "command", "\"QUIT\""); /* nobody got in: told by its last command */
	trials_hides(t, "marker");
	trial_free(t);
	const struct trial_step tls[] = { RESP("220 x\r\n"), ORIG("AUTH TLS\r\n"), RESP("234 go\r\n") };
	t = RUN(&toc_decoder_ftp, 21, tls);
	trials_says(t, "{\"child\":\"ssl\"}");
	trial_free(t);
	const struct trial_step broken[] = { RESP("220 x\r\n"), ORIG("USER a\r\n"), RESP("331 p\r\n"),
					     ORIG("PASS marker\r\n") };
	t = RUN(&toc_decoder_ftp, 21, broken);
	trials_has(t, 0, "command", "\"PASS\"");
	trials_has(t, 0, "arg", "\"<hidden>\"");
	trial_free(t);
}

/* After a loss the answers stay with their commands. */
static void losses(void **state)
{
	(void)state;
	const struct trial_step steps[] = { LOGIN,
					    ORIG("PASV\r\n"),
					    GAP(TOC_RESP, 40),
					    RESP("lost (10,0,0,2,1,1)\r\n227 x (10,0,0,2,1,2)\r\n"),
					    GAP(TOC_ORIG, 20),
					    RESP("150 x\r\n226 unknown\r\n"),
					    ORIG("DELE f\r\n"),
					    RESP("250 gone\r\n"),
					    ORIG("QUIT\r\n") };
	struct trial *t = RUN(&toc_decoder_ftp, 21, steps);
	trials_has(t, 1, "reply_code", "227");
	trials_has(t, 2, "command", "\"DELE\"");
	trials_has(t, 2, "reply_msg", "\"gone\"");
	trial_free(t);
}

static void texts(void **state)
{
	(void)state;
	struct ftp_host h;
	struct ftp_path p = { 0 };
	assert_true(ftp_read_port(toc_span_str("=(1,2,3,4,5,6)"), &h) && h.port == 5 * 256 + 6);
	assert_false(ftp_read_port(toc_span_str("1,2,3,4,5"), &h));
	assert_false(ftp_read_port(toc_span_str("1,2,3,400,5,6"), &h));
	assert_true(ftp_read_eprt(toc_span_str("|2|fe80::1|6446|"), &h) && h.has_addr && h.port == 6446);
	assert_false(ftp_read_eprt(toc_span_str("|||99999|"), &h));
	assert_false(ftp_read_eprt(toc_span_str("|||"), &h));
	ftp_path_go(&p, toc_span_str("a/b"));
	ftp_path_go(&p, toc_span_str("../../../c"));
	assert_true(p.n <= FTP_PATH);
	ftp_path_go(&p, toc_span_str("/d//e/"));
	assert_true(toc_span_is(toc_span_of(p.b, p.n), "/d/e"));
	for (unsigned i = 0; i < 200; i++) /* longer than there is room for */
		ftp_path_go(&p, toc_span_str("xxxxxxxx"));
	uint8_t url[2 * FTP_PATH];
	assert_true(ftp_url(&h.addr, &p, toc_span_str("y"), url) <= sizeof(url));
}

static void files(void **state)
{
	(void)state;
	const struct trial_step steps[] = { RESP("hello"), GAP(TOC_RESP, 3), RESP("world") };
	struct trial *t = RUN(&toc_decoder_ftp_data, 5000, steps);
	trials_says(t, "resp FTP_DATA name= seen=10 missing=3");
	trial_free(t);
	const struct trial_step dcc[] = { RESP("file"), ORIG("\0\0\0\4"), RESP("s"), GAP(TOC_ORIG, 4) };
	t = RUN(&toc_decoder_irc_dcc, 5000, dcc);
	trials_says(t, "resp IRC_DATA name= seen=5 missing=0");
	trials_hides(t, "orig IRC_DATA");
	trial_free(t);
}

static void probes(void **state)
{
	(void)state;
	const struct toc_decoder *d = &toc_decoder_ftp;
	PROBE(d, TOC_RESP, true, "220 x\r\n", TOC_YES);
	PROBE(d, TOC_RESP, false, "220 FTP server\r\n", TOC_YES);
	PROBE(d, TOC_RESP, false, "220 mail ESMTP\r\n", TOC_NO);
	PROBE(d, TOC_RESP, false, "220 x\r\n331 password\r\n", TOC_YES);
	PROBE(d, TOC_ORIG, false, "USER x\r\n", TOC_MAYBE);
	PROBE(d, TOC_ORIG, true, "USER x\r\n", TOC_YES);
	PROBE(d, TOC_ORIG, false, "AUTH TLS\r\n", TOC_YES);
	PROBE(d, TOC_ORIG, true, "GET / HTTP/1.1\r\n", TOC_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_download),      cmocka_unit_test(ports_of_the_client),
					    cmocka_unit_test(refused_and_tls), cmocka_unit_test(losses),
					    cmocka_unit_test(texts),	       cmocka_unit_test(files),
					    cmocka_unit_test(probes) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* smtp: envelopes, ends of content, STARTTLS, losses, and nothing of the mail itself. */
#include "trials.h"

extern const struct toc_decoder toc_decoder_smtp;

#define HELLO                                                                                                          \
	RESP("220 mx.example.org ESMTP\r\n"), ORIG("EHLO client.example.com\r\n"), RESP("250-mx\r\n250 PIPELINING\r\n")
#define SENDER ORIG("MAIL FROM:<alice@example.com> SIZE=100\r\n"), RESP("250 2.1.0 Ok\r\n")
#define BOB    ORIG("RCPT TO:<bob.marker@school.example>\r\n"), RESP("250 2.1.5 Ok\r\n")
#define ASK    ORIG("DATA\r\n"), RESP("354 End data with <CR><LF>.<CR><LF>\r\n")
#define MAIL                                                                                                           \
	ORIG("Subject: marker-subject\r\nTo: marker@x\r\nContent-Disposition: attachment; filename=marker.doc\r\n\r\n" \
	     "marker-body\r\nMAIL FROM:<marker@inside>\r\n..dot\r\n.\r\n")

static struct trial *run(const struct trial_step *steps, size_t n)
{
	struct trial *t = trials_run(&toc_decoder_smtp, 25, steps, n);
	trials_hides(t, "marker");
	return t;
}
#define TRY(steps) run(steps, sizeof(steps) / sizeof(steps[0]))

static void one_mail(void **state)
{
	(void)state;
	const struct trial_step steps[] = { HELLO,
					    SENDER,
					    BOB,
					    ORIG("RCPT TO:<carol@School.Example>\r\n"),
					    RESP("250 2.1.5 Ok\r\n"),
					    ORIG("RCPT TO:<@relay:\"odd@marker\"@other.example>\r\n"),
					    RESP("550 5.1.1 <odd@marker> unknown\r\n"),
					    ASK,
					    MAIL,
					    RESP("250 2.0.0 Ok: queued as 4711\r\n"),
					    ORIG("QUIT\r\n"),
					    RESP("221 2.0.0 Bye\r\n") };
	struct trial *t = TRY(steps);
	assert_int_equal(trial_events(t), 1);
	trials_has(t, 0, "trans_depth", "1");
	trials_has(t, 0, "helo", "\"client.example.com\"");
	trials_has(t, 0, "mailfrom", "\"alice@example.com\"");
	trials_has(t, 0, "rcpt_count", "3");
	trials_has(t, 0, "rcpt_domains", "[\"school.example\",\"other.example\"]");
	trials_has(t, 0, "last_reply", "\"250 2.0.0 Ok: queued as 4711\"");
	trials_has(t, 0, "path", "[\"10.0.0.2\",\"10.0.0.1\"]");
	trials_has(t, 0, "tls", "false");
	trial_free(t);
}

static void two_mails_and_one_abandoned(void **state)
{
	(void)state;
	const struct trial_step steps[] = { HELLO,
					    SENDER,
					    BOB,
					    ASK,
					    MAIL,
					    RESP("250 ok 1\r\n"),
					    SENDER,
					    BOB,
					    ORIG("RSET\r\n"),
					    RESP("250 2.0.0 reset\r\n"),
					    ORIG("MAIL FROM:<>\r\n"),
					    RESP("250 Ok\r\n"),
					    ORIG("RCPT TO:<x@y>\r\nDATA\r\n"),
					    RESP("250 Ok\r\n354 go\r\n"),
					    ORIG(".\r\nQUIT\r\n"),
					    RESP("554 5.7.1 no: marker-subject\r\n221 bye\r\n") };
	struct trial *t = TRY(steps);
	assert_int_equal(trial_events(t), 3);
	trials_has(t, 0, "last_reply", "\"250 ok 1\"");
	trials_has(t, 1, "trans_depth", "2");
	trials_has(t, 1, "last_reply", "\"250 2.0.0 reset\"");
	trials_has(t, 2, "trans_depth", "2");
	trials_has(t, 2, "mailfrom", NULL);
	trials_has(t, 2, "last_reply", "\"554 5.7.1\""); /* a refusal may quote the mail */
	trial_free(t);
}

/* BDAT: lengths, no dot; a mail may hold what looks like commands. */
static void chunks(void **state)
{
	(void)state;
	const struct trial_step steps[] = { HELLO,
					    SENDER,
					    BOB,
					    ORIG("BDAT 29\r\nMAIL FROM:<marker@inside>\r\n\r\n"),
					    RESP("250 got it\r\n"),
					    ORIG("BDAT 0 LAST\r\nMAIL FROM:<next@example.com>\r\n"),
					    RESP("250 message accepted\r\n250 Ok\r\n") };
	struct trial *t = TRY(steps);
	assert_int_equal(trial_events(t), 2);
	trials_has(t, 0, "last_reply", "\"250 message accepted\"");
	trials_has(t, 1, "mailfrom", "\"next@example.com\"");
	trial_free(t);
}

static void starttls(void **state)
{
	(void)state;
	const struct trial_step steps[] = { HELLO, ORIG("STARTTLS\r\n"), RESP("220 2.0.0 Ready\r\n"),
					    ORIG("\x16\x03\x01") };
	struct trial *t = TRY(steps);
	trials_says(t, "{\"child\":\"ssl\"}");
	trials_has(t, 0, "tls", "true");
	trials_has(t, 0, "last_reply", "\"220 2.0.0 Ready\"");
	trial_free(t);
	const struct trial_step one_sided[] = { ORIG("EHLO x\r\n"), ORIG("STARTTLS\r\n"), ORIG("\x16\x03\x01\x02") };
	t = TRY(one_sided);
	trials_says(t, "{\"child\":\"ssl\"}");
	trial_free(t);
}

/* Proofs of identity are neither commands nor told. */
static void login(void **state)
{
	(void)state;
	const struct trial_step steps[] = { HELLO,
					    ORIG("AUTH LOGIN\r\n"),
					    RESP("334 VXNlcm5hbWU6\r\n"),
					    ORIG("HELO marker\r\n"), /* a name, whatever it looks like */
					    RESP("334 UGFzc3dvcmQ6\r\n"),
					    ORIG("bWFya2Vy-marker\r\n"),
					    RESP("535 5.7.8 marker@x rejected\r\n"),
					    ORIG("AUTH PLAIN marker==\r\n"),
					    RESP("235 2.7.0 ok\r\n"),
					    ORIG("AUTH PLAIN AGFubmEAbWFya2Vy\r\n"), /* NUL anna NUL marker */
					    RESP("235 2.7.0 ok\r\n"),
					    ORIG("AUTH LOGIN\r\n"),
					    RESP("334 VXNlcm5hbWU6\r\n"),
					    ORIG("Ym9i\r\n"), /* bob */
					    RESP("334 UGFzc3dvcmQ6\r\n"),
					    ORIG("bWFya2Vy\r\n"), /* marker */
					    RESP("235 2.7.0 ok\r\n") };
	struct trial *t = TRY(steps);
	assert_int_equal(trial_events(t), 4);
	trials_hides(t, "bWFya2Vy");
	trials_has(t, 2, "user", "\"anna\"");
	trials_has(t, 3, "user", "\"bob\"");
	trials_has(t, 0, "outcome", "\"failure\"");
	trials_has(t, 0, "method", "\"LOGIN\"");
	trials_has(t, 1, "outcome", "\"success\"");
	trial_free(t);
}

/* Lost bytes: content is never taken for commands, and a session goes on where that is safe. */
static void losses(void **state)
{
	(void)state;
	const struct trial_step in_content[] = { HELLO,
						 SENDER,
						 BOB,
						 ASK,
						 ORIG("Subject: marker\r\n"),
						 GAP(TOC_ORIG, 1000),
						 ORIG("\r\nMAIL FROM:<marker@x>\r\n"),
						 RESP("250 ok\r\n"),
						 SENDER };
	struct trial *t = TRY(in_content);
	assert_int_equal(trial_events(t), 2);
	trials_has(t, 0, "last_reply", "\"250 ok\"");
	trial_free(t);
	const struct trial_step asked[] = { HELLO,
					    SENDER,
					    BOB,
					    GAP(TOC_ORIG, 6),
					    RESP("354 go\r\n"),
					    ORIG("MAIL FROM:<marker@x>\r\n.\r\n"),
					    RESP("250 ok\r\n") };
	t = TRY(asked);
	assert_int_equal(trial_events(t), 1);
	trial_free(t);
	const struct trial_step begun[] = {
		HELLO, SENDER, BOB, GAP(TOC_ORIG, 600), ORIG("RCPT TO:<a@marker>\r\n.\r\n"), RESP("250 ok\r\n"), SENDER
	};
	t = TRY(begun);
	assert_int_equal(trial_events(t), 2);
	trial_free(t);
}

/* A server that takes a bare line end for the end of content. */
static void lax_server(void **state)
{
	(void)state;
	const struct trial_step steps[] = { HELLO, SENDER, BOB, ASK, ORIG("marker\n.\n"), RESP("250 ok\r\n"), SENDER };
	struct trial *t = TRY(steps);
	assert_int_equal(trial_events(t), 2);
	trial_free(t);
	const struct trial_step strict[] = {
		HELLO, SENDER, BOB, ASK, ORIG("a\n.\nMAIL FROM:<marker@x>\r\n.\r\n"), RESP("250 ok\r\n")
	};
	t = TRY(strict);
	assert_int_equal(trial_events(t), 1);
	trial_free(t);
}

static void a_client_that_does_not_wait(void **state)
{
	(void)state;
	const struct trial_step steps[] = { ORIG(
		"EHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nmarker\r\n.\r\nQUIT\r\n") };
	struct trial *t = TRY(steps);
	assert_int_equal(trial_events(t), 1);
	trials_has(t, 0, "rcpt_count", "1");
	trial_free(t);
}

static void probes(void **state)
{
	(void)state;
	const struct toc_decoder *d = &toc_decoder_smtp;
	PROBE(d, TOC_RESP, true, "220 mx ready\r\n", TOC_YES);
	PROBE(d, TOC_RESP, false, "220 mx ESMTP Postfix\r\n", TOC_YES);
	PROBE(d, TOC_RESP, false, "220 ready\r\n", TOC_MAYBE);
	PROBE(d, TOC_ORIG, false, "EHLO x\r\n", TOC_YES);
	PROBE(d, TOC_ORIG, true, "USER x\r\n", TOC_NO);
	PROBE(d, TOC_RESP, true, "+OK\r\n", TOC_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(one_mail),	  cmocka_unit_test(two_mails_and_one_abandoned),
					    cmocka_unit_test(chunks),	  cmocka_unit_test(starttls),
					    cmocka_unit_test(login),	  cmocka_unit_test(losses),
					    cmocka_unit_test(lax_server), cmocka_unit_test(a_client_that_does_not_wait),
					    cmocka_unit_test(probes) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* irc: names, channels, offers, no keys and no messages. */
#include "trials.h"

extern const struct toc_decoder toc_decoder_irc;

static void a_session(void **state)
{
	(void)state;
	const struct trial_step steps[] = { ORIG("PASS marker\r\nNICK tim\r\nUSER tim 0 * :Tim T\r\n"),
					    RESP(":srv 001 tim :Welcome\r\n"),
					    ORIG("JOIN #a,#b marker\r\nPRIVMSG #a :marker words\r\n"),
					    ORIG("PRIVMSG bob :\001DCC SEND \"my file\" 167772161 6000 77\001\r\n"),
					    RESP(":joe!j@h PRIVMSG tim :\001DCC SEND x 167772162 5000 9\001\r\n"),
					    GAP(TOC_ORIG, 9),
					    ORIG("arker\r\nNICK tom\r\n") };
	struct trial *t = RUN(&toc_decoder_irc, 6667, steps);
	trials_hides(t, "marker");
	assert_int_equal(trial_events(t), 7);
	trials_has(t, 0, "command", "\"NICK\"");
	trials_has(t, 0, "value", "\"tim\"");
	trials_has(t, 0, "nick", NULL);
	trials_has(t, 1, "nick", "\"tim\"");
	trials_has(t, 1, "addl", "\"0 * Tim T\"");
	trials_has(t, 2, "user", "\"tim\"");
	trials_has(t, 3, "value", "\"#b\"");
	trials_has(t, 4, "dcc_file_name", "\"my file\"");
	trials_has(t, 4, "dcc_file_size", "77");
	trials_says(t, "{\"expect\":\"10.0.0.1:6000 irc-dcc-data\"}");
	trials_has(t, 5, "dcc_file_name", "\"x\"");
	trials_has(t, 6, "value", "\"tom\"");
	trial_free(t);
}

static void starttls(void **state)
{
	(void)state;
	const struct trial_step steps[] = { ORIG("STARTTLS\r\n"), RESP(":s 670 * :go\r\n") };
	struct trial *t = RUN(&toc_decoder_irc, 6667, steps);
	trials_says(t, "{\"child\":\"ssl\"}");
	trial_free(t);
}

static void probes(void **state)
{
	(void)state;
	const struct toc_decoder *d = &toc_decoder_irc;
	PROBE(d, TOC_ORIG, false, "NICK x\r\n", TOC_YES);
	PROBE(d, TOC_ORIG, false, "USER a b c :d\r\n", TOC_YES);
	PROBE(d, TOC_ORIG, false, "USER a\r\n", TOC_MAYBE); /* FTP's and POP3's */
	PROBE(d, TOC_RESP, false, ":srv 001 x :hi\r\n", TOC_YES);
	PROBE(d, TOC_RESP, false, "NOTICE AUTH :*** Looking up\r\n", TOC_YES);
	PROBE(d, TOC_ORIG, false, "GET / HTTP/1.0\r\n", TOC_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_session), cmocka_unit_test(starttls),
					    cmocka_unit_test(probes) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* handshakes: labels by the first bytes, and by nothing less. */
#include "trials.h"

extern const struct toc_decoder toc_decoder_handshakes;

#define IS(name, dir, bytes)                                                                                           \
	{                                                                                                              \
		name, dir, bytes, sizeof(bytes) - 1                                                                    \
	}

static void labels(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		enum toc_dir dir;
		const char *bytes;
		size_t n;
	} known[] = { IS("monero", TOC_RESP, "\1\41\1\1\1\1\1\1"),
		      IS("rlogin", TOC_ORIG, "\0anna\0root\0xterm/38400\0"),
		      IS("rsh", TOC_ORIG, "1022\0anna\0root\0id\0"),
		      IS("nntp", TOC_RESP, "200 news InterNetNews NNRP server\r\n"),
		      IS("x11", TOC_ORIG, "l\0\13\0\0\0"),
		      IS("spice", TOC_ORIG, "REDQ\2\0\0\0"),
		      IS("ica", TOC_RESP, "\177\177ICA\0") };
	for (unsigned i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		const struct trial_step steps[] = { { known[i].dir, known[i].bytes, known[i].n } };
		char want[64];
		trials_probe(&toc_decoder_handshakes, known[i].dir, false, known[i].bytes, known[i].n, TOC_YES);
		struct trial *t = RUN(&toc_decoder_handshakes, 9999, steps);
		snprintf(want, sizeof(want), "{\"confirm\":\"%s\"}", known[i].name);
		trials_says(t, want);
		trial_free(t);
	}
}

static void others(void **state)
{
	(void)state;
	static const char *const texts[] = { "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "SSH-2.0-x\r\n", "EHLO x\r\n",
					     "set x\r\n", "1022 users\r\n" };
	for (unsigned i = 0; i < 5; i++) {
		assert_int_equal(toc_decoder_handshakes.probe(toc_span_str(texts[i]), TOC_ORIG, true), TOC_NO);
	}
}

/* Whether what follows came in the same segment changes nothing (found by fuzz_handshakes). */
static void followed(void **state)
{
	(void)state;
	static const char rsh[] = "1022\0anna\0root\0cat\0of the input",
			  rlogin[] = "\0anna\0root\0xterm/38400\0\377\377ss", slow[] = "\0anna\0root\0a/path\0";
	const struct trial_step one[] = { { TOC_ORIG, rsh, sizeof(rsh) - 1 } },
				other[] = { { TOC_ORIG, rlogin, sizeof(rlogin) - 1 } };
	assert_true(trial_same_however_cut(&toc_decoder_handshakes, 514, one, 1, 4));
	assert_true(trial_same_however_cut(&toc_decoder_handshakes, 513, other, 1, 4));
	trials_probe(&toc_decoder_handshakes, TOC_ORIG, false, rsh, sizeof(rsh) - 1, TOC_YES);
	trials_probe(&toc_decoder_handshakes, TOC_ORIG, false, rlogin, sizeof(rlogin) - 1, TOC_YES);
	assert_int_equal(toc_decoder_handshakes.probe(toc_span_of(slow, sizeof(slow) - 1), TOC_ORIG, true), TOC_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(labels), cmocka_unit_test(others),
					    cmocka_unit_test(followed) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}

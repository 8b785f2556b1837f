/* haproxy: both versions of the header, what stands behind is another's, limits. */
#include "test.h"

#include "by_hand.h"

extern const struct toc_decoder toc_decoder_haproxy;

#define V2 "0d0a0d0a000d0a515549540a "

static void both_versions_tell_the_client(void **state)
{
	(void)state;
	static const char *const headers[] = { "'PROXY TCP4 10.0.0.1 10.0.0.2 5000 443' 0d0a 'GET'",
					       V2 "21 11 000c 0a000001 0a000002 1388 01bb 'GET'" };
	for (unsigned i = 0; i < 2; i++) {
		struct hex h = hex_of(headers[i]);
		struct trial_step step = { TOC_ORIG, h.b, h.n };
		assert_true(trial_same_however_cut(&toc_decoder_haproxy, 80, &step, 1, 20));
		struct trial *t = trial_new(&toc_decoder_haproxy, TOC_OVER_TCP, 80);
		trial_feed(t, &step);
		assert_field(t, 0, "version", i ? "2" : "1");
		assert_field(t, 0, "client_addr", "\"10.0.0.1\"");
		assert_field(t, 0, "client_port", "5000");
		assert_field(t, 0, "proxy_addr", "\"10.0.0.2\"");
		assert_field(t, 0, "proxy_port", "443");
		assert_non_null(strstr(trial_text(t), "{\"child\""));
		trial_free(t);
	}
}

static void health_checks_tell_nobody(void **state)
{
	(void)state;
	static const char *const headers[] = { "'PROXY UNKNOWN' 0d0a", "'PROXY UNKNOWN ffff::1 ::1 1 2' 0d0a",
					       V2 "20 00 0000" };
	for (unsigned i = 0; i < 3; i++) {
		struct trial *t = trial_new(&toc_decoder_haproxy, TOC_OVER_TCP, 80);
		hex_feed(t, TOC_ORIG, headers[i]);
		assert_int_equal(trial_events(t), 1);
		assert_null(trial_value(t, 0, "client_addr"));
		trial_free(t);
	}
}

static void broken_headers_are_let_go(void **state)
{
	(void)state;
	static const char *const headers[] = { "'PROXY TCP4 10.0.0.1 10.0.0.2 5000 70000' 0d0a",
					       "'PROXY TCP4 10.0.0 10.0.0.2 5000 443' 0d0a",
					       "'PROXY TCP4 10.0.0.1 10.0.0.2 5000 443' 0a",
					       "'PROXY ' 20*120",
					       V2 "31 11 000c 00*12",
					       V2 "21 11 ffff" };
	for (unsigned i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		struct trial *t = trial_new(&toc_decoder_haproxy, TOC_OVER_TCP, 80);
		hex_feed(t, TOC_ORIG, headers[i]);
		assert_int_equal(trial_events(t), 0);
		assert_non_null(strstr(trial_text(t), "{\"bad\""));
		trial_free(t);
	}
	assert_int_equal(hex_probe(&toc_decoder_haproxy, TOC_ORIG, false, "'PRO'"), TOC_MAYBE);
	assert_int_equal(hex_probe(&toc_decoder_haproxy, TOC_ORIG, false, "'PROPFIND'"), TOC_NO);
	assert_int_equal(hex_probe(&toc_decoder_haproxy, TOC_RESP, false, V2), TOC_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_versions_tell_the_client),
		cmocka_unit_test(health_checks_tell_nobody),
		cmocka_unit_test(broken_headers_are_let_go),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

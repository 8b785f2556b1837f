/* wireguard: a handshake whose indices agree, data without one, Tailscale's messages, what is neither. */
#include "test.h"

#include "by_hand.h"

extern const struct toc_decoder toc_decoder_wireguard;

static void a_handshake_whose_indices_agree(void **state)
{
	(void)state;
	struct trial *t = trial_new(&toc_decoder_wireguard, TOC_OVER_UDP, 51820);
	hex_feed(t, TOC_ORIG, "01000000 aabbccdd 55*140");
	hex_feed(t, TOC_RESP, "02000000 11223344 99999999 55*80");
	assert_false(hex_confirmed(t, "wireguard"));
	hex_feed(t, TOC_RESP, "02000000 11223344 aabbccdd 55*80");
	assert_true(hex_confirmed(t, "wireguard"));
	assert_int_equal(trial_events(t), 1);
	assert_field(t, 0, "implementation", "\"wireguard\"");
	trial_free(t);
}

static void data_alone_must_go_on_for_a_while(void **state)
{
	(void)state;
	struct trial *t = trial_new(&toc_decoder_wireguard, TOC_OVER_UDP, 51820);
	hex_feed(t, TOC_ORIG, "04000000 aabbccdd 05 00*7 55*16");
	hex_feed(t, TOC_RESP, "04000000 11223344 01 00*7 55*16");
	hex_feed(t, TOC_ORIG, "04000000 aabbccdd 06 00*7 55*16");
	hex_feed(t, TOC_ORIG, "04000000 aabbccdd 02 00*7 55*16"); /* a counter that goes back begins afresh */
	hex_feed(t, TOC_ORIG, "04000000 aabbccdd 03 00*7 55*16");
	assert_false(hex_confirmed(t, "wireguard"));
	hex_feed(t, TOC_ORIG, "04000000 aabbccdd 04 00*7 55*32");
	assert_true(hex_confirmed(t, "wireguard"));
	trial_free(t);
}

static void tailscale_is_told_by_its_own(void **state)
{
	(void)state;
	struct trial *t = trial_new(&toc_decoder_wireguard, TOC_OVER_UDP, 41641);
	hex_feed(t, TOC_ORIG, "'TS' f09f92ac 55*56");
	assert_true(hex_confirmed(t, "tailscale"));
	assert_field(t, 0, "implementation", "\"tailscale\"");
	trial_free(t);
}

static void what_is_neither(void **state)
{
	(void)state;
	const struct toc_decoder *d = &toc_decoder_wireguard;
	assert_int_equal(hex_probe(d, TOC_ORIG, false, "01000000 55*144"), TOC_YES);
	assert_int_equal(hex_probe(d, TOC_ORIG, false, "01000000 55*145"), TOC_NO);
	assert_int_equal(hex_probe(d, TOC_ORIG, false, "01000100 55*144"), TOC_NO);
	assert_int_equal(hex_probe(d, TOC_ORIG, false, "04000000 55*28"), TOC_NO); /* without the port too little */
	assert_int_equal(hex_probe(d, TOC_ORIG, true, "04000000 55*28"), TOC_YES);
	assert_int_equal(hex_probe(d, TOC_ORIG, true, "'TS' f09f92ac 55*10"), TOC_NO);
	struct trial *t = trial_new(d, TOC_OVER_UDP, 51820);
	hex_feed(t, TOC_ORIG, "04000000 55");
	assert_non_null(strstr(trial_text(t), "{\"bad\""));
	trial_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_handshake_whose_indices_agree),
		cmocka_unit_test(data_alone_must_go_on_for_a_while),
		cmocka_unit_test(tailscale_is_told_by_its_own),
		cmocka_unit_test(what_is_neither),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

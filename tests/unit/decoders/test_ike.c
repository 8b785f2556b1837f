/* ike: both versions, the marker on port 4500, ESP beside it, and a bound on what is told. */
#include "test.h"

#include "by_hand.h"

extern const struct toc_decoder toc_decoder_ike;

#define I "0102030405060708 "
#define R "1112131415161718 "

static void versions_and_exchanges_are_named(void **state)
{
	(void)state;
	struct trial *t = trial_new(&toc_decoder_ike, TOC_OVER_UDP, 500);
	hex_feed(t, TOC_ORIG, I "00*8 21 20 22 08 00000000 00000020 00*4");
	hex_feed(t, TOC_RESP, I R "2e 20 23 20 00000001 00000020 00*4");
	hex_feed(t, TOC_ORIG, I "00*8 01 10 04 00 00000000 0000001c");
	assert_int_equal(trial_events(t), 3);
	assert_field(t, 0, "exchange_type", "\"IKE_SA_INIT\"");
	assert_field(t, 0, "initiator_spi", "\"0102030405060708\"");
	assert_null(trial_value(t, 0, "responder_spi"));
	assert_field(t, 0, "is_response", "false");
	assert_field(t, 1, "exchange_type", "\"IKE_AUTH\"");
	assert_field(t, 1, "responder_spi", "\"1112131415161718\"");
	assert_field(t, 1, "is_response", "true");
	assert_field(t, 1, "encrypted", "true");
	assert_field(t, 2, "version", "\"1.0\"");
	assert_field(t, 2, "exchange_type", "\"aggressive mode\"");
	assert_true(hex_confirmed(t, "ike"));
	trial_free(t);
}

static void port_4500_has_a_marker_or_esp(void **state)
{
	(void)state;
	struct trial *t = trial_new(&toc_decoder_ike, TOC_OVER_UDP, 4500);
	hex_feed(t, TOC_ORIG, "ff");
	hex_feed(t, TOC_ORIG, "c0000001 00000001 00*24");
	assert_false(hex_confirmed(t, "esp"));
	hex_feed(t, TOC_ORIG, "c0000001 00000002 00*24");
	assert_true(hex_confirmed(t, "esp"));
	hex_feed(t, TOC_ORIG, "00*4 " I "00*8 21 20 22 08 00000000 0000001c");
	assert_int_equal(trial_events(t), 1);
	trial_free(t);
	assert_int_equal(hex_probe(&toc_decoder_ike, TOC_ORIG, true, "ff"), TOC_MAYBE);
	assert_int_equal(hex_probe(&toc_decoder_ike, TOC_ORIG, true, "000000ff 00*20"), TOC_NO);
}

static void a_flood_is_not_told_at_length(void **state)
{
	(void)state;
	struct trial *t = trial_new(&toc_decoder_ike, TOC_OVER_UDP, 500);
	for (int i = 0; i < 300; i++)
		hex_feed(t, TOC_ORIG, I "00*8 21 20 22 08 00000000 0000001c");
	assert_int_equal(trial_events(t), 16);
	trial_free(t);
}

static void what_is_no_ike(void **state)
{
	(void)state;
	const struct toc_decoder *d = &toc_decoder_ike;
	assert_int_equal(hex_probe(d, TOC_ORIG, false, I "00*8 21 20 22 08 00000000 0000001c"), TOC_YES);
	assert_int_equal(hex_probe(d, TOC_ORIG, false, I R "21 20 22 08 00000000 0000001c"), TOC_NO);
	assert_int_equal(hex_probe(d, TOC_ORIG, true, "00*8 00*8 21 20 22 08 00000000 0000001c"), TOC_NO);
	assert_int_equal(hex_probe(d, TOC_ORIG, false, I "00*8 21 20 22 08 00000000 000000ff"), TOC_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions_and_exchanges_are_named),
		cmocka_unit_test(port_4500_has_a_marker_or_esp),
		cmocka_unit_test(a_flood_is_not_told_at_length),
		cmocka_unit_test(what_is_no_ike),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

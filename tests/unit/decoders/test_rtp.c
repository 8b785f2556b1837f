/* rtp: some packets in a row name it, one does not; reports; and flows of others are handed on. */
#include "test.h"

#include "by_hand.h"

extern const struct toc_decoder toc_decoder_rtp;

static void media(struct trial *t, unsigned sequence, const char *source)
{
	char text[128];
	snprintf(text, sizeof(text), "80 00 %04x 00000001 %s ff*20", sequence, source);
	hex_feed(t, TOC_ORIG, text);
}

static void four_in_a_row_are_media(void **state)
{
	(void)state;
	struct trial *t = trial_new(&toc_decoder_rtp, TOC_OVER_UDP, 40002);
	media(t, 0xfffe, "11223344");
	media(t, 0xffff, "11223344");
	media(t, 0, "11223344");
	assert_false(hex_confirmed(t, "rtp"));
	media(t, 2, "11223344");
	assert_true(hex_confirmed(t, "rtp"));
	trial_free(t);
}

static void chance_is_not_media(void **state)
{
	(void)state;
	struct trial *t = trial_new(&toc_decoder_rtp, TOC_OVER_UDP, 40002);
	for (unsigned i = 0; i < 20; i++)
		media(t, i * 1000, "11223344");
	assert_false(hex_confirmed(t, "rtp"));
	trial_free(t);
	t = trial_new(&toc_decoder_rtp, TOC_OVER_UDP, 40002);
	media(t, 1, "11223344");
	hex_feed(t, TOC_ORIG, "47*40");
	assert_non_null(strstr(trial_text(t), "{\"child\""));
	trial_free(t);
}

static void reports_fill_their_datagram(void **state)
{
	(void)state;
	const struct toc_decoder *d = &toc_decoder_rtp;
	assert_int_equal(hex_probe(d, TOC_ORIG, false, "80 c9 0001 11223344 81 ca 0002 11223344 00*4"), TOC_YES);
	assert_int_equal(hex_probe(d, TOC_ORIG, false, "80 c9 0001 11223344 00"), TOC_NO);
	assert_int_equal(hex_probe(d, TOC_ORIG, false, "80 cc 0001 11223344"), TOC_NO); /* does not begin so */
	assert_int_equal(hex_probe(d, TOC_ORIG, false, "40 00 0001 00000001 11223344 ff"), TOC_NO);
	assert_int_equal(hex_probe(d, TOC_ORIG, false, "8f 00 0001 00000001 11223344 ff"), TOC_NO); /* sources */
	struct trial *t = trial_new(d, TOC_OVER_UDP, 40003);
	hex_feed(t, TOC_ORIG, "80 c9 0001 11223344");
	assert_true(hex_confirmed(t, "rtcp"));
	trial_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(four_in_a_row_are_media),
		cmocka_unit_test(chance_is_not_media),
		cmocka_unit_test(reports_fill_their_datagram),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* bittorrent: peers, DHT, local peers, trackers, uTP; and what only looks like them. */
#include "test.h"

#include "by_hand.h"

extern const struct toc_decoder toc_decoder_bittorrent;

#define HANDSHAKE "13 'BitTorrent protocol' 00*8 ab*20 '-TR3000-abcdefghijkl'"

static void a_peer_tells_hash_and_program(void **state)
{
	(void)state;
	struct hex h = hex_of(HANDSHAKE "00*4");
	struct trial_step step = { TOC_ORIG, h.b, h.n };
	assert_true(trial_same_however_cut(&toc_decoder_bittorrent, 6881, &step, 1, 20));
	struct trial *t = trial_new(&toc_decoder_bittorrent, TOC_OVER_TCP, 6881);
	trial_feed(t, &step);
	assert_true(hex_confirmed(t, "bittorrent"));
	assert_field(t, 0, "kind", "\"peer\"");
	assert_field(t, 0, "info_hash", "\"abababababababababababababababababababab\"");
	assert_field(t, 0, "client", "\"-TR3000-\"");
	trial_free(t);
}

/* What begins as a handshake does and goes on otherwise is none, in pieces as well (found by fuzz_streams). */
static void no_handshake_however_cut(void **state)
{
	(void)state;
	struct hex h = hex_of("13 000000 4200");
	struct trial_step step = { TOC_RESP, h.b, h.n };
	assert_true(trial_same_however_cut(&toc_decoder_bittorrent, 6881, &step, 1, 20));
}

static const struct {
	const char *kind, *orig, *resp;
} datagrams[] = {
	{ "\"dht\"", "'d1:ad2:id20:' aa*20 '9:info_hash20:' bb*20 'e1:q9:get_peers1:t2:aa1:y1:qe'", NULL },
	{ "\"dht\"", "'d2:ip6:' 0a0000011ae1 '1:rd2:id20:' aa*20 'e1:t2:aa1:y1:re'", NULL },
	{ "\"lsd\"", "'BT-SEARCH * HTTP/1.1' 0d0a 'Host: 239.192.152.143:6771' 0d0a", NULL },
	{ "\"tracker\"", "00000417 27101980 00000000 12345678", "00000000 12345678 aa*8" },
	{ "\"utp\"", "41 00 1234 00*4 00*4 00*4 0001 0000", "21 00 1234 00*4 00*4 00*4 0001 0001" },
	{ "\"utp\"", "01 00 1234 00*4 00*4 00*4 0002 0000" HANDSHAKE, NULL },
};

static void datagrams_of_each_kind(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(datagrams) / sizeof(datagrams[0]); i++) {
		struct trial *t = trial_new(&toc_decoder_bittorrent, TOC_OVER_UDP, 6881);
		assert_int_equal(hex_probe(&toc_decoder_bittorrent, TOC_ORIG, false, datagrams[i].orig), TOC_YES);
		hex_feed(t, TOC_ORIG, datagrams[i].orig);
		if (datagrams[i].resp)
			hex_feed(t, TOC_RESP, datagrams[i].resp);
		assert_true(hex_confirmed(t, "bittorrent"));
		assert_field(t, 0, "kind", datagrams[i].kind);
		trial_free(t);
	}
}

static void what_only_looks_like_it(void **state)
{
	(void)state;
	const struct toc_decoder *d = &toc_decoder_bittorrent;
	assert_int_equal(hex_probe(d, TOC_ORIG, false, "13 'BitTorr'"), TOC_MAYBE);
	assert_int_equal(hex_probe(d, TOC_ORIG, false, "13 'BitTornado protocol'"), TOC_NO);
	assert_int_equal(hex_probe(d, TOC_ORIG, false, "41 05 1234 00*4 00*4 00*4 0001 0000"), TOC_NO); /* extension */
	assert_int_equal(hex_probe(d, TOC_ORIG, false, "21 00 1234 00*4 00*4 00*4 0001 0001"),
			 TOC_NO); /* no beginning */
	assert_int_equal(hex_probe(d, TOC_ORIG, false, "'d1:ad2:id20:' aa*20"), TOC_NO);
	struct trial *t = trial_new(d, TOC_OVER_UDP, 6881);
	hex_feed(t, TOC_ORIG, "41 00 1234 00*4 00*4 00*4 0001 0000");
	hex_feed(t, TOC_RESP, "21 00 9999 00*4 00*4 00*4 0001 0001"); /* another connection */
	assert_false(hex_confirmed(t, "bittorrent"));
	trial_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_peer_tells_hash_and_program),
		cmocka_unit_test(no_handshake_however_cut),
		cmocka_unit_test(datagrams_of_each_kind),
		cmocka_unit_test(what_only_looks_like_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

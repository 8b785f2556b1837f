/* mirror: each fault has its verdict, alone, from the share on that docs/operating.md says. */
#include "test.h"

#include "app/mirror.h"

enum { TRAFFIC, DIRECTIONS, MISSED, TWICE, TAGS, CUT, OFFLOADS, LOAD, LOST, NONE };

/* A mirror of a gigabit that has no fault; what is changed makes one, or just none. */
static struct toc_heard sound(void)
{
	return (struct toc_heard){ .frames = 10000,
				   .bytes = 5000000,
				   .group = 400,
				   .longest = 1522,
				   .lasted = 60 * TOC_SEC,
				   .peak_frames = 500,
				   .peak_bytes = 250000,
				   .live = true,
				   .mbps = 1000,
				   .found = { .tcp = 100, .tcp_one_way = 5, .bytes = 1000000 } };
}

static void expect(const struct toc_heard *h, unsigned which, const char *words)
{
	struct toc_verdict out[TOC_VERDICTS];
	assert_int_equal(toc_mirror_judge(h, "eth1", out), which != NONE);
	for (unsigned i = 0; i < TOC_VERDICTS; i++)
		assert_int_equal(out[i].bad, i == which);
	if (words && !strstr(out[which].words, words))
		fail_msg("\"%s\" is not in \"%s\"", words, out[which].words);
}

static void no_mirror_at_all(void **state)
{
	struct toc_heard h = sound();
	(void)state;
	expect(&h, NONE, NULL);
	h.group = 9000;
	expect(&h, NONE, NULL);
	h.group = 9001;
	expect(&h, TRAFFIC, "an ordinary port");
	h = sound();
	h.found.tcp = h.found.tcp_one_way = 0;
	expect(&h, TRAFFIC, "an ordinary port");
	expect(&(struct toc_heard){ .live = true }, TRAFFIC, "nothing came");
}

static void what_of_connections_is_missing(void **state)
{
	struct toc_heard h = sound();
	(void)state;
	h.found.tcp_one_way = 19;
	expect(&h, NONE, NULL);
	h.found.tcp_one_way = 20;
	expect(&h, DIRECTIONS, "20 % of the TCP connections have one direction");
	h = sound();
	h.found.missed = 9999;
	expect(&h, NONE, NULL);
	h.found.missed = 10000;
	expect(&h, MISSED, "too narrow");
}

static void what_comes_twice_or_changed(void **state)
{
	struct toc_heard h = sound();
	(void)state;
	h.duplicates = 99;
	expect(&h, NONE, NULL);
	assert_false(toc_mirror_twice(&h));
	h.duplicates = 100;
	expect(&h, TWICE, "duplicates: 3ms");
	assert_true(toc_mirror_twice(&h));
	h = sound();
	h.cut = 1;
	expect(&h, CUT, "captured shorter");
	h = sound();
	h.joined = 1;
	expect(&h, OFFLOADS, "ethtool -K eth1 gro off lro off");
	h = sound();
	h.joins = true; /* nothing long has come yet */
	expect(&h, OFFLOADS, "offloads are on");
	h.live = h.joins = false;
	h.joined = 1;
	expect(&h, OFFLOADS, "where it was captured");
}

static void more_than_there_is_room_for(void **state)
{
	struct toc_heard h = sound();
	(void)state;
	h.peak_bytes = 100000000;
	expect(&h, NONE, NULL);
	h.peak_bytes += 1000;
	expect(&h, LOAD, "nearly full");
	h.mbps = 0; /* a link that does not tell its speed is not judged */
	expect(&h, NONE, NULL);
	h = sound();
	h.kernel_lost = 1;
	expect(&h, LOST, "ring_mb");
	h = sound();
	h.card_lost = 1;
	expect(&h, LOST, "by the card 1");
	h.live = false;
	expect(&h, NONE, NULL);
}

static void tags_are_told(void **state)
{
	struct toc_heard h = sound();
	struct toc_verdict out[TOC_VERDICTS];
	(void)state;
	toc_mirror_judge(&h, "eth1", out);
	assert_string_equal(out[TAGS].words, "no VLAN tags");
	h.found.nvlans = 2;
	h.found.vlans[0] = 7;
	h.found.vlans[1] = 0x8000 | 5; /* of another priority */
	toc_mirror_judge(&h, "eth1", out);
	assert_string_equal(out[TAGS].words, "VLAN tags: 7, 5 (2)");
	h.found.nvlans = TOC_SURVEY_VLANS + 1;
	toc_mirror_judge(&h, "eth1", out);
	assert_non_null(strstr(out[TAGS].words, " … (17)"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_mirror_at_all),
		cmocka_unit_test(what_of_connections_is_missing),
		cmocka_unit_test(what_comes_twice_or_changed),
		cmocka_unit_test(more_than_there_is_room_for),
		cmocka_unit_test(tags_are_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* harm observer: worse than usual and worse than anybody notices; a slow network that is always slow is none. */
#include "observe/watch.h"

extern const struct toc_observer toc_observer_harm;

enum { MINUTE = 60000 };

static void minute_of_dns(struct watch *w, int64_t minute, unsigned rtt_ms, unsigned n)
{
	char text[96];
	snprintf(text, sizeof(text), "dns src_local=true rtt=%u", rtt_ms);
	for (unsigned i = 0; i < n; i++)
		watch_see(w, minute * MINUTE + i, text);
}

static void slow_names(void **state)
{
	(void)state;
	struct watch *w = watch_new(&toc_observer_harm);
	int64_t m = 1;
	for (; m <= 20; m++)
		minute_of_dns(w, m, 400, 30);
	assert_int_equal(w->n, 0); /* nothing is usual yet */
	for (; m <= 120; m++)
		minute_of_dns(w, m, 30, 30);
	minute_of_dns(w, m++, 300, 30);
	minute_of_dns(w, m++, 30, 30);
	assert_int_equal(w->n, 1);
	watch_expect(w, 0, "\"measure\":\"dns_rtt\"");
	watch_expect(w, 0, "\"samples\":30");
	minute_of_dns(w, m++, 300, 10); /* too few to say */
	minute_of_dns(w, m++, 40, 30);
	assert_int_equal(w->n, 1);
	for (unsigned i = 0; i < 60; i++, m++) /* an hour of harm does not make itself usual */
		minute_of_dns(w, m, 300, 30);
	assert_in_range(w->n, 59, 61);
	watch_free(w);
}

static void always_slow(void **state)
{
	(void)state;
	struct watch *w = watch_new(&toc_observer_harm);
	for (int64_t m = 1; m < 300; m++)
		minute_of_dns(w, m, 500 + (unsigned)(m % 7) * 20, 30);
	assert_int_equal(w->n, 0);
	for (int64_t m = 300; m < 500; m++) /* twice as slow as usual, and nobody notices */
		minute_of_dns(w, m, m % 50 ? 5 : 10, 30);
	assert_int_equal(w->n, 0);
	watch_free(w);
}

static void minute_of_transfers(struct watch *w, int64_t minute, unsigned resent, const char *locals)
{
	char text[160];
	snprintf(text, sizeof(text), "transfer orig_bytes=1400000 resp_bytes=0 retransmits=%u %s", resent, locals);
	for (unsigned i = 0; i < 25; i++)
		watch_see(w, minute * MINUTE + i, text);
}

static void resent(void **state)
{
	(void)state;
	struct watch *w = watch_new(&toc_observer_harm);
	int64_t m = 1;
	for (; m <= 60; m++)
		minute_of_transfers(w, m, 5, "src_local=true");
	minute_of_transfers(w, m++, 500, "src_local=true dst_local=true"); /* inside: not of the uplink */
	minute_of_transfers(w, m++, 5, "src_local=true");
	assert_int_equal(w->n, 0);
	minute_of_transfers(w, m++, 120, "dst_local=true");
	minute_of_transfers(w, m++, 5, "src_local=true");
	assert_int_equal(w->n, 1);
	watch_expect(w, 0, "\"measure\":\"retransmission\"");
	watch_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(slow_names), cmocka_unit_test(always_slow),
					    cmocka_unit_test(resent) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}

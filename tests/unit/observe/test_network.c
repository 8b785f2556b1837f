/* storm, capture_quality and beacon observers: what they say, and what ordinary networks must not make them say. */
#include "observe/watch.h"

extern const struct toc_observer toc_observer_storm, toc_observer_capture_quality, toc_observer_beacon;

/* n messages within the second. */
static void second_of(struct watch *w, int64_t second, unsigned n, const char *kind, unsigned devices)
{
	char text[96];
	for (unsigned i = 0; i < n; i++) {
		snprintf(text, sizeof(text), "%s src_mac=%u", kind, 1 + i % devices);
		watch_see(w, second * 1000 + i * 1000 / n, text);
	}
}

static void loop(void **state)
{
	(void)state;
	struct watch *w = watch_new(&toc_observer_storm);
	for (int64_t s = 1; s <= 4; s++)
		second_of(w, s, 3000, "arp", 1);
	assert_int_equal(w->n, 0); /* four seconds: a cable that was pulled again */
	second_of(w, 5, 3000, "arp", 1);
	assert_int_equal(w->n, 1);
	watch_expect(w, 0, "\"seconds\":5");
	watch_expect(w, 0, "\"mac\":\"02:00:00:00:00:01\"");
	watch_expect(w, 0, "\"sort\":\"arp\"");
	watch_free(w);
}

static void fire_drill(void **state)
{
	(void)state;
	struct watch *w = watch_new(&toc_observer_storm);
	for (int64_t s = 1; s <= 120; s++) /* a thousand devices come back: hundreds of messages a second */
		second_of(w, s, 600, s & 1 ? "dhcp_message" : "arp", 900);
	for (int64_t s = 121; s <= 200; s++) { /* bursts with quiet seconds between them */
		if (s % 3)
			second_of(w, s, 1500, "arp", 900);
	}
	for (unsigned i = 0; i < 50000; i++) /* questions to the resolver are to one host */
		watch_see(w, 300000 + i / 10, "dns id.resp_h=10.0.0.53 src_mac=1");
	assert_int_equal(w->n, 0);
	watch_free(w);
}

static void conns(struct watch *w, int64_t minute, unsigned n, const char *text)
{
	for (unsigned i = 0; i < n; i++)
		watch_see(w, minute * 60000 + i, text);
}

static void mirror(void **state)
{
	(void)state;
	struct watch *w = watch_new(&toc_observer_capture_quality);
	conns(w, 1, 80, "conn proto=tcp orig_pkts=9 resp_pkts=9 orig_bytes=100 resp_bytes=900");
	conns(w, 1, 500, "conn proto=tcp orig_pkts=1 resp_pkts=0"); /* a scan: nothing was said */
	conns(w, 1, 10, "conn proto=tcp orig_pkts=9 resp_pkts=0 orig_bytes=100");
	conns(w, 2, 60, "conn proto=tcp orig_pkts=9 resp_pkts=0 orig_bytes=100 resp_bytes=4000 missed_bytes=4000");
	assert_int_equal(w->n, 0);
	conns(w, 3, 1, "conn proto=udp orig_pkts=9 resp_pkts=0 orig_bytes=100");
	assert_int_equal(w->n, 1);
	watch_expect(w, 0, "\"flows\":60,\"one_way_share\":1");
	conns(w, 3, 40, "conn proto=tcp orig_pkts=9 resp_pkts=0 orig_bytes=100"); /* too few */
	conns(w, 4, 1, "conn proto=udp orig_pkts=9");
	assert_int_equal(w->n, 1);
	watch_free(w);
}

/* Twenty segments with content and ten without; twice: each of them was mirrored twice. */
static void twice(void **state)
{
	(void)state;
	struct watch *w = watch_new(&toc_observer_capture_quality);
	conns(w, 1, 60,
	      "conn id.resp_h=10.0.0.9 proto=tcp orig_pkts=10 resp_pkts=20 orig_bytes=900 resp_bytes=26000 "
	      "orig_ip_bytes=1420 resp_ip_bytes=27040");
	conns(w, 2, 60,
	      "conn id.resp_h=2001:db8::9 proto=tcp orig_pkts=10 resp_pkts=20 orig_bytes=900 "
	      "resp_bytes=26000 orig_ip_bytes=1620 resp_ip_bytes=27440");
	/* two of twenty segments were lost behind the sensor, and came again */
	conns(w, 3, 60,
	      "conn id.resp_h=10.0.0.9 proto=tcp orig_pkts=10 resp_pkts=22 orig_bytes=900 resp_bytes=26000 "
	      "orig_ip_bytes=1420 resp_ip_bytes=29744");
	assert_int_equal(w->n, 0);
	conns(w, 4, 60,
	      "conn id.resp_h=10.0.0.9 proto=tcp orig_pkts=20 resp_pkts=40 orig_bytes=900 resp_bytes=26000 "
	      "orig_ip_bytes=2840 resp_ip_bytes=54080");
	conns(w, 5, 60,
	      "conn id.resp_h=2001:db8::9 proto=tcp orig_pkts=20 resp_pkts=40 orig_bytes=900 "
	      "resp_bytes=26000 orig_ip_bytes=3240 resp_ip_bytes=54880");
	conns(w, 6, 1, "conn proto=udp orig_pkts=9");
	assert_int_equal(w->n, 2);
	watch_expect(w, 0, "\"one_way_share\":0,\"missed_share\":0,\"duplicate_share\":0.5,");
	watch_expect(w, 1, "\"duplicate_share\":0.5,");
	watch_free(w);
}

static void call(struct watch *w, int64_t ms, const char *dst, unsigned bytes, const char *locals)
{
	char text[200];
	snprintf(text, sizeof(text),
		 "conn id.orig_h=10.1.1.7 id.resp_h=%s id.resp_p=443 conn_state=SF orig_bytes=%u %s", dst, bytes,
		 locals);
	watch_see(w, ms, text);
}

static void steady(void **state)
{
	(void)state;
	struct watch *w = watch_new(&toc_observer_beacon);
	for (int64_t i = 0; i < 48; i++) /* each hour, and a little off */
		call(w, i * 3600000 + (i % 5) * 20000, "203.0.113.9", 300, "src_local=true");
	assert_int_equal(w->n, 2);
	watch_expect(w, 0, "\"calls\":24");
	watch_expect(w, 1, "\"calls\":48");
	for (int64_t i = 0; i < 48; i++)
		call(w, i * 3600000, "10.0.0.9", 300, "src_local=true dst_local=true");
	assert_int_equal(w->n, 2);
	watch_free(w);
}

static void people(void **state)
{
	(void)state;
	struct watch *w = watch_new(&toc_observer_beacon);
	uint32_t r = 7;
	int64_t at = 0;
	for (unsigned i = 0; i < 2000; i++) {
		r = r * 1664525 + 1013904223;
		at += 1000 + r % 120000;
		call(w, at, "203.0.113.9", r % 5000 + 1, "src_local=true");
	}
	for (unsigned day = 0; day < 30; day++) /* a lesson a day: series of ten, with pauses */
		for (unsigned i = 0; i < 10; i++)
			call(w, day * INT64_C(86400000) + i * 60000, "203.0.113.10", 300, "src_local=true");
	assert_int_equal(w->n, 0);
	watch_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(loop),   cmocka_unit_test(fire_drill),
					    cmocka_unit_test(mirror), cmocka_unit_test(twice),
					    cmocka_unit_test(steady), cmocka_unit_test(people) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}

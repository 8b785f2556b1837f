/* scan observer: fast and slow, at ports and at hosts; what is no scan. */
#include "observe/watch.h"

extern const struct toc_observer toc_observer_scan;

static void knock(struct watch *w, int64_t ms, const char *src, const char *locals, unsigned host, unsigned port,
		  const char *more)
{
	char text[256];
	snprintf(text, sizeof(text), "conn id.orig_h=%s id.resp_h=10.9.%u.%u id.resp_p=%u %s %s", src, host >> 8,
		 host & 255, port, locals, more);
	watch_see(w, ms, text);
}

static const char inside[] = "src_local=true dst_local=true", outside[] = "dst_local=true";

static void ports(void **state)
{
	(void)state;
	struct watch *w = watch_new(&toc_observer_scan);
	for (unsigned i = 1; i <= 9; i++)
		knock(w, i * 100, "10.1.1.7", inside, 3, i, "proto=tcp conn_state=REJ");
	for (unsigned i = 0; i < 50; i++) /* the same port again is no other port */
		knock(w, 1000 + i, "10.1.1.7", inside, 3, 9, "proto=tcp conn_state=REJ");
	assert_int_equal(w->n, 0);
	w->bounds = (struct observer_bounds){ 3, { 5, 50, 100 } }; /* what is less than the observer's own is not news */
	knock(w, 2000, "10.1.1.7", inside, 3, 10, "proto=tcp conn_state=REJ");
	assert_int_equal(w->n, 1);
	watch_expect(w, 0, "\"scan_type\":\"port\",\"speed\":\"fast\",\"count_distinct\":10");
	for (unsigned i = 11; i <= 300; i++)
		knock(w, 2000 + i, "10.1.1.7", inside, 3, i, "proto=tcp conn_state=S0");
	assert_int_equal(w->n, 6); /* 10, 20, 40, 50, 100, 200; and it is not slow besides */
	watch_free(w);
}

/* A site that asks for another number hears of that one, also in the middle of a scan. */
static void bounds_of_rules(void **state)
{
	(void)state;
	struct watch *w = watch_new(&toc_observer_scan);
	w->bounds = (struct observer_bounds){ 1, { 33 } };
	for (unsigned i = 1; i <= 36; i++)
		knock(w, i * 100, "10.1.1.7", inside, 3, i, "proto=tcp conn_state=REJ");
	assert_int_equal(w->n, 3); /* 10, 20, 33 */
	watch_expect(w, 2, "\"count_distinct\":33");
	w->bounds = (struct observer_bounds){ 2, { 33, 37.5 } }; /* after a reload */
	for (unsigned i = 37; i <= 65; i++)
		knock(w, i * 100, "10.1.1.7", inside, 3, i, "proto=tcp conn_state=REJ");
	assert_int_equal(w->n, 4);
	watch_expect(w, 3, "\"count_distinct\":38");
	watch_free(w);
}

static void hosts(void **state)
{
	(void)state;
	struct watch *w = watch_new(&toc_observer_scan);
	for (unsigned i = 1; i <= 20; i++)
		knock(w, i * 100, "10.1.1.7", inside, i, 445, "proto=tcp conn_state=S0");
	assert_int_equal(w->n, 1);
	watch_expect(w, 0, "\"scan_type\":\"address\"");
	for (unsigned i = 1; i <= 19; i++) /* answers to a question to all: datagrams, each to another port */
		knock(w, i * 100, "10.1.1.8", inside, 3, 40000 + i, "proto=udp conn_state=S0");
	for (unsigned i = 1; i <= 90; i++) /* taken */
		knock(w, i * 100, "10.1.1.9", inside, i, 445, "proto=tcp conn_state=SF");
	assert_int_equal(w->n, 1);
	watch_free(w);
}

static void slow_inside(void **state)
{
	(void)state;
	struct watch *w = watch_new(&toc_observer_scan);
	const int64_t step = 240000; /* four minutes: 360 a day */
	unsigned i = 0;
	for (; i < 340 && !w->n; i++)
		knock(w, i * step, "10.1.1.7", inside, i, 80, "proto=tcp conn_state=S0");
	assert_int_equal(w->n, 1);
	watch_expect(w, 0, "\"scan_type\":\"both\",\"speed\":\"slow\",\"count_distinct\":200");
	assert_in_range(i, 200, 240); /* pairs that share a bit count once: never too early, hardly late */
	for (i = 0; i < 5000; i++)    /* a day's end forgets: three an hour are no scan */
		knock(w, (int64_t)i * 1200000, "10.1.1.8", inside, i, 80, "proto=tcp conn_state=S0");

	assert_int_equal(w->n, 1);
	watch_free(w);
}

static void slow_outside(void **state)
{
	(void)state;
	struct watch *w = watch_new(&toc_observer_scan);
	for (unsigned i = 0; i < 8; i++)
		knock(w, (int64_t)i * 600000, "203.0.113.9", outside, i, 445, "proto=tcp conn_state=S0");
	assert_int_equal(w->n, 1);
	for (unsigned i = 0; i < 40; i++) { /* a visitor who finds one of our servers each hour */
		knock(w, (int64_t)i * 600000, "203.0.113.10", outside, i, 443, "proto=tcp conn_state=S0");
		if (i % 6 == 5)
			knock(w, (int64_t)i * 600000 + 1, "203.0.113.10", outside, 3, 443, "proto=tcp conn_state=SF");
	}
	for (unsigned i = 0; i < 40; i++) /* to others: what leaves is no scan of ours */
		knock(w, (int64_t)i * 600000, "203.0.113.11", "", i, 445, "proto=tcp conn_state=S0");
	assert_int_equal(w->n, 1);
	watch_free(w);
}

/* More sources than there is room for: the table keeps its size, and those that go on are still found. */
static void many_sources(void **state)
{
	(void)state;
	struct watch *w = watch_new(&toc_observer_scan);
	for (unsigned i = 0; i < 200000; i++) {
		char src[32];
		snprintf(src, sizeof(src), "198.%u.%u.%u", 18 + (i >> 16 & 1), i >> 8 & 255, i & 255);
		knock(w, i, src, outside, 1, 80, "proto=tcp conn_state=S0");
		if (i % 10000 == 0)
			knock(w, i, "203.0.113.9", outside, i / 10000, 23, "proto=tcp conn_state=S0");
	}
	assert_int_equal(w->n, 2); /* at eight and at sixteen */
	watch_expect(w, 1, "203.0.113.9");
	watch_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(ports), cmocka_unit_test(bounds_of_rules), cmocka_unit_test(hosts),
					    cmocka_unit_test(slow_inside), cmocka_unit_test(slow_outside),
					    cmocka_unit_test(many_sources) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}

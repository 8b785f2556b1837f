/* amplification observer: answers nobody asked for, across the border, and what looks like them. */
#include "observe/watch.h"

extern const struct toc_observer toc_observer_amplification;

enum { MB = 1000000 };

/* Ten seconds: n reflectors outside, each with so many bytes for 10.0.0.9, which sent `asked` packets to each. */
static void answers(struct watch *w, int64_t s, unsigned n, unsigned port, unsigned bytes, unsigned asked)
{
	char text[300];
	for (unsigned i = 0; i < n; i++) {
		snprintf(text, sizeof(text),
			 "transfer id.orig_h=203.0.%u.%u id.orig_p=%u id.resp_h=10.0.0.9 id.resp_p=4444 proto=udp "
			 "orig_pkts=900 orig_bytes=%u resp_pkts=%u resp_bytes=%u dst_local=true",
			 i / 250, i % 250, port, bytes, asked, asked * 40);
		watch_see(w, s * 1000, text);
	}
}

static void against_us(void **state)
{
	(void)state;
	struct watch *w = watch_new(&toc_observer_amplification);
	for (int64_t s = 10; s < 30; s += 10)
		answers(w, s, 124, 11211, MB / 10, 0); /* 12.4 MB in ten seconds: a little less than 10 Mbit/s */
	assert_int_equal(w->n, 0);
	for (int64_t s = 50; s < 80; s += 10)
		answers(w, s, 200, 11211, MB / 10, 0);
	assert_int_equal(w->n, 3);
	watch_expect(w, 0, "\"dst_ip\":\"10.0.0.9\",\"service\":\"memcached\",\"mbps\":10,\"bytes\":12500000,");
	watch_expect(w, 0, "\"asked_bytes\":0,");
	watch_expect(w, 1, "\"mbps\":16,");
	const char *sources = strstr(w->rows[2], "\"sources\":");
	assert_non_null(sources);
	assert_in_range(strtoul(sources + 10, NULL, 10), 170, 230);
	watch_free(w);
}

/* The first packet's source is a known server's port: the flow is told the other way round; each packet is a flow. */
static void single_packets(void **state)
{
	(void)state;
	struct watch *w = watch_new(&toc_observer_amplification);
	char text[300];
	for (unsigned i = 0; i < 20000; i++) {
		snprintf(text, sizeof(text),
			 "conn id.orig_h=10.0.0.9 id.orig_p=%u id.resp_h=203.0.113.%u id.resp_p=123 proto=udp "
			 "orig_pkts=0 resp_pkts=2 orig_ip_bytes=0 resp_ip_bytes=936 src_local=true",
			 1024 + i, i % 5 + 1);
		watch_see(w, 20000 + i / 4, text);
	}
	assert_int_equal(w->n, 1); /* 17.6 MB */
	watch_expect(w, 0, "\"service\":\"ntp\",");
	watch_expect(w, 0, "\"sources\":5");
	watch_free(w);
}

static void through_us(void **state)
{
	(void)state;
	struct watch *w = watch_new(&toc_observer_amplification);
	static const char form[] =
		"transfer id.orig_h=203.0.113.9 id.orig_p=80 id.resp_h=10.0.0.53 id.resp_p=53 proto=udp orig_pkts=9000 "
		"orig_bytes=%u resp_pkts=9000 resp_bytes=%u %s";
	char text[300];
	for (int64_t s = 10; s < 60; s += 10) {
		snprintf(text, sizeof(text), form, 3 * MB, 29 * MB, "dst_local=true"); /* a busy name server */
		watch_see(w, s * 1000, text);
		snprintf(text, sizeof(text), form, MB, 40 * MB, "src_local=true dst_local=true"); /* at home */
		watch_see(w, s * 1000, text);
		snprintf(text, sizeof(text), form, MB / 10, 12 * MB, "dst_local=true"); /* too little */
		watch_see(w, s * 1000 + 60000, text);
	}
	assert_int_equal(w->n, 0);
	snprintf(text, sizeof(text), form, MB, 40 * MB, "dst_local=true");
	watch_see(w, 300000, text);
	assert_int_equal(w->n, 1);
	watch_expect(w, 0, "\"src_ip\":\"10.0.0.53\",\"dst_ip\":\"203.0.113.9\",\"service\":\"dns\",\"mbps\":32,");
	watch_expect(w, 0, "\"asked_bytes\":1000000,\"sources\":1");
	watch_free(w);
}

static void ordinary(void **state)
{
	(void)state;
	struct watch *w = watch_new(&toc_observer_amplification);
	for (int64_t s = 10; s < 100; s += 10) {
		answers(w, s, 200, 53, MB / 10, 900); /* a resolver, a tunnel through port 53: they asked */
		answers(w, s, 200, 123, MB / 10, 1);
		answers(w, s, 200, 443, MB / 10, 0); /* no such service */
		watch_see(w, s * 1000,
			  "transfer id.orig_h=203.0.113.9 id.orig_p=53 id.resp_h=10.0.0.9 proto=icmp "
			  "orig_pkts=90000 orig_bytes=90000000 resp_pkts=0 dst_local=true");
	}
	assert_int_equal(w->n, 0);
	watch_free(w);
}

static void random_addresses(void **state)
{
	(void)state;
	struct watch *w = watch_new(&toc_observer_amplification);
	char text[300];
	for (unsigned i = 0; i < 60000; i++) {
		snprintf(text, sizeof(text),
			 "transfer id.orig_h=203.0.113.9 id.orig_p=53 id.resp_h=10.%u.%u.%u id.resp_p=99 proto=udp "
			 "orig_pkts=9 orig_bytes=9000 resp_pkts=0 dst_local=true",
			 1 + i / 62500, i / 250 % 250, i % 250);
		watch_see(w, 10000, text);
		if (i % 1000 == 0)
			answers(w, 10, 1, 53, MB / 2, 0);
	}
	assert_int_equal(w->n, 1);
	watch_expect(w, 0, "\"dst_ip\":\"10.0.0.9\"");
	watch_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(against_us), cmocka_unit_test(single_packets),
					    cmocka_unit_test(through_us), cmocka_unit_test(ordinary),
					    cmocka_unit_test(random_addresses) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}

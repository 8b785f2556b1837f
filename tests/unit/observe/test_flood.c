/* flood observer: seconds in a row over the limit, and who is accused of them. */
#include "observe/watch.h"

extern const struct toc_observer toc_observer_flood;

/* A second of n attempts of one source, of which `answered` are taken. */
static void second_of(struct watch *w, int64_t second, const char *src, unsigned n, unsigned answered)
{
	char text[200];
	for (unsigned i = 0; i < n; i++) {
		snprintf(text, sizeof(text),
			 "conn id.orig_h=%s id.resp_h=10.0.0.9 id.resp_p=80 proto=tcp conn_state=%s", src,
			 i < answered ? "SF" : "S0");
		watch_see(w, second * 1000 + i, text);
	}
}

static void floods(void **state)
{
	(void)state;
	struct watch *w = watch_new(&toc_observer_flood);
	for (int64_t s = 1; s <= 2; s++)
		second_of(w, s, "10.1.1.7", 300, 0);
	assert_int_equal(w->n, 0); /* two seconds: a page with many pictures */
	for (int64_t s = 10; s <= 30; s++)
		second_of(w, s, "10.1.1.7", 300, 0);
	assert_in_range(w->n, 1, 21);
	watch_expect(w, 0, "\"src_ip\":\"10.1.1.7\"");
	unsigned before = w->n;
	for (int64_t s = 90; s <= 93; s++) /* shorter than the one before, and by another */
		second_of(w, s, "10.1.1.8", 150, 0);
	assert_in_range(w->n, before + 1, before + 4);
	watch_expect(w, before, "\"src_ip\":\"10.1.1.8\"");
	watch_free(w);
}

static void busy_server(void **state)
{
	(void)state;
	struct watch *w = watch_new(&toc_observer_flood);
	for (int64_t s = 1; s <= 60; s++)
		second_of(w, s, "10.1.1.7", 900, 800);
	assert_int_equal(w->n, 0);
	watch_free(w);
}

static void echoes(struct watch *w, int64_t s, const char *src, unsigned sent, unsigned answered)
{
	char text[200];
	snprintf(text, sizeof(text),
		 "transfer id.orig_h=%s id.resp_h=10.0.0.9 id.orig_p=8 proto=icmp orig_pkts=%u resp_pkts=%u", src, sent,
		 answered);
	watch_see(w, s * 1000, text);
}

static void icmp(void **state)
{
	(void)state;
	struct watch *w = watch_new(&toc_observer_flood);
	for (int64_t s = 10; s < 600; s += 10) /* a hundred monitors, each ten echoes a second */
		for (unsigned i = 0; i < 99; i++)
			echoes(w, s, "10.1.1.8", 100, 100);
	assert_int_equal(w->n, 0);
	for (int64_t s = 600; s < 630; s += 10) { /* 999 echoes a second are too few, ten more of another enough */
		echoes(w, s, "10.1.1.7", 9990, 5000);
		assert_int_equal(w->n, (s - 600) / 10);
		echoes(w, s, "10.1.1.8", 100, 100);
	}
	assert_int_equal(w->n, 3);
	watch_expect(w, 0, "\"src_ip\":\"10.1.1.7\",\"dst_ip\":\"10.0.0.9\",\"packets_per_s\":1009");
	watch_expect(w, 0, "\"method\":\"icmp\",\"attempts\":10090");
	watch_expect(w, 2, "\"attempts\":30270");
	echoes(w, 800, "10.1.1.6", 20000, 0); /* after a pause: another flood, by another */
	watch_expect(w, 3, "\"src_ip\":\"10.1.1.6\"");
	watch_expect(w, 3, "\"attempts\":20000");
	watch_free(w);
}

/* n flows of a UDP packet each, to ports that differ or not. */
static void packets(struct watch *w, int64_t s, unsigned n, unsigned ports, const char *how)
{
	char text[200];
	for (unsigned i = 0; i < n; i++) {
		snprintf(text, sizeof(text), "conn id.orig_h=10.1.%u.7 id.resp_h=10.0.0.9 id.resp_p=%u proto=udp %s",
			 i % 3 ? 1 : 2, 80 + i % ports, how);
		watch_see(w, s * 1000 + i / 40, text);
	}
}

static void udp(void **state)
{
	(void)state;
	struct watch *w = watch_new(&toc_observer_flood);
	packets(w, 10, 9999, 500, "orig_pkts=20 resp_pkts=0 conn_state=S0");
	packets(w, 20, 50000, 1, "orig_pkts=20 resp_pkts=1 conn_state=SF"); /* questions that are answered */
	assert_int_equal(w->n, 0);
	packets(w, 30, 12000, 500, "orig_pkts=20 resp_pkts=0 conn_state=S0");
	packets(w, 50, 12000, 1, "orig_pkts=20 resp_pkts=0 conn_state=S0");
	assert_int_equal(w->n, 2);
	watch_expect(w, 0, "\"src_ip\":\"10.1.1.7\",\"dst_ip\":\"10.0.0.9\",\"packets_per_s\":20000");
	watch_expect(w, 1, "\"dst_port\":80,\"packets_per_s\":20000,\"answered_share\":0,\"method\":\"udp\"");
	/* the same packets in the transfers and the conn of one flow count once */
	const char *ends = "id.orig_h=10.1.1.7 id.resp_h=10.0.0.8 id.resp_p=80 proto=udp resp_pkts=0";
	char text[300];
	snprintf(text, sizeof(text), "transfer %s orig_pkts=150000 orig_bytes=9000000", ends);
	watch_see(w, 100000, text);
	snprintf(text, sizeof(text), "conn %s orig_pkts=250000 orig_bytes=15000000 duration=15000", ends);
	watch_see(w, 101000, text);
	snprintf(text, sizeof(text), "conn %s orig_pkts=250000 duration=600000", ends); /* empty ones, over minutes */
	watch_see(w, 102000, text);
	assert_int_equal(w->n, 2);
	watch_free(w);
}

static void services(void **state)
{
	(void)state;
	struct watch *w = watch_new(&toc_observer_flood);
	for (int64_t s = 10; s < 100; s += 10) {
		/* a meeting of a whole school behind one address, pictures by multicast */
		watch_see(w, s * 1000,
			  "transfer id.orig_h=10.1.1.7 id.resp_h=203.0.113.9 id.resp_p=3478 proto=udp orig_pkts=1000 "
			  "resp_pkts=900000");
		watch_see(w, s * 1000,
			  "transfer id.orig_h=10.1.1.7 id.resp_h=239.1.1.1 id.resp_p=5004 proto=udp orig_pkts=900000 "
			  "resp_pkts=0");
		watch_see(w, s * 1000,
			  "transfer id.orig_h=10.1.1.7 id.resp_h=10.0.0.4 id.resp_p=443 proto=tcp orig_pkts=900000 "
			  "resp_pkts=0");
	}
	assert_int_equal(w->n, 0);
	watch_free(w);
}

/* However many addresses there are, the table does not grow with them, and what goes on is still seen. */
static void random_addresses(void **state)
{
	(void)state;
	struct watch *w = watch_new(&toc_observer_flood);
	char text[200];
	for (unsigned i = 0; i < 60000; i++) {
		snprintf(
			text, sizeof(text),
			"conn id.orig_h=10.1.1.7 id.resp_h=172.%u.%u.%u id.resp_p=53 proto=udp orig_pkts=1 resp_pkts=0",
			16 + i % 3, i / 250 % 250, i % 250);
		watch_see(w, 10000, text);
		if (i % 1000 == 0)
			watch_see(w, 10000,
				  "conn id.orig_h=10.1.1.9 id.resp_h=10.0.0.9 id.resp_p=80 proto=udp orig_pkts=4000 "
				  "resp_pkts=0");
	}
	assert_int_equal(w->n, 1);
	watch_expect(w, 0, "\"src_ip\":\"10.1.1.9\"");
	watch_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(floods),	cmocka_unit_test(busy_server),
					    cmocka_unit_test(icmp),	cmocka_unit_test(udp),
					    cmocka_unit_test(services), cmocka_unit_test(random_addresses) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* link observer: how full the uplink is, each way, in steps of 10 s; who used most of it. The test's link has 1 Gbit/s.
 */
#include "observe/watch.h"

extern const struct toc_observer toc_observer_link;

/* Told when a step is over, and only of the way that is more than half full. */
static void a_full_way(void **state)
{
	(void)state;
	struct watch *w = watch_new(&toc_observer_link);
	w->observer->advance(w->self, 10000 * (TOC_SEC / 1000));
	watch_see(w, 10500,
		  "transfer id.orig_h=10.0.0.7 id.resp_h=198.51.100.1 src_local=t dst_local=f orig_bytes=500000000 "
		  "resp_bytes=1000");
	watch_see(w, 11000,
		  "transfer id.orig_h=198.51.100.2 id.resp_h=10.0.0.8 src_local=f dst_local=t orig_bytes=5000 "
		  "resp_bytes=300000000");
	assert_int_equal(w->n, 0);
	w->observer->advance(w->self, 20000 * (TOC_SEC / 1000));
	assert_int_equal(w->n, 1);
	watch_expect(w, 0, "\"direction\":\"up\",\"mbps\":640");
	watch_expect(w, 0, "\"src_ip\":\"10.0.0.7\",\"src_bytes\":500000000,\"src_share\":0.625");
	w->observer->advance(w->self, 30000 * (TOC_SEC / 1000)); /* a quiet step */
	assert_int_equal(w->n, 1);
	watch_free(w);
}

/* What stays inside, or passes by outside, is none of the uplink; less than half is no event. */
static void not_the_uplink(void **state)
{
	(void)state;
	struct watch *w = watch_new(&toc_observer_link);
	w->observer->advance(w->self, 10000 * (TOC_SEC / 1000));
	watch_see(w, 10500,
		  "transfer id.orig_h=10.0.0.7 id.resp_h=10.0.0.8 src_local=t dst_local=t orig_bytes=900000000 "
		  "resp_bytes=1000");
	watch_see(w, 10600,
		  "transfer id.orig_h=198.51.100.1 id.resp_h=198.51.100.2 src_local=f dst_local=f orig_bytes=900000000 "
		  "resp_bytes=1000");
	watch_see(w, 10700,
		  "transfer id.orig_h=10.0.0.7 id.resp_h=198.51.100.2 src_local=t dst_local=f orig_bytes=624000000 "
		  "resp_bytes=0");
	w->observer->advance(w->self, 20000 * (TOC_SEC / 1000));
	assert_int_equal(w->n, 0);
	watch_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_full_way), cmocka_unit_test(not_the_uplink) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}

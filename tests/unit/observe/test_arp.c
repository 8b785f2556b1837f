/* arp observer: one address, two devices, in ARP and in neighbour discovery; moves and shared addresses are none. */
#include "observe/watch.h"

extern const struct toc_observer toc_observer_arp;

enum { MINUTE = 60000 };

static void four(void **state)
{
	(void)state;
	struct watch *w = watch_new(&toc_observer_arp);
	watch_see(w, 0, "arp sender_ip=10.0.0.1 sender_mac=1");
	watch_see(w, MINUTE, "arp sender_ip=10.0.0.1 sender_mac=2 gratuitous=true");
	assert_int_equal(w->n, 1);
	watch_expect(w, 0, "\"old_mac\":\"02:00:00:00:00:01\",\"new_mac\":\"02:00:00:00:00:02\"");
	watch_expect(w, 0, "\"gratuitous\":true");
	watch_see(w, 20 * MINUTE, "arp sender_ip=10.0.0.1 sender_mac=3"); /* a lease that went to another device */
	watch_see(w, 20 * MINUTE, "arp sender_ip=0.0.0.0 sender_mac=4");
	watch_see(w, 20 * MINUTE, "arp sender_ip=0.0.0.0 sender_mac=5");
	assert_int_equal(w->n, 1);
	watch_free(w);
}

static void six(void **state)
{
	(void)state;
	struct watch *w = watch_new(&toc_observer_arp);
	watch_see(w, 0, "nd target=fe80::1 target_mac=1 override=true solicited=true");
	watch_see(w, 10, "nd target=fe80::1 target_mac=2 solicited=true"); /* anycast, or a proxy */
	watch_see(w, 20, "nd target=fe80::1");				   /* a question */
	assert_int_equal(w->n, 0);
	watch_see(w, 30, "nd target=fe80::1 target_mac=2 override=true");
	assert_int_equal(w->n, 1);
	watch_expect(w, 0, "\"ip\":\"fe80::1\"");
	watch_expect(w, 0, "\"gratuitous\":true");
	watch_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(four), cmocka_unit_test(six) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}

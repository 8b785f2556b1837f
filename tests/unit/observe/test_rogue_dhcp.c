/* rogue_dhcp observer: servers that are not in the configuration, or not the first one where it names none. */
#include "observe/watch.h"

extern const struct toc_observer toc_observer_rogue_dhcp;

static void says(struct watch *w, int64_t ms, const char *type, const char *server)
{
	char text[256];
	snprintf(text, sizeof(text), "dhcp_message msg_type=%s server_addr=%s yiaddr=10.0.0.99", type, server);
	watch_see(w, ms, text);
}

/* Only what a server says counts, and of one server once a minute. */
static void not_configured(void **state)
{
	(void)state;
	struct watch *w = watch_new_protecting(&toc_observer_rogue_dhcp, "dhcp_servers: [10.0.0.2, 10.0.0.3]");
	says(w, 0, "OFFER", "10.0.0.2");
	says(w, 10, "ACK", "10.0.0.3");
	says(w, 20, "REQUEST", "10.6.6.6"); /* a client names whom it chose */
	assert_int_equal(w->n, 0);
	says(w, 30, "OFFER", "10.6.6.6");
	assert_int_equal(w->n, 1);
	watch_expect(w, 0, "\"server_ip\":\"10.6.6.6\"");
	watch_expect(w, 0, "\"offered_ip\":\"10.0.0.99\",\"known\":false");
	says(w, 40, "ACK", "10.6.6.6");
	assert_int_equal(w->n, 1);
	says(w, 50, "ACK", "10.6.6.7");
	assert_int_equal(w->n, 2);
	says(w, 61000, "OFFER", "10.6.6.6");
	assert_int_equal(w->n, 3);
	watch_free(w);
}

static void the_first_is_believed(void **state)
{
	(void)state;
	struct watch *w = watch_new(&toc_observer_rogue_dhcp);
	says(w, 0, "ACK", "10.0.0.2");
	says(w, 10, "OFFER", "10.0.0.2");
	assert_int_equal(w->n, 0);
	says(w, 20, "OFFER", "10.0.0.3");
	assert_int_equal(w->n, 1);
	watch_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(not_configured), cmocka_unit_test(the_first_is_believed) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}

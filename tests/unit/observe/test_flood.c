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

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(floods), cmocka_unit_test(busy_server) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}

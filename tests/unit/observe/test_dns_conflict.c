/* dns_conflict observer: a second answer that differs; rotation, queries sent again and other clients are none. */
#include "observe/watch.h"

extern const struct toc_observer toc_observer_dns_conflict;

static void answer(struct watch *w, int64_t ms, const char *client, unsigned id, const char *answers, const char *more)
{
	char text[256];
	snprintf(text, sizeof(text),
		 "dns id.orig_h=%s id.orig_p=5000 id.resp_h=10.0.0.53 id.resp_p=53 trans_id=%u query=a.example "
		 "answers=%s %s",
		 client, id, answers, more);
	watch_see(w, ms, text);
}

static void differs(void **state)
{
	(void)state;
	struct watch *w = watch_new(&toc_observer_dns_conflict);
	answer(w, 0, "10.0.0.7", 1, "10.6.6.6", "rtt=1");
	answer(w, 20, "10.0.0.7", 1, "203.0.113.5,203.0.113.6", "");
	assert_int_equal(w->n, 1);
	watch_expect(w, 0,
		     "\"src_ip\":\"10.0.0.7\",\"dst_ip\":\"10.0.0.53\",\"query\":\"a.example\",\"first_answers\":1,"
		     "\"second_answers\":2");
	answer(w, 30, "10.0.0.7", 1, "203.0.113.9", ""); /* told once */
	assert_int_equal(w->n, 1);
	watch_free(w);
}

static void agrees(void **state)
{
	(void)state;
	struct watch *w = watch_new(&toc_observer_dns_conflict);
	answer(w, 0, "10.0.0.7", 1, "203.0.113.5,203.0.113.6", "rtt=1");
	answer(w, 5, "10.0.0.7", 1, "203.0.113.6,203.0.113.5", ""); /* a duplicate that rotates */
	answer(w, 6, "10.0.0.7", 2, "203.0.113.7", "rtt=1");	    /* another query */
	answer(w, 7, "10.0.0.8", 1, "203.0.113.7", "rtt=1");	    /* another client */
	answer(w, 2000, "10.0.0.7", 1, "203.0.113.7", "rtt=1");	    /* the query sent again, and answered */
	answer(w, 60000, "10.0.0.7", 1, "203.0.113.8", "");	    /* the number used again, much later */
	assert_int_equal(w->n, 0);
	watch_free(w);
}

static void many(void **state)
{
	(void)state;
	struct watch *w = watch_new(&toc_observer_dns_conflict);
	for (unsigned i = 0; i < 100000; i++)
		answer(w, i / 100, i & 1 ? "10.0.0.7" : "10.0.0.8", i & 0xffff, "203.0.113.1", "rtt=1");
	answer(w, 2000, "10.0.0.7", 99999 & 0xffff, "203.0.113.2", "");
	assert_int_equal(w->n, 1);
	watch_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(differs), cmocka_unit_test(agrees),
					    cmocka_unit_test(many) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}

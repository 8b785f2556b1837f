/* lookalike observer: what is made to be taken for the district's domains, and what only happens to be near them. */
#include "observe/watch.h"

extern const struct toc_observer toc_observer_lookalike;

static const char protect[] = "{domains: [maplewoodschools.example, brook.k12.ma.us]}";

/* What is said of a name: how, or "" for nothing. Each is asked by a client of its own. */
static const char *how(struct watch *w, const char *name)
{
	static unsigned client;
	static char said[16];
	char text[400];
	const unsigned before = w->n % WATCH_ROWS;
	w->n = before;
	client++;
	snprintf(text, sizeof(text), "dns id.orig_h=10.0.%u.%u id.resp_h=10.0.0.53 query=%s", client / 250,
		 client % 250 + 1, name);
	watch_see(w, client * 1000, text);
	if (w->n == before)
		return "";
	const char *at = strstr(w->rows[before], "\"how\":\"");
	assert_non_null(at);
	snprintf(said, sizeof(said), "%.*s", (int)strcspn(at + 7, "\""), at + 7);
	return said;
}

static void made_to_be_taken_for_it(void **state)
{
	static const char *const cases[][2] = {
		{ "www.map1ewoodschools.test", "looks" },    /* a one */
		{ "maplew00dschools.test", "looks" },	     /* zeros */
		{ "rnaplewoodschools.test", "looks" },	     /* r and n */
		{ "xn--maplewodschools-esm.test", "looks" }, /* a Cyrillic o */
		{ "br0ok.test", "looks" },		     /* a short name that looks the same */
		{ "maplewoodschool.test", "near" },	     /* a letter less */
		{ "maplewoodschools1.test", "near" },	     /* one more */
		{ "maplewoddschools.test", "near" },	     /* another */
		{ "mapelwoodschools.test", "near" },	     /* two that are swapped */
		{ "MaplewoodSchools.test", "suffix" },
		{ "maplewoodschools-login.test", "within" },
		{ "maplewoodschools.evil.test", "within" },
		{ "login.brook.test", "suffix" }, /* a short name, where people log in */
		{ "brook-sso.test", "within" },
	};
	(void)state;
	struct watch *w = watch_new_protecting(&toc_observer_lookalike, protect);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *said = how(w, cases[i][0]);
		if (strcmp(said, cases[i][1]) != 0)
			fail_msg("%s: \"%s\", not \"%s\"", cases[i][0], said, cases[i][1]);
	}
	watch_free(w);
}

static void ordinary_names(void **state)
{
	static const char *const cases[] = { "maplewoodschools.example",
					     "www.maplewoodschools.example",
					     "login.portal.brook.k12.ma.us",
					     "brook.test",
					     "brooks.test",
					     "www.brookside-farm.test",
					     "maplewood.test",
					     "maplewoodtown.test",
					     "com",
					     "localhost",
					     "10.20.3.7",
					     "xn--.test",
					     "xn--a-ecp.test",
					     "a..b",
					     "login.brookline.test",
					     "otherschools.example" };
	(void)state;
	struct watch *w = watch_new_protecting(&toc_observer_lookalike, protect);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (*how(w, cases[i]))
			fail_msg("%s is told of", cases[i]);
	watch_free(w);
}

static void once_for_each_client(void **state)
{
	(void)state;
	struct watch *w = watch_new_protecting(&toc_observer_lookalike, protect);
	for (unsigned i = 0; i < 100; i++)
		watch_see(w, i * 1000,
			  "ssl id.orig_h=10.0.0.7 id.resp_h=203.0.113.9 server_name=maplewoodschools.test");
	assert_int_equal(w->n, 1);
	watch_expect(w, 0, "\"event\":\"lookalike\"");
	watch_expect(w, 0,
		     "\"src_ip\":\"10.0.0.7\",\"query\":\"maplewoodschools.test\",\"domain\":\"maplewoodschools.test\","
		     "\"like\":\"maplewoodschools.example\",\"how\":\"suffix\"");
	watch_see(w, 100000, "http id.orig_h=10.0.0.8 id.resp_h=203.0.113.9 host=maplewoodschools.test:8080");
	assert_int_equal(w->n, 2);
	watch_see(w, 700000, "dns id.orig_h=10.0.0.7 query=maplewoodschools.test");
	assert_int_equal(w->n, 3);
	watch_free(w);
}

static void without_domains_nothing_is_compared(void **state)
{
	(void)state;
	struct watch *w = watch_new(&toc_observer_lookalike);
	watch_see(w, 0, "dns id.orig_h=10.0.0.7 query=maplewoodschools.test");
	assert_int_equal(w->n, 0);
	watch_free(w);
}

static void a_domain_is_a_domain(void **state)
{
	static const char *const wrong[] = { "{domains: [com]}", "{domains: www.maplewood.example}", "{domains: ['']}",
					     "{domains: [[a.example]]}" };
	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct watch *w = watch_new_protecting(&toc_observer_lookalike, wrong[i]);
		assert_int_equal(toc_diag_errors(w->diag), 1);
		watch_free(w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(made_to_be_taken_for_it), cmocka_unit_test(ordinary_names),
		cmocka_unit_test(once_for_each_client),	   cmocka_unit_test(without_domains_nothing_is_compared),
		cmocka_unit_test(a_domain_is_a_domain),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

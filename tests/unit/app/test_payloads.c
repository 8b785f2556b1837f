/* payloads: whose payload may be kept is what rules ask for, less mail and what a rule wants nothing kept of. */
#define _GNU_SOURCE
#include "test.h"

#include <sys/mman.h>
#include <unistd.h>

#include "app/payloads.h"

#define RULE(name, service, evidence)                                                                                  \
	"title: t\nid: " name "\nlogsource: {product: zeek, service: " service "}\n"                                   \
	"detection: {s: {id.orig_h|exists: true}, condition: s}\ntocsin: {evidence: " evidence "}\n"

struct rig {
	struct toc_intern *names;
	struct toc_diag *diag;
	struct toc_ruleset *rules;
};

static void load(struct rig *r, const char *text)
{
	char path[64];
	int fd = memfd_create("t.yml", 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	const char *const paths[] = { path, NULL }, *const taxonomy[] = { "rules/taxonomy", NULL };
	const char *const none[] = { NULL };
	const struct toc_ruleset_config config = {
		.paths = paths, .taxonomy = taxonomy, .lists = none, .vars = none, .opener = &toc_opener_self
	};
	r->names = toc_intern_new();
	r->diag = toc_diag_new();
	r->rules = toc_ruleset_load(&config, r->names, NULL, r->diag);
	close(fd);
}

static void unload(struct rig *r)
{
	toc_ruleset_free(r->rules);
	toc_diag_free(r->diag);
	toc_intern_free(r->names);
}

static uint16_t bytes_of(const struct payload_wish *wishes, const char *service)
{
	for (; wishes->service; wishes++)
		if (strcmp(wishes->service, service) == 0)
			return wishes->bytes;
	return 0;
}

static void test_wishes(void **state)
{
	struct rig r;
	struct payload_wish wishes[TOC_PAYLOADS + 1];
	(void)state;
	load(&r,
	     RULE("a", "http", "{payload: 100}") "---\n" RULE("b", "http", "{payload: 4096}") "---\n" RULE(
		     "c", "dns",
		     "{payload: 64}") "---\n" RULE("d", "dns",
						   "none") "---\n"
							   /* a correlation asks for what it counts */
							   "title: t\nname: e\nid: e\nlogsource: {product: zeek, "
							   "service: ssh}\n"
							   "detection: {s: {id.orig_h|exists: true}, condition: "
							   "s}\n---\n"
							   "title: t\nid: f\ncorrelation: {type: event_count, rules: "
							   "[e], group-by: [src_ip], timespan: 1m, "
							   "condition: {gte: 2}}\ntocsin: {evidence: {payload: 32}}\n"
							   /* of a service that no decoder gives: nothing */
							   "---\n" RULE("g", "conn", "{payload: 64}"));
	assert_int_equal(toc_diag_errors(r.diag), 0);
	toc_payloads_find(r.rules, r.names, wishes);
	assert_int_equal(bytes_of(wishes, "http"), 4096);
	assert_int_equal(bytes_of(wishes, "dns"), 0);
	assert_int_equal(bytes_of(wishes, "ssh"), 32);
	assert_int_equal(bytes_of(wishes, "ssl"), 0);
	unload(&r);
}

static void test_what_is_refused(void **state)
{
	static const char *const wrong[] = {
		RULE("a", "smtp", "{payload: 64}"),
		RULE("a", "http", "{payload: 0}"),
		RULE("a", "http", "{payload: 4097}"),
		RULE("a", "http", "all"),
		RULE("a", "http", "{}"),
		RULE("a", "http", "{bytes: 1}"),
	};
	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct rig r;
		load(&r, wrong[i]);
		if (!toc_diag_errors(r.diag))
			fail_msg("taken: %s", wrong[i]);
		unload(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wishes),
		cmocka_unit_test(test_what_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* claims: who may use a name, who is told of, and how often. */
#include "test.h"

#include "app/claims.h"
#include "tocsin/draft.h"
#include "tocsin/event.h"

struct rig {
	struct toc_emit emit; /* first */
	struct toc_intern *names;
	struct toc_claims *claims;
	unsigned told;
	char owner[TOC_ADDR_TEXT];
};

static void take(struct toc_emit *emit, struct toc_draft *d)
{
	struct rig *r = (struct rig *)emit;
	struct toc_event *ev = toc_draft_seal(d, aligned_alloc(8, toc_draft_size(d)));
	const struct toc_value owner = toc_event_get(ev, toc_intern_find(r->names, toc_span_str("owner_ip")));
	assert_int_equal(owner.type, TOC_IP);
	toc_addr_print(&owner.as.ip, r->owner);
	r->told++;
	free(ev);
}

static int setup(void **state)
{
	static const struct toc_hash_key key = { 1, 2 };
	struct rig *r = calloc(1, sizeof(*r));
	assert_non_null(r);
	r->emit.event = take;
	r->names = toc_intern_new();
	r->claims = toc_claims_new(&key, r->names);
	*state = r;
	return 0;
}

static int teardown(void **state)
{
	struct rig *r = *state;
	toc_claims_free(r->claims);
	toc_intern_free(r->names);
	free(r);
	return 0;
}

/* Whose name it was, or "" if nothing is told. */
static const char *says(struct rig *r, const char *peer, const char *host, int minute, bool relay)
{
	struct toc_claim claim = { .host = toc_span_str(host), .at = minute * TOC_MIN, .relay = relay };
	assert_true(toc_addr_parse(toc_span_str(peer), &claim.peer));
	r->owner[0] = '\0';
	toc_claims_see(r->claims, &claim, &r->emit);
	return r->owner;
}

static void who_was_first_has_it(void **state)
{
	struct rig *r = *state;
	assert_string_equal(says(r, "10.0.0.1", "fw1", 0, false), "");
	assert_string_equal(says(r, "10.0.0.1", "fw1", 1, false), "");
	assert_string_equal(says(r, "10.0.0.66", "FW1", 2, false), "10.0.0.1");
	assert_string_equal(says(r, "10.0.0.66", "fw1", 61, false), ""); /* said already */
	assert_string_equal(says(r, "10.0.0.1", "fw1", 62, false), "");	 /* it stays the first one's */
	assert_string_equal(says(r, "10.0.0.66", "fw1", 62, false), "10.0.0.1");
	assert_string_equal(says(r, "10.0.0.66", "fw2", 62, false), ""); /* free */
}

static void names_come_free(void **state)
{
	struct rig *r = *state;
	says(r, "10.0.0.1", "fw1", 0, false);
	assert_string_equal(says(r, "10.0.0.2", "fw1", 24 * 60, false), "10.0.0.1");
	assert_string_equal(says(r, "10.0.0.2", "fw1", 24 * 60 + 1, false), ""); /* a new address, say */
	assert_string_equal(says(r, "10.0.0.1", "fw1", 24 * 60 + 90, false), "10.0.0.2");
}

static void relays(void **state)
{
	struct rig *r = *state;
	says(r, "10.0.0.1", "fw1", 0, true);
	assert_string_equal(says(r, "10.0.0.2", "fw1", 1, true), ""); /* another way of the same host */
	assert_string_equal(says(r, "10.0.0.66", "fw1", 2, false), "10.0.0.1");
	says(r, "10.0.0.5", "fw5", 0, false);
	assert_string_equal(says(r, "10.0.0.1", "fw5", 1, true), "10.0.0.5");
}

static void nobodys_names(void **state)
{
	struct rig *r = *state;
	static const char *const names[] = { "", "-", "localhost", "LOCALHOST.localdomain", "10.0.0.1", "2001:db8::1" };
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		says(r, "10.0.0.1", names[i], 0, false);
		assert_string_equal(says(r, "10.0.0.2", names[i], 1, false), "");
	}
	assert_int_equal(r->told, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_was_first_has_it),
		TEST(names_come_free),
		TEST(relays),
		TEST(nobodys_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

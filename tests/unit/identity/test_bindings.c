/* bindings: who stood behind an address at a moment; who is believed; what comes late; what is forgotten and counted.
 */
#include "test.h"

#include "identity/bindings.h"

static const struct toc_hash_key key = { 1, 2 };
static const struct toc_span nothing;

static struct toc_addr address(const char *text)
{
	struct toc_addr a;
	assert_true(toc_addr_parse(toc_span_str(text), &a));
	return a;
}

/* One address: times in seconds. */
struct rig {
	struct toc_bindings *b;
	struct toc_addr pc;
};

static int setup(void **state)
{
	struct rig *r = calloc(1, sizeof(*r));
	assert_non_null(r);
	r->b = toc_bindings_new(100, &key);
	r->pc = address("10.0.0.9");
	*state = r;
	return 0;
}

static int teardown(void **state)
{
	struct rig *r = *state;
	toc_bindings_free(r->b);
	free(r);
	return 0;
}

static void learn(struct rig *r, const char *text, int from, int until, unsigned confidence, const char *source)
{
	toc_bindings_learn(r->b, &r->pc, TOC_BIND_MAC, toc_span_str(text), from * TOC_SEC, until * TOC_SEC, confidence,
			   source);
}

static const struct toc_bound *at(const struct rig *r, int when)
{
	return toc_bindings_at(r->b, &r->pc, TOC_BIND_MAC, when * TOC_SEC);
}

/* "a 90 dhcp", or "" when nobody had it */
static const char *who(const struct rig *r, int when)
{
	static char text[96];
	const struct toc_bound *w = at(r, when);
	text[0] = '\0';
	if (w)
		snprintf(text, sizeof(text), "%s %u %s", w->text, w->confidence, w->source);
	return text;
}

static void a_statement_holds_from_its_start_to_before_its_end(void **state)
{
	struct rig *r = *state;
	assert_string_equal(who(r, 100), "");
	learn(r, "a", 100, 200, 90, "dhcp");
	assert_string_equal(who(r, 99), ""); /* what was before is not told by what is learnt now */
	assert_string_equal(who(r, 100), "a 90 dhcp");
	assert_string_equal(who(r, 199), "a 90 dhcp");
	assert_null(toc_bindings_at(r->b, &r->pc, TOC_BIND_MAC, 200 * TOC_SEC));
	assert_non_null(toc_bindings_at(r->b, &r->pc, TOC_BIND_MAC, 200 * TOC_SEC - 1));
	assert_int_equal(at(r, 150)->from, 100 * TOC_SEC);
	assert_int_equal(at(r, 150)->until, 200 * TOC_SEC);
}

static void a_new_holder_ends_the_old_one(void **state)
{
	struct rig *r = *state;
	learn(r, "a", 100, 1000, 90, "dhcp");
	learn(r, "b", 300, 400, 90, "dhcp");
	assert_string_equal(who(r, 299), "a 90 dhcp");
	assert_string_equal(who(r, 300), "b 90 dhcp");
	assert_string_equal(who(r, 400), ""); /* a does not come back when b's lease is over */
	learn(r, "c", 500, 600, 90, "dhcp");
	assert_string_equal(who(r, 200), "a 90 dhcp");
	assert_string_equal(who(r, 399), "b 90 dhcp");
	assert_string_equal(who(r, 550), "c 90 dhcp");
}

static void a_renewal_lengthens(void **state)
{
	struct rig *r = *state;
	learn(r, "a", 100, 200, 90, "dhcp");
	learn(r, "a", 150, 250, 90, "dhcp");
	assert_string_equal(who(r, 120), "a 90 dhcp");
	assert_string_equal(who(r, 249), "a 90 dhcp");
	assert_string_equal(who(r, 250), "");
	learn(r, "a", 160, 200, 90, "dhcp"); /* a shorter one takes nothing back */
	assert_string_equal(who(r, 249), "a 90 dhcp");
	learn(r, "a", 300, 400, 90, "dhcp"); /* after the end it is a new one: the gap stays */
	assert_string_equal(who(r, 260), "");
	assert_string_equal(who(r, 300), "a 90 dhcp");
}

static void a_lease_is_given_back(void **state)
{
	struct rig *r = *state;
	toc_bindings_end(r->b, &r->pc, TOC_BIND_MAC, nothing, 100 * TOC_SEC); /* of nobody */
	learn(r, "a", 100, 1000, 90, "dhcp");
	toc_bindings_end(r->b, &r->pc, TOC_BIND_MAC, nothing, 50 * TOC_SEC); /* before it began */
	assert_string_equal(who(r, 300), "a 90 dhcp");
	learn(r, "a", 200, 2000, 50, "arp");
	toc_bindings_end(r->b, &r->pc, TOC_BIND_HOST, nothing, 300 * TOC_SEC); /* of another kind */
	assert_string_equal(who(r, 300), "a 90 dhcp");
	toc_bindings_end(r->b, &r->pc, TOC_BIND_MAC, nothing, 300 * TOC_SEC);
	assert_string_equal(who(r, 299), "a 90 dhcp");
	assert_string_equal(who(r, 300), "");
	assert_string_equal(who(r, 1500), "");				      /* neither what ARP said while it held */
	toc_bindings_end(r->b, &r->pc, TOC_BIND_MAC, nothing, 400 * TOC_SEC); /* over already */
	assert_string_equal(who(r, 299), "a 90 dhcp");
	learn(r, "b", 350, 400, 50, "arp"); /* free again, for anybody */
	assert_string_equal(who(r, 350), "b 50 arp");
}

static void the_surer_source_wins(void **state)
{
	struct rig *r = *state;
	learn(r, "a", 100, 1000, 90, "dhcp");
	learn(r, "evil", 200, 2000, 50, "arp");
	assert_string_equal(who(r, 200), "a 90 dhcp");
	assert_string_equal(who(r, 1000), ""); /* what was refused is not kept for later */
	learn(r, "b", 300, 800, 90, "dhcp-log");
	assert_string_equal(who(r, 300), "b 90 dhcp-log"); /* as sure: the later one */
	learn(r, "c", 400, 600, 95, "radius");
	assert_string_equal(who(r, 399), "b 90 dhcp-log");
	assert_string_equal(who(r, 599), "c 95 radius");
	assert_string_equal(who(r, 600), "");
	learn(r, "evil", 700, 800, 50, "arp"); /* nobody's: the less sure is better than none */
	assert_string_equal(who(r, 700), "evil 50 arp");
}

static void a_surer_source_says_the_same(void **state)
{
	struct rig *r = *state;
	learn(r, "a", 100, 2000, 50, "arp");
	learn(r, "a", 200, 1000, 90, "dhcp");
	assert_string_equal(who(r, 150), "a 90 dhcp"); /* confidence and source belong together */
	assert_string_equal(who(r, 999), "a 90 dhcp");
	assert_string_equal(who(r, 1000), "a 50 arp"); /* beyond the lease only ARP has said it */
	assert_string_equal(who(r, 2000), "");
}

/* Otherwise ARP within a lease would make it one of four hours that nobody else can end. */
static void a_less_sure_source_says_the_same(void **state)
{
	struct rig *r = *state;
	learn(r, "a", 100, 1000, 90, "dhcp");
	learn(r, "a", 900, 5000, 50, "arp");
	assert_string_equal(who(r, 999), "a 90 dhcp");
	assert_string_equal(who(r, 1000), "a 50 arp");
	assert_string_equal(who(r, 4999), "a 50 arp");
	learn(r, "a", 950, 6000, 50, "arp");
	assert_string_equal(who(r, 5999), "a 50 arp");
	learn(r, "b", 2000, 3000, 50, "arp");
	assert_string_equal(who(r, 1999), "a 50 arp");
	assert_string_equal(who(r, 2000), "b 50 arp");
	assert_string_equal(who(r, 4000), "");
	assert_string_equal(who(r, 500), "a 90 dhcp");
}

static void a_renewal_takes_over_what_arp_has_said(void **state)
{
	struct rig *r = *state;
	learn(r, "a", 100, 1000, 90, "dhcp");
	learn(r, "a", 900, 5000, 50, "arp");
	learn(r, "a", 950, 2000, 90, "dhcp");
	assert_string_equal(who(r, 1500), "a 90 dhcp");
	assert_string_equal(who(r, 2000), "a 50 arp");
	learn(r, "b", 1500, 1600, 90, "dhcp"); /* a has lost it, and all it would have had */
	assert_string_equal(who(r, 1499), "a 90 dhcp");
	assert_string_equal(who(r, 1500), "b 90 dhcp");
	assert_string_equal(who(r, 3000), "");
}

static void late_statements_take_their_place(void **state)
{
	struct rig *r = *state;
	learn(r, "b", 500, 900, 90, "dhcp");
	learn(r, "a", 100, 5000, 90, "dhcp-log"); /* a line that was long on its way */
	assert_string_equal(who(r, 99), "");
	assert_string_equal(who(r, 499), "a 90 dhcp-log");
	assert_string_equal(who(r, 500), "b 90 dhcp");
	assert_string_equal(who(r, 900), "");
	learn(r, "evil", 300, 5000, 50, "arp"); /* late and less sure: a had it then */
	assert_string_equal(who(r, 300), "a 90 dhcp-log");
	learn(r, "a", 50, 150, 90, "dhcp-log");
	assert_string_equal(who(r, 50), "a 90 dhcp-log");
	assert_string_equal(who(r, 600), "b 90 dhcp");
}

/* In whatever order the two come, they tell the same. */
static void order_of_arrival_does_not_matter(void **state)
{
	struct rig *r = *state;
	learn(r, "evil", 200, 2000, 50, "arp");
	learn(r, "a", 100, 1000, 90, "dhcp");
	assert_string_equal(who(r, 199), "a 90 dhcp");
	assert_string_equal(who(r, 200), "a 90 dhcp");
	assert_string_equal(who(r, 1500), "");
	learn(r, "c", 3000, 4000, 50, "arp"); /* after the lease: untouched by a late one */
	learn(r, "b", 2500, 3000, 90, "dhcp");
	assert_string_equal(who(r, 2999), "b 90 dhcp");
	assert_string_equal(who(r, 3000), "c 50 arp");
	learn(r, "b", 2900, 3500, 50, "arp"); /* said before c came: it does not last into c's time */
	assert_string_equal(who(r, 2999), "b 90 dhcp");
	assert_string_equal(who(r, 3000), "c 50 arp");
}

/* A stop or another holder that is told of late ends what was then, not what has been told since. */
static void what_is_told_late_does_not_undo_what_came_after(void **state)
{
	struct rig *r = *state;
	learn(r, "a", 100, 1000, 90, "dhcp");
	learn(r, "a", 500, 1500, 90, "dhcp");
	toc_bindings_end(r->b, &r->pc, TOC_BIND_MAC, toc_span_str("b"), 300 * TOC_SEC); /* not b's to end */
	assert_string_equal(who(r, 400), "a 90 dhcp");
	toc_bindings_end(r->b, &r->pc, TOC_BIND_MAC, toc_span_str("A"), 300 * TOC_SEC);
	assert_string_equal(who(r, 299), "a 90 dhcp");
	assert_string_equal(who(r, 300), "");
	assert_string_equal(who(r, 499), "");
	assert_string_equal(who(r, 500), "a 90 dhcp");
	assert_string_equal(who(r, 1499), "a 90 dhcp");
	learn(r, "a", 900, 1500, 90, "dhcp");
	learn(r, "b", 700, 2000, 90, "dhcp");
	assert_string_equal(who(r, 699), "a 90 dhcp");
	assert_string_equal(who(r, 899), "b 90 dhcp");
	assert_string_equal(who(r, 900), "a 90 dhcp");
	assert_string_equal(who(r, 1600), "");
}

static void many_users_within_minutes_are_a_crowd(void **state)
{
	struct rig *r = *state;
	const char *const users[] = { "anna", "bert", "carl", "dora" };
	const struct toc_known *known;
	for (int i = 0; i < 4; i++) { /* one after the other */
		toc_bindings_learn(r->b, &r->pc, TOC_BIND_USER, toc_span_str(users[i]), i * TOC_HOUR, 90 * TOC_HOUR, 80,
				   "x");
		toc_bindings_learn(r->b, &r->pc, TOC_BIND_USER, toc_span_str(users[i]), i * TOC_HOUR + TOC_SEC,
				   90 * TOC_HOUR, 80, "x");
	}
	known = toc_bindings_of(r->b, &r->pc);
	assert_false(toc_known_crowd(known, 3 * TOC_HOUR));
	for (int i = 0; i < 3; i++)
		toc_bindings_learn(r->b, &r->pc, TOC_BIND_USER, toc_span_str(users[i]), 9 * TOC_HOUR + i * TOC_MIN,
				   90 * TOC_HOUR, 80, "x");
	assert_false(toc_known_crowd(known, 9 * TOC_HOUR - 1));
	assert_true(toc_known_crowd(known, 9 * TOC_HOUR)); /* the first of them too */
	assert_true(toc_known_crowd(known, 10 * TOC_HOUR + 2 * TOC_MIN - 1));
	assert_false(toc_known_crowd(known, 10 * TOC_HOUR + 2 * TOC_MIN));
}

static void three_holders_are_remembered(void **state)
{
	struct rig *r = *state;
	const char *const names[] = { "a", "b", "c", "d" };
	for (int i = 0; i < 4; i++)
		learn(r, names[i], 100 * i, 1000, 90, "dhcp");
	for (int i = 0; i < 10; i++) /* one that lasted no time takes no room */
		learn(r, i % 2 ? "d" : "e", 300, 1000, 90, "dhcp");
	assert_string_equal(who(r, 50), ""); /* a is forgotten, no other is put in its place */
	assert_string_equal(who(r, 150), "b 90 dhcp");
	assert_string_equal(who(r, 250), "c 90 dhcp");
	assert_string_equal(who(r, 350), "d 90 dhcp");
	learn(r, "late", 10, 1000, 90, "dhcp"); /* older than all that is remembered */
	assert_string_equal(who(r, 50), "");
	assert_string_equal(who(r, 150), "b 90 dhcp");
	for (int i = 0; i < 10; i++) /* the same once more takes no room */
		learn(r, "d", 301 + i, 1000, 90, "dhcp");
	learn(r, "d", 290, 1000, 90, "dhcp"); /* nor does an earlier start, said late */
	assert_string_equal(who(r, 290), "d 90 dhcp");
	assert_string_equal(who(r, 150), "b 90 dhcp");
	learn(r, "d", 500, 2000, 50, "arp"); /* its less sure end takes a place */
	assert_string_equal(who(r, 1500), "d 50 arp");
	assert_string_equal(who(r, 250), "c 90 dhcp");
	assert_string_equal(who(r, 150), "");
}

static void kinds_and_addresses_do_not_mix(void **state)
{
	struct rig *r = *state;
	const struct toc_addr six = address("2001:db8::9"), mapped = address("::ffff:10.0.0.9"),
			      low = address("::a00:9");
	learn(r, "a", 100, 200, 90, "dhcp");
	toc_bindings_learn(r->b, &six, TOC_BIND_MAC, toc_span_str("b"), 0, TOC_DAY, 50, "nd");
	toc_bindings_learn(r->b, &r->pc, TOC_BIND_USER, toc_span_str("erin"), 0, TOC_DAY, 80, "windows");
	const toc_time t = 150 * TOC_SEC;
	assert_string_equal(toc_bindings_at(r->b, &six, TOC_BIND_MAC, t)->text, "b");
	assert_string_equal(toc_bindings_at(r->b, &six, TOC_BIND_MAC, t)->source, "nd");
	assert_null(toc_bindings_at(r->b, &six, TOC_BIND_USER, t));
	assert_string_equal(toc_bindings_at(r->b, &r->pc, TOC_BIND_USER, t)->text, "erin");
	assert_string_equal(toc_bindings_at(r->b, &mapped, TOC_BIND_MAC, t)->text, "a"); /* the same address */
	assert_null(toc_bindings_at(r->b, &low, TOC_BIND_MAC, t));			 /* not the same */
	assert_null(toc_bindings_at(r->b, &r->pc, TOC_BIND_HOST, t));
}

static void forgetting_is_counted(void **state)
{
	(void)state;
	struct toc_bindings *b = toc_bindings_new(64, &key);
	struct toc_addr a = address("2001:db8::");
	for (unsigned i = 0; i < 100; i++) {
		a.b[15] = (uint8_t)i;
		toc_bindings_learn(b, &a, TOC_BIND_MAC, toc_span_str("m"), 0, TOC_DAY, 50, "nd");
		assert_int_equal(toc_bindings_evicted(b), i < 64 ? 0 : i - 63);
		a.b[15] = 0; /* said again and again: never the oldest */
		toc_bindings_learn(b, &a, TOC_BIND_MAC, toc_span_str("m"), 0, TOC_DAY, 50, "nd");
	}
	assert_non_null(toc_bindings_at(b, &a, TOC_BIND_MAC, 1));
	a.b[15] = 36;
	assert_null(toc_bindings_at(b, &a, TOC_BIND_MAC, 1));
	a.b[15] = 37;
	assert_non_null(toc_bindings_at(b, &a, TOC_BIND_MAC, 1));
	toc_bindings_free(b);
	toc_bindings_free(NULL);
}

static void strange_texts(void **state)
{
	struct rig *r = *state;
	char longest[TOC_BOUND_TEXT + 200];
	memset(longest, 'x', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	learn(r, "a", 100, 200, 90, "dhcp");
	learn(r, "", 120, 200, 99, "dhcp"); /* says nothing, so it ends nothing */
	toc_bindings_learn(r->b, &r->pc, TOC_BIND_MAC, toc_span_of("\0b", 2), 120 * TOC_SEC, TOC_DAY, 99, "dhcp");
	assert_string_equal(who(r, 150), "a 90 dhcp");
	toc_bindings_learn(r->b, &r->pc, TOC_BIND_MAC, toc_span_of("a\0b", 3), 150 * TOC_SEC, TOC_DAY, 90, "dhcp");
	assert_int_equal(at(r, 160)->from, 100 * TOC_SEC); /* the same as a */
	learn(r, longest, 300, 400, 90, "a source that is long");
	assert_int_equal(strlen(at(r, 300)->text), TOC_BOUND_TEXT - 1);
	assert_string_equal(at(r, 300)->source, "a source t");
	learn(r, "\xff\xc3(\x1b[2J", 400, 500, 90, "dhcp");
	assert_string_equal(at(r, 400)->text, "\xff\xc3(\x1b[2J");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

/* Over a restart: the same answers; bytes that are cut or changed are no answers. */
static void what_is_kept_comes_back(void **state)
{
	struct rig *r = *state;
	const struct toc_addr other = address("fd00::1");
	size_t n = 0;
	learn(r, "anna", 100, 200, 80, "windows");
	learn(r, "bert", 150, 250, 80, "windows");
	toc_bindings_learn(r->b, &other, TOC_BIND_MAC, toc_span_str("02:00:00:00:00:01"), 0, TOC_HOUR, 90, "dhcp");
	uint8_t *bytes = toc_bindings_save(r->b, &n);
	struct toc_bindings *b = toc_bindings_new(100, &key);
	assert_true(toc_bindings_restore(b, toc_span_of(bytes, n), 0));
	assert_int_equal(toc_bindings_count(b), 2);
	for (toc_time at = 90 * TOC_SEC; at < 260 * TOC_SEC; at += 10 * TOC_SEC) {
		const struct toc_bound *was = toc_bindings_at(r->b, &r->pc, TOC_BIND_USER, at),
				       *is = toc_bindings_at(b, &r->pc, TOC_BIND_USER, at);
		assert_int_equal(was == NULL, is == NULL);
		if (was)
			assert_memory_equal(was, is, sizeof(*was));
	}
	assert_string_equal(toc_bindings_at(b, &other, TOC_BIND_MAC, TOC_MIN)->source, "dhcp");
	for (size_t i = 0; i + 1 < n; i += 7)
		assert_true(!toc_bindings_restore(b, toc_span_of(bytes, i), 0) ||
			    (i - 8) % ((n - 8) / 3) == 0); /* a whole number of statements is fine */
	memset(bytes + 8, 0xff, n - 8);
	assert_false(toc_bindings_restore(b, toc_span_of(bytes, n), 0));
	toc_bindings_free(b);
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_statement_holds_from_its_start_to_before_its_end),
		TEST(a_new_holder_ends_the_old_one),
		TEST(a_renewal_lengthens),
		TEST(a_lease_is_given_back),
		TEST(the_surer_source_wins),
		TEST(a_surer_source_says_the_same),
		TEST(a_less_sure_source_says_the_same),
		TEST(a_renewal_takes_over_what_arp_has_said),
		TEST(late_statements_take_their_place),
		TEST(order_of_arrival_does_not_matter),
		TEST(what_is_told_late_does_not_undo_what_came_after),
		TEST(many_users_within_minutes_are_a_crowd),
		TEST(three_holders_are_remembered),
		TEST(kinds_and_addresses_do_not_mix),
		TEST(forgetting_is_counted),
		TEST(strange_texts),
		TEST(what_is_kept_comes_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

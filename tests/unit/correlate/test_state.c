/* correlate: state that outlives the correlator: reload, restart; and hits in any order. */
#include "rig.h"

#include "correlate/snapshot.h"

#define TEN (10 * TOC_SEC)

enum { RULES = 4 };

/* One of each sort: at once, values with a memory, a sequence, one that waits. */
static void rules_of(struct rig *r)
{
	rule(r, "event_count", TEN, 3, 0, 1);
	rule(r, "value_count", TOC_MIN, 3, 0, 1);
	rule(r, "temporal_ordered", TOC_MIN, 0, 0, 2);
	rule(r, "event_count", TOC_MIN, 4, 0, 1)->bounds[0].op = TOC_CORR_LT;
	r->rules[1].novel.on = true;
	r->rules[1].novel.forget = TOC_DAY;
	r->rules[1].baseline.weeks = 1;
	r->refs[1][0].novel = (struct toc_fieldset){ 1, { r->map[USER] } };
	r->rules[1].baseline.factor = 0;
	for (unsigned i = 0; i < RULES; i++) {
		r->rules[i].hash = 1000 + i;
		r->rules[i].late = TEN;
	}
}

static struct rig *rig_of_all(void)
{
	struct rig *r = rig_new();
	rules_of(r);
	start(r, (struct toc_corr_config){ 0 });
	return r;
}

static void play(struct rig *r, int from, int until)
{
	static const char *const users[] = { "ann", "bob", "cy", "dan", "eve" };
	for (int i = from; i < until; i++) {
		char src[2] = { (char)('a' + i % 3), 0 };
		hit(r, i % 7 == 6,
		    (struct fact){ .ts = (1000 + 2 * i - (i % 5)) * TOC_SEC,
				   .at = (1000 + 2 * i) * TOC_SEC,
				   .src = src,
				   .user = users[i * i % 5] });
	}
}

static void finish(struct rig *r)
{
	advance(r, 3000 * TOC_SEC);
	toc_correlate_finish(r->correlator, 3000 * TOC_SEC);
}

/* The same words as without the break; a snapshot of what was restored is the snapshot. */
static void restart_goes_on(void **state)
{
	(void)state;
	for (int cut = 1; cut < 60; cut += 7) {
		struct rig *whole = rig_of_all(), *first = rig_of_all(), *second = rig_of_all();
		struct toc_corr_restored got;
		char err[128], words[4096];
		size_t n, m;
		play(whole, 0, cut);
		said(whole);
		play(whole, cut, 60);
		finish(whole);
		snprintf(words, sizeof(words), "%s", said(whole));
		play(first, 0, cut);
		uint8_t *bytes = toc_correlate_snapshot(first->correlator, first->names, 7, &n);
		assert_non_null(bytes);
		if (!toc_correlate_restore(second->correlator, second->names, toc_span_of(bytes, n), &got, err,
					   sizeof(err)))
			fail_msg("%s", err);
		assert_int_equal(got.rules, RULES);
		assert_int_equal(got.changed, 0);
		assert_int_equal(got.cells, toc_correlate_count(first->correlator)->cells);
		uint8_t *again = toc_correlate_snapshot(second->correlator, second->names, 7, &m);
		assert_int_equal(n, m);
		assert_memory_equal(bytes, again, n);
		second->at = first->at;
		play(second, cut, 60);
		finish(second);
		assert_string_equal(said(second), words);
		assert_int_equal(toc_correlate_bytes(second->correlator) == 0, 0); /* the baseline's memory stays */
		free(bytes);
		free(again);
		rig_free(whole);
		rig_free(first);
		rig_free(second);
	}
}

/* Ids of another process: fields were met in another order there. */
static void evidence_is_named(void **state)
{
	(void)state;
	struct rig *r = rig_of_all(), *other = rig_new();
	struct toc_corr_restored got;
	char err[128];
	size_t n;
	login(r, 0, 100, "x", "ann");
	login(r, 0, 101, "x", "ann");
	uint8_t *bytes = toc_correlate_snapshot(r->correlator, r->names, 7, &n);
	toc_intern_free(other->names);
	other->names = toc_intern_new();
	for (unsigned i = 0; i < 50; i++) {
		char name[8];
		snprintf(name, sizeof(name), "n%u", i);
		toc_intern_add(other->names, toc_span_str(name));
	}
	for (unsigned i = 0; i < N; i++)
		other->map[i] = toc_intern_add(other->names, toc_span_str(toc_intern_name(r->names, r->map[i])));
	rules_of(other);
	start(other, (struct toc_corr_config){ 0 });
	assert_true(
		toc_correlate_restore(other->correlator, other->names, toc_span_of(bytes, n), &got, err, sizeof(err)));
	login(other, 0, 102, "x", "ann");
	assert_true(other->opens > 0);
	toc_correlate_retell(other->correlator);
	assert_int_equal(other->last.nevidence, 3);
	assert_non_null(other->last.cause);
	const struct toc_value user = toc_event_get(other->last.evidence[0], other->map[USER]);
	assert_true(toc_span_is(user.as.s, "ann"));
	free(bytes);
	rig_free(r);
	rig_free(other);
}

static struct rig *restored(struct toc_span bytes, const struct toc_corr_clock *clock, toc_time moved)
{
	struct rig *r = rig_of_all();
	struct toc_corr_restored got;
	char err[128];
	toc_correlate_dates(r->correlator, clock);
	assert_true(toc_correlate_restore(r->correlator, r->names, bytes, &got, err, sizeof(err)));
	assert_int_equal(got.moved, moved);
	return r;
}

/* An hour forward and an hour back is where it was; of another boot's clock nothing is known. */
static void a_set_clock_moves_all_times(void **state)
{
	const struct toc_corr_clock before = { 5 * TOC_SEC, "boot" }, after = { 5 * TOC_SEC + TOC_HOUR, "boot" },
				    slewed = { 6 * TOC_SEC, "boot" }, another = { 0, "another" };
	struct rig *r = rig_of_all();
	size_t n, m;
	(void)state;
	play(r, 0, 30);
	toc_correlate_dates(r->correlator, &before);
	uint8_t *bytes = toc_correlate_snapshot(r->correlator, r->names, 7, &n);
	const struct toc_span whole = toc_span_of(bytes, n);
	struct rig *moved = restored(whole, &after, TOC_HOUR);
	uint8_t *later = toc_correlate_snapshot(moved->correlator, moved->names, 7, &m);
	struct rig *back = restored(toc_span_of(later, m), &before, -TOC_HOUR);
	free(later);
	later = toc_correlate_snapshot(back->correlator, back->names, 7, &m);
	assert_int_equal(n, m);
	assert_memory_equal(bytes, later, n);
	rig_free(restored(whole, &slewed, 0));
	rig_free(restored(whole, &another, 0));
	free(bytes);
	free(later);
	rig_free(r);
	rig_free(moved);
	rig_free(back);
}

/* Another version says so, whatever else it has. */
static void another_version_is_refused(void **state)
{
	(void)state;
	struct rig *r = rig_of_all();
	struct toc_corr_restored got;
	char err[128];
	bson_t head = BSON_INITIALIZER;
	BSON_APPEND_UTF8(&head, "tocsin", snapshot_correlations.name);
	BSON_APPEND_INT32(&head, "version", snapshot_correlations.version + 1);
	assert_false(toc_correlate_restore(r->correlator, r->names, toc_span_of(bson_get_data(&head), head.len), &got,
					   err, sizeof(err)));
	assert_non_null(strstr(err, "another version"));
	bson_destroy(&head);
	rig_free(r);
}

static void foreign_bytes_are_refused(void **state)
{
	(void)state;
	struct rig *r = rig_of_all(), *other = rig_of_all();
	struct toc_corr_restored got;
	char err[128];
	size_t n;
	play(r, 0, 40);
	uint8_t *bytes = toc_correlate_snapshot(r->correlator, r->names, 7, &n);
	assert_false(
		toc_correlate_restore(other->correlator, other->names, toc_span_of(bytes, 3), &got, err, sizeof(err)));
	assert_non_null(strstr(err, "no snapshot"));
	for (size_t at = 0; at < n; at += 1 + at / 16) { /* one bit, anywhere */
		bytes[at] ^= 4;
		assert_false(toc_correlate_restore(other->correlator, other->names, toc_span_of(bytes, n), &got, err,
						   sizeof(err)));
		bytes[at] ^= 4;
	}
	uint64_t number = 0;
	const char *what = NULL;
	assert_true(toc_correlate_snapshot_number(toc_span_of(bytes, n), &number, &what));
	assert_int_equal(number, 7);
	assert_false(toc_correlate_snapshot_number(toc_span_of(bytes, n - 1), &number, &what));
	assert_non_null(strstr(what, "damaged"));
	struct toc_span body;
	assert_true(snapshot_open(&snapshot_correlations, toc_span_of(bytes, n), &body, &what));
	for (size_t cut = 0; cut < body.n; cut += 37) { /* with a digest that fits */
		size_t m;
		uint8_t *sealed = snapshot_seal(&snapshot_correlations, toc_span_first(body, cut), &m);
		assert_false(toc_correlate_restore(other->correlator, other->names, toc_span_of(sealed, m), &got, err,
						   sizeof(err)));
		free(sealed);
		assert_int_equal(toc_correlate_count(other->correlator)->cells, 0);
		assert_int_equal(toc_correlate_bytes(other->correlator), 0);
	}
	uint8_t *any = malloc(body.n);
	for (size_t at = 0; at < body.n;
	     at += 1 + body.n / 300) { /* one byte is another one, and the digest fits: taken or not */
		size_t m;
		memcpy(any, body.p, body.n);
		any[at] ^= (uint8_t)(1 + at % 255);
		uint8_t *sealed = snapshot_seal(&snapshot_correlations, toc_span_of(any, body.n), &m);
		struct rig *victim = rig_of_all();
		if (toc_correlate_restore(victim->correlator, victim->names, toc_span_of(sealed, m), &got, err,
					  sizeof(err)))
			play(victim, 40, 60);
		else
			assert_int_equal(toc_correlate_count(victim->correlator)->cells, 0);
		finish(victim);
		rig_free(victim);
		free(sealed);
	}
	free(any);
	other->rules[0].hash = 1; /* one rule means something else now: the others live on */
	assert_true(
		toc_correlate_restore(other->correlator, other->names, toc_span_of(bytes, n), &got, err, sizeof(err)));
	assert_int_equal(got.rules, RULES - 1);
	assert_int_equal(got.changed, 1);
	assert_int_equal(toc_correlate_rule_count(other->correlator, 0)->cells, 0);
	free(bytes);
	rig_free(r);
	rig_free(other);
}

/* A reload in the middle is not heard; rules that changed begin anew. */
static void reload_goes_on(void **state)
{
	(void)state;
	static const struct toc_hash_key key = { 1, 2 };
	for (unsigned changed = 0; changed < 2; changed++) {
		struct rig *whole = rig_of_all(), *r = rig_of_all();
		char words[4096];
		play(whole, 0, 30);
		said(whole);
		play(whole, 30, 60);
		finish(whole);
		snprintf(words, sizeof(words), "%s", said(whole));
		play(r, 0, 30);
		said(r);
		struct toc_corr_rule rules[RULES];
		memcpy(rules, r->rules, sizeof(rules));
		rules[3].hash += changed;
		struct toc_corr_config config = { 0 };
		struct toc_correlator *next = toc_correlator_new(&config, rules, RULES, &key, &r->out);
		const uint64_t bytes = toc_correlate_bytes(r->correlator);
		assert_int_equal(toc_correlator_adopt(next, r->correlator), RULES - changed);
		assert_int_equal(toc_correlate_bytes(next) + toc_correlate_bytes(r->correlator), bytes);
		toc_correlator_free(r->correlator);
		r->correlator = next;
		play(r, 30, 60);
		finish(r);
		if (!changed)
			assert_string_equal(said(r), words);
		assert_int_equal(toc_correlate_count(next)->opened, toc_correlate_count(next)->closed);
		rig_free(whole);
		rig_free(r);
	}
}

/* --- any order within the lateness ----------------------------------------------------------------------------------
 */

struct item {
	toc_time ts, due; /* due: when it comes */
	unsigned rule, source, user;
};

static uint64_t next_random(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return *seed >> 33;
}

static int by_due(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	if (x->due != y->due)
		return x->due < y->due ? -1 : 1;
	return x < y ? -1 : 1;
}

/*
 * How often each (rule, key) opened; of rules that speak at once, whether it did: two holding hits that are further
 * apart than an episode needs to close, but not by more than the lateness, are one episode or two by the order of
 * coming.
 */
static void openings(const struct item *items, unsigned n, unsigned out[RULES][4])
{
	static const char *const sources[] = { "a", "b", "c", "d" }, *const users[] = { "u", "v", "w", "x" };
	struct rig *r = rig_new();
	rule(r, "event_count", 5 * TOC_SEC, 4, 0, 1);
	rule(r, "value_count", 5 * TOC_SEC, 3, 0, 1);
	rule(r, "temporal_ordered", 5 * TOC_SEC, 0, 0, 3);
	rule(r, "event_count", 5 * TOC_SEC, 2, 1, 1)->bounds[0].op = TOC_CORR_EQ;
	for (unsigned i = 0; i < RULES; i++)
		r->rules[i].late = 3 * TOC_SEC;
	start(r, (struct toc_corr_config){ 0 });
	memset(out, 0, RULES * 4 * sizeof(**out));
	for (unsigned i = 0; i <= n; i++) {
		if (i < n)
			hit(r, items[i].rule,
			    (struct fact){ .ts = items[i].ts,
					   .at = items[i].due,
					   .src = sources[items[i].source],
					   .user = users[items[i].user] });
		else
			finish(r);
		const char *words = said(r);
		for (const char *plus = strchr(words, '+'); plus; plus = strchr(plus + 1, '+'))
			out[plus[-1] - 'a'][plus[1] - 'a'] += plus[-1] == 'd' || !out[plus[-1] - 'a'][plus[1] - 'a'];
	}
	rig_free(r);
}

static void any_order_within_lateness(void **state)
{
	(void)state;
	enum { MANY = 40, ORDERS = 12, SEEDS = 60 };
	struct item *items = calloc(MANY, sizeof(*items));
	unsigned total = 0;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		unsigned wanted[RULES][4], got[RULES][4];
		uint64_t random = seed;
		for (unsigned i = 0; i < MANY; i++) {
			items[i] = (struct item){ .ts = 100 * TOC_SEC + (toc_time)i * 700 * TOC_MS,
						  .rule = (unsigned)next_random(&random) % 3,
						  .source = (unsigned)next_random(&random) % 4,
						  .user = (unsigned)next_random(&random) % 4 };
			items[i].due = items[i].ts;
		}
		openings(items, MANY, wanted);
		for (unsigned k = 0; k < RULES * 4; k++)
			total += wanted[k / 4][k % 4];
		for (unsigned order = 0; order < ORDERS; order++) {
			for (unsigned i = 0; i < MANY; i++)
				items[i].due = items[i].ts + (toc_time)(next_random(&random) % 2900) * TOC_MS;
			qsort(items, MANY, sizeof(*items), by_due);
			openings(items, MANY, got);
			assert_memory_equal(got, wanted, sizeof(got));
		}
	}
	assert_in_range(total, SEEDS, SEEDS * 16 / 2); /* some open, some do not */
	free(items);
}

/* A group-by with a million keys: the cap holds, what goes is counted, other rules keep theirs. */
static void a_million_keys(void **state)
{
	(void)state;
	struct rig *r = rig_new();
	rule(r, "event_count", TOC_HOUR, 3, 0, 1);
	rule(r, "event_count", TOC_HOUR, 3, 1, 1);
	start(r, (struct toc_corr_config){ .cells = 4096, .rule_cells = 1024 });
	login(r, 1, 1, "victim", NULL);
	login(r, 1, 2, "victim", NULL);
	for (unsigned i = 0; i < 1000000; i++) {
		char src[16];
		snprintf(src, sizeof(src), "k%u", i);
		hit(r, 0, (struct fact){ .ts = 3 * TOC_SEC, .src = src });
	}
	assert_int_equal(toc_correlate_rule_count(r->correlator, 0)->cells, 1024);
	assert_int_equal(toc_correlate_rule_count(r->correlator, 0)->cells_evicted, 1000000 - 1024);
	assert_int_equal(toc_correlate_rule_count(r->correlator, 1)->cells_evicted, 0);
	assert_true(toc_correlate_bytes(r->correlator) < 2 << 20);
	login(r, 1, 4, "victim", NULL);
	assert_string_equal(said(r), "b+victim");
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(restart_goes_on),
		cmocka_unit_test(evidence_is_named),
		cmocka_unit_test(foreign_bytes_are_refused),
		cmocka_unit_test(a_set_clock_moves_all_times),
		cmocka_unit_test(another_version_is_refused),
		cmocka_unit_test(reload_goes_on),
		cmocka_unit_test(any_order_within_lateness),
		cmocka_unit_test(a_million_keys),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

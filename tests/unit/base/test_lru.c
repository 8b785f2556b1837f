/* lru - against a list that is searched from its beginning. */
#include "test.h"

#include "base/lru.h"

enum { KEYS = 700, MOST = 400, STEPS = 60000 };

struct cell {
	uint32_t key;
	uint32_t value;
};

/* Keys by use, the least recent first. */
struct model {
	struct cell cells[MOST];
	unsigned n;
	uint64_t evicted;
};

static unsigned where(const struct model *m, uint32_t key)
{
	unsigned i = 0;
	while (i < m->n && m->cells[i].key != key)
		i++;
	return i;
}

static void take_out(struct model *m, unsigned i)
{
	memmove(&m->cells[i], &m->cells[i + 1], (--m->n - i) * sizeof(m->cells[0]));
}

static void put_last(struct model *m, struct cell c)
{
	m->cells[m->n++] = c;
}

static uint32_t draw(uint32_t *seed)
{
	*seed ^= *seed << 13, *seed ^= *seed >> 17, *seed ^= *seed << 5;
	return *seed;
}

static void step_add(struct toc_lru *t, struct model *m, uint32_t key, uint32_t value)
{
	bool fresh;
	struct cell *c = toc_lru_add(t, &key, &fresh);
	const unsigned i = where(m, key);
	assert_int_equal(fresh, i == m->n);
	assert_int_equal(c->key, key);
	assert_int_equal(c->value, fresh ? 0 : m->cells[i].value);
	if (!fresh) {
		take_out(m, i);
	} else if (m->n == MOST) {
		take_out(m, 0);
		m->evicted++;
	}
	c->value = value;
	put_last(m, (struct cell){ key, value });
}

static void step_get(struct toc_lru *t, struct model *m, uint32_t key)
{
	const struct cell *c = toc_lru_get(t, &key);
	const unsigned i = where(m, key);
	assert_int_equal(c != NULL, i < m->n);
	if (!c)
		return;
	const struct cell was = m->cells[i];
	assert_int_equal(c->value, was.value);
	take_out(m, i);
	put_last(m, was);
}

static void step_remove(struct toc_lru *t, struct model *m, uint32_t key)
{
	struct cell *c = toc_lru_peek(t, &key);
	const unsigned i = where(m, key);
	assert_int_equal(c != NULL, i < m->n);
	if (!c)
		return;
	toc_lru_remove(t, c);
	take_out(m, i);
}

static void step_search(const struct toc_lru *t, const struct model *m, uint32_t key)
{
	uint32_t *hint;
	struct toc_lru_search s = toc_lru_search(t, &key);
	const unsigned i = where(m, key);
	toc_lru_approach(t, &s);
	struct cell *c = toc_lru_arrive(t, &s, &hint);
	assert_int_equal(c != NULL, i < m->n);
	if (!c)
		return;
	assert_int_equal(c->value, m->cells[i].value);
	assert_ptr_equal(toc_lru_at(t, toc_lru_place(t, c)), c);
}

struct walk {
	const struct model *m;
	unsigned i;
};

static void same_cell(void *user, void *cell)
{
	struct walk *w = user;
	assert_memory_equal(cell, &w->m->cells[w->i++], sizeof(struct cell));
}

static void as_the_list_says(void **state)
{
	(void)state;
	static struct model m;
	const struct toc_hash_key key = { 3, 4 };
	struct toc_lru *t = toc_lru_new(sizeof(uint32_t), sizeof(struct cell), MOST, &key, NULL, NULL);
	uint32_t seed = 2463534242;
	for (unsigned step = 0; step < STEPS; step++) {
		/* few keys for a while, so that it empties, then many */
		const uint32_t k = draw(&seed) % (step / 5000 % 2 ? KEYS : 40), what = draw(&seed) % 16;
		if (what < 6)
			step_add(t, &m, k, step);
		else if (what < 9)
			step_get(t, &m, k);
		else if (what < 12)
			step_remove(t, &m, k);
		else
			step_search(t, &m, k);
		assert_int_equal(toc_lru_count(t), m.n);
		if (step % 500)
			continue;
		struct walk w = { &m, 0 };
		toc_lru_each(t, same_cell, &w);
		assert_int_equal(w.i, m.n);
	}
	assert_true(m.evicted > 100);
	assert_int_equal(toc_lru_evicted(t), m.evicted);
	toc_lru_free(t);
}

static void hints_stay_beside_their_cells(void **state)
{
	(void)state;
	bool fresh;
	uint32_t *hint;
	const struct toc_hash_key key = { 5, 6 };
	struct toc_lru *t = toc_lru_new(sizeof(uint32_t), sizeof(struct cell), 100000, &key, NULL, NULL);
	for (uint32_t k = 1; k <= 5000; k++) { /* it grows seven times meanwhile */
		toc_lru_add(t, &k, &fresh);
		struct toc_lru_search s = toc_lru_search(t, &k);
		toc_lru_approach(t, &s);
		assert_non_null(toc_lru_arrive(t, &s, &hint));
		assert_int_equal(*hint, 0);
		*hint = k;
	}
	for (uint32_t k = 1; k <= 5000; k++) {
		struct toc_lru_search s = toc_lru_search(t, &k);
		toc_lru_approach(t, &s);
		assert_non_null(toc_lru_arrive(t, &s, &hint));
		assert_int_equal(*hint, k);
		assert_int_equal(((struct cell *)toc_lru_at(t, k))->key, k); /* places are given in order */
	}
	assert_null(toc_lru_at(t, 0));
	assert_null(toc_lru_at(t, 1u << 30));
	toc_lru_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_the_list_says),
		cmocka_unit_test(hints_stay_beside_their_cells),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

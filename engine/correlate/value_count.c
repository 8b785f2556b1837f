/* value_count - how many different values a field has in one window (Sigma correlations, value_count). */
#include "base/hash.h"
#include "correlate/cell.h"

enum { VALUES = 4096 }; /* distinct values counted exactly up to here; more hold every bound that people write */

static bool read_hit(const struct toc_corr_rule *rule, unsigned ref, const struct toc_view *view,
		     const struct toc_hash_key *key, struct hit *hit)
{
	char text[TOC_KEY_TEXT];
	const struct toc_event *owner;
	struct toc_value v = toc_fieldset_get(&rule->refs[ref].value, view, &owner);
	if (v.type == TOC_NONE || v.list)
		return false;
	hit->of.hash = toc_hash(key, text, toc_value_text(&v, text, sizeof(text)));
	return true;
}

/* The values of one window and how often each is in it: open addressing, on the stack, at most half full. */
struct values {
	uint64_t value[2 * VALUES];
	uint32_t times[2 * VALUES]; /* 0: the slot is free */
	uint32_t n;
};

static uint32_t next_slot(uint32_t at)
{
	return (at + 1) & (2 * VALUES - 1);
}

static uint32_t home_of(uint64_t value)
{
	return (uint32_t)(value >> 7) & (2 * VALUES - 1);
}

static uint32_t slot_of(const struct values *v, uint64_t value)
{
	uint32_t at = home_of(value);
	while (v->times[at] && v->value[at] != value)
		at = next_slot(at);
	return at;
}

static void put(struct values *v, uint64_t value)
{
	uint32_t at = slot_of(v, value);
	v->value[at] = value;
	v->n += v->times[at]++ == 0;
}

/* Where a value is gone, those behind it move up, so that no search ends at the hole. */
static void drop(struct values *v, uint64_t value)
{
	uint32_t hole = slot_of(v, value);
	if (--v->times[hole])
		return;
	v->n--;
	for (uint32_t at = next_slot(hole); v->times[at]; at = next_slot(at)) {
		if (((at - home_of(v->value[at])) & (2 * VALUES - 1)) < ((at - hole) & (2 * VALUES - 1)))
			continue;
		v->value[hole] = v->value[at];
		v->times[hole] = v->times[at];
		v->times[at] = 0;
		hole = at;
	}
}

/* Windows that contain hit `at` end at it or at one of the hits within a timespan after it. */
static bool judge(struct cell *c, uint32_t at)
{
	const struct toc_corr_rule *r = c->rule;
	struct values v;
	uint32_t from = toc_cell_from(c, at), end = at;
	bool holds = false;
	v.n = 0;
	memset(v.times, 0, sizeof(v.times)); /* a value is read only where times says so */
	for (uint32_t i = from; i < at && v.n < VALUES; i++)
		put(&v, c->hits[i].of.hash);
	for (; end < c->nhits && c->hits[end].ts - c->hits[at].ts <= r->timespan && !holds; end++) {
		for (; c->hits[end].ts - c->hits[from].ts > r->timespan; from++)
			drop(&v, c->hits[from].of.hash);
		if (v.n < VALUES)
			put(&v, c->hits[end].of.hash);
		holds = toc_corr_bounds_hold(r, v.n);
		if (end == at || v.n > c->value || holds) {
			c->value = v.n;
			c->from = c->hits[from].ts;
			c->to = c->hits[end].ts;
			c->count = end - from + 1;
		}
		if (v.n == VALUES)
			break; /* full: that many stands for more */
	}
	return holds;
}

const struct toc_corr_kind toc_corr_value_count = { "value_count", true, false, judge, read_hit };

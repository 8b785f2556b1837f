/* value_count - how many different values a field has in one window (Sigma correlations, value_count). */
#include "base/hash.h"
#include "correlate/cell.h"

enum { VALUES = 4096 }; /* distinct values counted exactly up to here; more hold every bound that people write */

static bool read_hit(const struct toc_corr_rule *rule, unsigned ref, const struct toc_view *view, struct hit *hit)
{
	char text[TOC_KEY_TEXT];
	const struct toc_event *owner;
	struct toc_value v = toc_fieldset_get(&rule->refs[ref].value, view, &owner);
	if (v.type == TOC_NONE || v.list)
		return false;
	hit->of.hash = toc_hash_fixed(text, toc_value_text(&v, text, sizeof(text)));
	return true;
}

/* A set of the hashes in [from, end]: open addressing on the stack. */
static uint32_t distinct(const struct cell *c, uint32_t from, uint32_t end)
{
	uint64_t slots[2 * VALUES] = { 0 };
	uint32_t n = 0;
	for (uint32_t i = from; i <= end && n < VALUES; i++) {
		uint64_t h = c->hits[i].of.hash | 1;
		uint32_t at = (uint32_t)(h >> 7) & (2 * VALUES - 1);
		while (slots[at] && slots[at] != h)
			at = (at + 1) & (2 * VALUES - 1);
		n += slots[at] == 0;
		slots[at] = h;
	}
	return n;
}

/*
 * The windows that end at the new hit and, when it came late, at the last hit that still shares a window with it: in
 * between the number of values only grows with the window's end, but for values that fall out at its beginning.
 */
static bool judge(struct cell *c, uint32_t at)
{
	uint32_t last = at;
	while (last + 1 < c->nhits && c->hits[last + 1].ts - c->hits[at].ts <= c->rule->timespan)
		last++;
	for (uint32_t end = at;; end = last) {
		uint32_t from = toc_cell_from(c, end);
		c->value = distinct(c, from, end);
		c->from = c->hits[from].ts;
		c->to = c->hits[end].ts;
		c->count = end - from + 1;
		if (toc_corr_bounds_hold(c->rule, c->value))
			return true;
		if (end == last)
			return false;
	}
}

const struct toc_corr_kind toc_corr_value_count = { "value_count", true, judge, read_hit };

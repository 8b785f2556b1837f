/* novel - `new`: which values of a field have been seen, and since when. */
#include <string.h>

#include "correlate/snapshot.h"

/* What it forgets, it will call new once more: that is counted. */
static void evicted(void *user, void *what)
{
	struct running *r = user;
	(void)what;
	r->count.forgotten++;
}

bool novel_begin(struct toc_correlator *c, struct running *r)
{
	r->novel_since = TOC_NEVER;
	if (!r->rule->novel.on)
		return true;
	r->novel = toc_lru_new(16, sizeof(struct novel_seen), c->config.learnt, &c->key, evicted, r);
	return r->novel != NULL;
}

static struct novel_seen *entry(struct toc_correlator *c, struct running *r, struct toc_span scope,
				struct toc_span value, bool *fresh)
{
	char text[(TOC_CORR_KEYS + 1) * TOC_KEY_TEXT];
	uint8_t key[16];
	memcpy(text, scope.p, scope.n);
	memcpy(text + scope.n, value.p, value.n);
	const struct toc_hash_key other = { c->values.k1, ~c->values.k0 };
	const uint64_t h[2] = { toc_hash(&c->values, text, scope.n + value.n),
				toc_hash(&other, text, scope.n + value.n) };
	memcpy(key, h, 16);
	return toc_lru_add(r->novel, key, fresh);
}

/* When learning began: with the first value of the site, or of the key. */
static toc_time since(struct toc_correlator *c, struct running *r, struct toc_span key, toc_time ts)
{
	bool fresh;
	if (!r->rule->novel.by_key) {
		r->novel_since = ts < r->novel_since ? ts : r->novel_since;
		return r->novel_since;
	}
	struct novel_seen *start = entry(c, r, key, toc_span_of("", 1), &fresh);
	start->first = fresh || ts < start->first ? ts : start->first;
	start->last = ts;
	return start->first;
}

bool novel_take(struct toc_correlator *c, struct running *r, unsigned ref, const struct toc_view *view,
		struct toc_span key, toc_time ts)
{
	char text[TOC_KEY_TEXT];
	const struct toc_event *owner;
	const struct toc_corr_rule *rule = r->rule;
	struct toc_value v = { .type = TOC_NONE };
	bool fresh;
	if (view)
		v = toc_fieldset_get(&rule->refs[ref].novel, view, &owner);
	if (v.type == TOC_NONE || v.list) {
		count_one(&r->count.missing_value, &c->count.missing_value);
		return false;
	}
	const struct toc_span value = toc_span_of(text, toc_value_text(&v, text, sizeof(text)));
	const bool learning = ts - since(c, r, key, ts) < rule->novel.learn;
	struct novel_seen *s = entry(c, r, rule->novel.by_key ? key : toc_span_of("", 0), value, &fresh);
	if (fresh || ts - s->last > rule->novel.forget)
		s->first = learning ? INT64_MIN / 2 : ts; /* what was there while it learnt was always there */
	else if (ts < s->first)
		s->first = ts;
	s->last = fresh || ts > s->last ? ts : s->last;
	/* it stays new for one window, so that the window has all that came of it */
	if (!learning && ts - s->first <= rule->timespan)
		return true;
	count_one(&r->count.known, &c->count.known);
	return false;
}

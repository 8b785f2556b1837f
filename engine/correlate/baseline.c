/* baseline - how much a key usually has in this hour of the week, from the same hours of the weeks before. */
#include <string.h>

#include "correlate/baseline.h"
#include "correlate/state.h"

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* Hours since the epoch by the site's clock on the wall; a week of them begins on a Monday. */
static int64_t hour_of(const struct toc_corr_rule *r, toc_time ts)
{
	return floor_div(ts + toc_zone_offset_at(r->zone, ts), TOC_HOUR) + 3 * 24;
}

/* More of it is counted, and the key's history begins anew. */
static void evicted(void *user, void *what)
{
	struct running *r = user;
	struct base *b = what;
	r->count.forgotten++;
	budget_free(&r->budget, b->totals, base_bytes(r->rule));
}

bool baseline_begin(struct toc_correlator *c, struct running *r)
{
	if (!r->rule->baseline.weeks)
		return true;
	r->bases = toc_lru_new(16, sizeof(struct base), c->config.learnt, &c->key, evicted, r);
	return r->bases != NULL;
}

static void free_totals(void *user, void *what)
{
	(void)user;
	free(((struct base *)what)->totals);
}

void baseline_end(struct running *r)
{
	if (r->bases)
		toc_lru_each(r->bases, free_totals, NULL);
	toc_lru_free(r->bases);
}

static void key_of(const struct toc_correlator *c, const struct cell *cell, uint8_t out[16])
{
	const struct toc_hash_key other = { c->values.k1, ~c->values.k0 };
	const uint64_t h[2] = { toc_hash(&c->values, cell->text, cell->text_n),
				toc_hash(&other, cell->text, cell->text_n) };
	memcpy(out, h, 16);
}

static double *total_at(const struct toc_corr_rule *r, const struct base *b, int64_t hour)
{
	return &b->totals[hour % ((int64_t)(r->baseline.weeks + 1) * WEEK_HOURS)];
}

/* Hours that have come since are empty so far. */
static void move_to(const struct toc_corr_rule *r, struct base *b, int64_t hour)
{
	const int64_t all = (int64_t)(r->baseline.weeks + 1) * WEEK_HOURS;
	if (hour - b->hour >= all)
		b->hour = hour - all;
	while (b->hour < hour)
		*total_at(r, b, ++b->hour) = 0;
}

void baseline_add(struct toc_correlator *c, const struct cell *cell, const struct hit *hit)
{
	struct running *run = cell->of;
	const struct toc_corr_rule *r = run->rule;
	const int64_t hour = hour_of(r, hit->ts);
	uint8_t key[16];
	bool fresh;
	key_of(c, cell, key);
	if (hour < 0)
		return;
	struct base *b = toc_lru_add(run->bases, key, &fresh);
	if (fresh) {
		b->first = hit->ts;
		b->hour = hour;
	}
	if (!b->totals) {
		cells_make_way(c, run, base_bytes(r), cell);
		b->totals = budget_resize(&run->budget, NULL, 0, base_bytes(r));
		if (!b->totals)
			return;
		memset(b->totals, 0, base_bytes(r));
		b->hour = hour;
	}
	if (hit->ts < b->first)
		b->first = hit->ts;
	move_to(r, b, hour);
	if (b->hour - hour < (int64_t)r->baseline.weeks * WEEK_HOURS)
		*total_at(r, b, hour) += r->kind->number ? hit->of.number : hit->weight;
}

bool baseline_holds(struct toc_correlator *c, const struct cell *cell, toc_time ts)
{
	const struct toc_corr_rule *r = cell->of->rule;
	const int64_t hour = hour_of(r, ts);
	uint8_t key[16];
	double sum = 0;
	unsigned weeks = 0;
	key_of(c, cell, key);
	const struct base *b = toc_lru_peek(cell->of->bases, key);
	if (!b || !b->totals || ts - b->first < r->baseline.least)
		return false; /* not known long enough to say what is usual */
	for (unsigned w = 1; w <= r->baseline.weeks; w++) {
		const int64_t past = hour - (int64_t)w * WEEK_HOURS;
		if (past < hour_of(r, b->first) || b->hour - past >= (int64_t)(r->baseline.weeks + 1) * WEEK_HOURS)
			break;
		sum += *total_at(r, b, past);
		weeks++;
	}
	if (!weeks)
		return false;
	const double usual = sum / weeks * (double)r->timespan / (double)TOC_HOUR;
	return cell->value >= r->baseline.factor * usual;
}

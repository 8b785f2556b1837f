/* baseline - the highest window that a key usually has in this hour of the week, by the weeks before. */
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
	budget_free(&r->budget, b->peaks, base_bytes(r->rule));
}

bool baseline_begin(struct toc_correlator *c, struct running *r)
{
	if (!r->rule->baseline.weeks)
		return true;
	r->bases = toc_lru_new(16, sizeof(struct base), c->config.learnt, &c->key, evicted, r);
	return r->bases != NULL;
}

static void free_peaks(void *user, void *what)
{
	(void)user;
	free(((struct base *)what)->peaks);
}

void baseline_end(struct running *r)
{
	if (r->bases)
		toc_lru_each(r->bases, free_peaks, NULL);
	toc_lru_free(r->bases);
}

static void key_of(const struct toc_correlator *c, const struct cell *cell, uint8_t out[16])
{
	const struct toc_hash_key other = { c->values.k1, ~c->values.k0 };
	const uint64_t h[2] = { toc_hash(&c->values, cell->text, cell->text_n),
				toc_hash(&other, cell->text, cell->text_n) };
	memcpy(out, h, 16);
}

static double *peak_at(const struct toc_corr_rule *r, const struct base *b, int64_t hour)
{
	return &b->peaks[hour % ((int64_t)(r->baseline.weeks + 1) * WEEK_HOURS)];
}

/* Hours that have come since are empty so far. */
static void move_to(const struct toc_corr_rule *r, struct base *b, int64_t hour)
{
	const int64_t all = (int64_t)(r->baseline.weeks + 1) * WEEK_HOURS;
	if (hour - b->hour >= all)
		b->hour = hour - all;
	while (b->hour < hour)
		*peak_at(r, b, ++b->hour) = 0;
}

void baseline_add(struct toc_correlator *c, const struct cell *cell, toc_time ts, double value)
{
	struct running *run = cell->of;
	const struct toc_corr_rule *r = run->rule;
	const int64_t hour = hour_of(r, ts);
	uint8_t key[16];
	bool fresh;
	key_of(c, cell, key);
	if (hour < 0)
		return;
	struct base *b = toc_lru_add(run->bases, key, &fresh);
	if (fresh) {
		b->first = ts;
		b->hour = hour;
	}
	if (!b->peaks) {
		cells_make_way(c, run, base_bytes(r), cell);
		b->peaks = budget_resize(&run->budget, NULL, 0, base_bytes(r));
		if (!b->peaks)
			return;
		memset(b->peaks, 0, base_bytes(r));
		b->hour = hour;
	}
	move_to(r, b, hour);
	double *peak = peak_at(r, b, hour);
	*peak = value > *peak ? value : *peak;
}

/* The mean of that hour's peaks over the weeks before that the key was known in; false: there is none. */
static bool mean_of(const struct toc_corr_rule *r, const struct base *b, int64_t hour, double *out)
{
	const int64_t first = hour_of(r, b->first), all = (int64_t)(r->baseline.weeks + 1) * WEEK_HOURS;
	unsigned weeks = 0;
	double sum = 0;
	for (unsigned w = 1; w <= r->baseline.weeks; w++) {
		const int64_t past = hour - (int64_t)w * WEEK_HOURS;
		if (past < first || b->hour - past >= all)
			break;
		sum += *peak_at(r, b, past);
		weeks++;
	}
	*out = weeks ? sum / weeks : 0;
	return weeks > 0;
}

/* Like is compared with like: this window with the highest ones of that hour. */
bool baseline_holds(struct toc_correlator *c, const struct cell *cell, toc_time ts)
{
	const struct toc_corr_rule *r = cell->of->rule;
	uint8_t key[16];
	double usual;
	key_of(c, cell, key);
	const struct base *b = toc_lru_peek(cell->of->bases, key);
	if (!b || !b->peaks || ts - b->first < r->baseline.least || !mean_of(r, b, hour_of(r, ts), &usual))
		return false; /* not known long enough to say what is usual */
	return cell->value >= r->baseline.factor * usual;
}

/* peaks - how high windows get: of each key and day the highest, as one number in a histogram of the rule. No key is
 * kept. */
#include <math.h>
#include <stdlib.h>

#include "correlate/state.h"

enum { PEAKS = 262144, PER_OCTAVE = 8, OCTAVES_BELOW_ONE = 16 };

/* One key of one rule on one day, under a hash. */
struct peak {
	struct {
		uint64_t hash;
		uint32_t rule, day;
	} key;
	double value;
};

struct peaks {
	struct toc_lru *table;
	uint64_t (*bins)[TOC_PEAK_BINS]; /* by rule */
};

static void settle(void *user, void *cell)
{
	struct peaks *p = user;
	const struct peak *peak = cell;
	double bin = PER_OCTAVE * (log2(peak->value > 0 ? peak->value : 0x1p-17) + OCTAVES_BELOW_ONE) + 1e-9;
	unsigned at = bin < 0 ? 0 : bin < TOC_PEAK_BINS ? (unsigned)bin : TOC_PEAK_BINS - 1;
	p->bins[peak->key.rule][at]++;
}

double toc_correlate_peak_of(unsigned bin)
{
	return exp2((double)bin / PER_OCTAVE - OCTAVES_BELOW_ONE);
}

bool toc_correlate_keep_peaks(struct toc_correlator *c)
{
	struct peaks *p = calloc(1, sizeof(*p));
	if (!p)
		return false;
	p->bins = calloc(c->nrules + 1, sizeof(*p->bins));
	p->table = toc_lru_new(sizeof(((struct peak *)NULL)->key), sizeof(struct peak), PEAKS, &c->key, settle, p);
	c->peaks = p;
	return p->bins && p->table;
}

void peaks_free(struct toc_correlator *c)
{
	if (!c->peaks)
		return;
	toc_lru_free(c->peaks->table);
	free(c->peaks->bins);
	free(c->peaks);
}

void peaks_add(struct toc_correlator *c, const struct cell *cell, toc_time ts, double value)
{
	struct peak key = { .key = { cell->hash, cell->of->index, (uint32_t)(ts / TOC_DAY) } };
	bool fresh;
	struct peak *p = toc_lru_add(c->peaks->table, &key.key, &fresh);
	p->value = fresh || value > p->value ? value : p->value;
}

void toc_correlate_peaks(struct toc_correlator *c, unsigned rule, uint64_t bins[TOC_PEAK_BINS])
{
	struct toc_lru *table = c->peaks->table;
	for (void *oldest; (oldest = toc_lru_oldest(table));) {
		settle(c->peaks, oldest);
		toc_lru_remove(table, oldest);
	}
	memcpy(bins, c->peaks->bins[rule], sizeof(c->peaks->bins[rule]));
}

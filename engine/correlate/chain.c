/* chain - sequences in constant time for each hit: the latest begin of every chain that may still be completed. */
#include "correlate/cell.h"

/*
 * A chain that began later leaves more of the window, so of all chains that have come as far only the latest begin is
 * kept. Sets of rules (`terms`) have a begin for each of their rules in turn; where a number of rules is asked for,
 * there is a begin for each (length, last rule). Hits come in the order of (ts, place in the list): equal times count
 * as in order.
 */
static bool by_length(const struct toc_corr_rule *r)
{
	return r->nbounds && !r->expr.n;
}

static unsigned terms_of(const struct toc_corr_rule *r)
{
	return r->expr.n ? r->expr.nterms : 1;
}

static uint32_t term_of(const struct toc_corr_rule *r, unsigned i)
{
	return r->expr.n ? r->expr.terms[i] : (uint32_t)((UINT64_C(1) << r->nrefs) - 1);
}

static unsigned bits(uint32_t set)
{
	return (unsigned)__builtin_popcount(set);
}

uint32_t chain_room(const struct toc_corr_rule *r)
{
	uint32_t sum = 0;
	if (by_length(r))
		return r->nrefs * r->nrefs;
	for (unsigned i = 0; i < terms_of(r); i++)
		sum += bits(term_of(r, i));
	return sum;
}

void chain_clear(const struct toc_corr_rule *r, toc_time *reach)
{
	for (uint32_t i = 0; i < chain_room(r); i++)
		reach[i] = INT64_MIN;
}

static void step_lengths(const struct toc_corr_rule *r, toc_time *reach, const struct hit *h)
{
	for (unsigned length = r->nrefs; length-- > 0;) {
		toc_time start = length == 0 ? h->ts : INT64_MIN;
		for (unsigned k = 0; length && k < h->ref; k++)
			if (reach[(length - 1) * r->nrefs + k] > start)
				start = reach[(length - 1) * r->nrefs + k];
		toc_time *mine = &reach[length * r->nrefs + h->ref];
		if (start != INT64_MIN && h->ts - start <= r->timespan && start > *mine)
			*mine = start;
	}
}

void chain_step(const struct toc_corr_rule *r, toc_time *reach, const struct hit *h)
{
	if (by_length(r)) {
		step_lengths(r, reach, h);
		return;
	}
	for (unsigned i = 0; i < terms_of(r); i++) {
		const uint32_t term = term_of(r, i), bit = UINT32_C(1) << h->ref;
		const unsigned k = bits(term & (bit - 1));
		const toc_time start = !(term & bit) ? INT64_MIN : k == 0 ? h->ts : reach[k - 1];
		if (start != INT64_MIN && h->ts - start <= r->timespan && start > reach[k])
			reach[k] = start;
		reach += bits(term);
	}
}

unsigned chain_length(const struct toc_corr_rule *r, const toc_time *reach, toc_time since, toc_time *start)
{
	unsigned longest = 0;
	if (by_length(r)) {
		for (uint32_t i = 0; i < r->nrefs * r->nrefs; i++)
			if (reach[i] >= since && i / r->nrefs >= longest) {
				*start = i / r->nrefs == longest || reach[i] > *start ? reach[i] : *start;
				longest = i / r->nrefs + 1;
			}
		return longest;
	}
	for (unsigned i = 0; i < terms_of(r); i++) {
		const unsigned n = bits(term_of(r, i));
		if (reach[n - 1] >= since && n > longest) {
			longest = n;
			*start = reach[n - 1];
		}
		reach += n;
	}
	return longest;
}

bool chain_enough(const struct toc_corr_rule *r, unsigned length)
{
	return by_length(r) ? bounds_hold(r->bounds, r->nbounds, length) : length > 0;
}

/* kinds - the list of correlation kinds, by Sigma's names. */
#include <string.h>

#include "correlate/cell.h"

#define CORRELATION(name) extern const struct toc_corr_kind toc_corr_##name;
#include "correlate/kinds.def"
#undef CORRELATION

static const struct toc_corr_kind *const kinds[] = {
#define CORRELATION(name) &toc_corr_##name,
#include "correlate/kinds.def"
#undef CORRELATION
	NULL
};

static const char *const names[] = {
#define CORRELATION(name) #name,
#include "correlate/kinds.def"
#undef CORRELATION
	NULL
};

const struct toc_corr_kind *toc_corr_kind_find(const char *name)
{
	for (const struct toc_corr_kind *const *k = kinds; *k; k++)
		if (strcmp((*k)->name, name) == 0)
			return *k;
	return NULL;
}

const char *const *toc_corr_kind_names(void)
{
	return names;
}

bool toc_corr_kind_needs_field(const struct toc_corr_kind *kind)
{
	return kind->needs_field;
}

static bool bound_holds(const struct toc_corr_bound *b, double value)
{
	switch (b->op) {
	case TOC_CORR_GT:
		return value > b->value;
	case TOC_CORR_GTE:
		return value >= b->value;
	case TOC_CORR_LT:
		return value < b->value;
	case TOC_CORR_LTE:
		return value <= b->value;
	case TOC_CORR_EQ:
		return value >= b->value && value <= b->value;
	case TOC_CORR_NEQ:
		return value < b->value || value > b->value;
	}
	return false;
}

bool toc_corr_bounds_hold(const struct toc_corr_rule *rule, double value)
{
	for (unsigned i = 0; i < rule->nbounds; i++)
		if (!bound_holds(&rule->bounds[i], value))
			return false;
	return rule->nbounds > 0;
}

uint32_t toc_cell_from(const struct cell *c, uint32_t end)
{
	uint32_t low = 0, high = end;
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		if (c->hits[end].ts - c->hits[mid].ts > c->rule->timespan)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* rule - a correlation as ruleset/ compiled it: what correlate/ runs. */
#ifndef CORRELATE_RULE_H
#define CORRELATE_RULE_H

#include "match/match.h"
#include "tocsin/time.h"

enum { TOC_CORR_KEYS = 6, TOC_CORR_REFS = 32, TOC_CORR_BOUNDS = 4 };

/* One file per kind in correlate/, listed in correlate/kinds.def. */
struct toc_corr_kind;

/*
 * Rules are numbered in one space: detection rules 0 … ndetections-1 (toc_match's indices), then correlations. A
 * correlation refers to rules with smaller numbers only, so there are no cycles.
 */
struct toc_corr_ref {
	uint32_t rule;
	struct toc_fieldset key[TOC_CORR_KEYS]; /* by `aliases`, or the group-by field itself */
	struct toc_fieldset value;		/* condition.field (value_count, value_sum) */
};

enum toc_corr_op { TOC_CORR_GT, TOC_CORR_GTE, TOC_CORR_LT, TOC_CORR_LTE, TOC_CORR_EQ, TOC_CORR_NEQ };

struct toc_corr_bound {
	enum toc_corr_op op;
	double value;
};

struct toc_corr_rule {
	uint32_t number; /* in the common space */
	const char *id;	 /* the document's id, else name, else file:line */
	uint64_t hash;	 /* of the compiled form: equal after a reload = state lives on */
	const struct toc_corr_kind *kind;
	unsigned nkeys;
	const char *key_names[TOC_CORR_KEYS];
	unsigned nrefs;
	const struct toc_corr_ref *refs; /* in the order of `rules`: temporal_ordered's order */
	toc_time timespan;
	unsigned nbounds; /* all must hold; temporal: number of distinct refs, default all */
	struct toc_corr_bound bounds[TOC_CORR_BOUNDS];
	toc_time late; /* how much later than its source's clock a hit may come and still count */
};

#endif

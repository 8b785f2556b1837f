/* rule - a correlation as ruleset/ compiled it: what correlate/ runs. */
#ifndef CORRELATE_RULE_H
#define CORRELATE_RULE_H

#include "base/zone.h"
#include "correlate/raise.h"
#include "match/list.h"
#include "match/match.h"
#include "tocsin/time.h"

enum {
	TOC_CORR_KEYS = 6,
	TOC_CORR_REFS = 32,
	TOC_CORR_BOUNDS = 6,
	TOC_CORR_VALUES = 4,
	TOC_CORR_TERMS = 16,
	TOC_CORR_NO_KEY = 255
};

/* One file per kind in correlate/, listed in correlate/kinds.def. */
struct toc_corr_kind;

/* Days and hours of a site (correlate/calendar.h). */
struct toc_calendar;

/*
 * Rules are numbered in one space: detection rules 0 … ndetections-1 (toc_match's indices), then correlations. A
 * correlation refers to rules with smaller numbers only, so there are no cycles.
 */
struct toc_corr_ref {
	uint32_t rule;
	bool chained; /* the rule is a correlation: its group-by, and nothing else of its event, is visible */
	/* By `aliases`, or the field itself. Of a chained one key and value are the fields that its group-by came from,
	 * and the place in it counts; of an inhibitor: TOC_CORR_NO_KEY where it lacks the field. */
	struct toc_fieldset key[TOC_CORR_KEYS];
	uint8_t key_of[TOC_CORR_KEYS];
	struct toc_fieldset value[TOC_CORR_VALUES]; /* condition.field; more than one: distinct tuples (value_count) */
	uint8_t value_of[TOC_CORR_VALUES];
	struct toc_fieldset second; /* ratio.over, or the size for period */
	struct toc_fieldset novel;  /* new.field */
	unsigned nraises;
	const struct toc_raise *raises; /* events of the rule that make the alert graver */
};

enum toc_corr_op { TOC_CORR_GT, TOC_CORR_GTE, TOC_CORR_LT, TOC_CORR_LTE, TOC_CORR_EQ, TOC_CORR_NEQ };

struct toc_corr_bound {
	enum toc_corr_op op;
	double value;
};

/* A condition over the names of rules, in postfix order. */
enum toc_corr_step { TOC_CORR_IS, TOC_CORR_NOT, TOC_CORR_AND, TOC_CORR_OR };
struct toc_corr_word {
	uint8_t step; /* enum toc_corr_step */
	uint8_t ref;  /* TOC_CORR_IS */
};

struct toc_corr_expr {
	unsigned n; /* 0: none */
	const struct toc_corr_word *words;
	uint32_t forbidden; /* refs under a `not`: bits */
	unsigned nterms;    /* without `not`: the same as sets of refs, any of which will do */
	uint32_t terms[TOC_CORR_TERMS];
	unsigned norder; /* refs in the order in which they must come; 0: any */
	uint8_t order[TOC_CORR_REFS];
};

/* A filter that names this correlation: it fires for keys that satisfy the filter's condition. */
struct toc_corr_exemption {
	uint32_t filter;  /* number in the matcher of exemptions */
	toc_time expires; /* by the engine's clock it no longer exempts; TOC_NEVER: it does not expire */
};

/* All filters on correlations, as one matcher over an event that has the key's fields; shared by the rules. */
struct toc_corr_filters {
	const struct toc_matcher *matcher;
	toc_field kind;
	unsigned n;
};

struct toc_corr_rule {
	uint32_t number; /* in the common space */
	const char *id;	 /* the document's id, else name, else file:line */
	uint64_t hash;	 /* of the compiled form: equal after a reload = state lives on */
	uint64_t shape;	 /* of what its windows measure, without the bounds: equal = peaks mean the same */
	bool observed;	 /* its peaks are kept (correlate/peaks.h) */
	const struct toc_corr_kind *kind;
	unsigned nkeys;
	const char *key_names[TOC_CORR_KEYS];
	/* bits: keys and values that name persons; accounts are the same in large and small letters */
	uint8_t fold_keys, fold_values;
	unsigned nrefs;
	const struct toc_corr_ref *refs; /* in the order of `rules`: temporal_ordered's order */
	unsigned nvalues;
	toc_time timespan;
	unsigned nbounds; /* all must hold; temporal: number of distinct refs, default all */
	struct toc_corr_bound bounds[TOC_CORR_BOUNDS];
	const char *variable; /* tocsin.vars: the name that sites set the least value by; NULL: none */
	double percentile;    /* value_percentile */
	struct toc_corr_expr expr;
	toc_time late;	     /* how much later than its source's clock a hit may come and still count */
	toc_time close, max; /* of an episode; 0 = the timespan, 24 h */

	/* The superset (docs/writing-rules.md). */
	struct {
		unsigned n; /* of bounds for sum over sum; 0: none */
		struct toc_corr_bound bounds[2];
	} ratio;
	struct {
		bool on, by_key; /* by_key: new for the key; else for the site */
		toc_time learn, forget;
	} novel;
	struct {
		unsigned weeks; /* of history; 0: none */
		toc_time least;
		double factor;
	} baseline;
	struct {
		bool on;
		double jitter, size_cv; /* 0: not asked */
	} period;
	struct {
		bool on;
		const struct toc_list *list; /* NULL: keys are learnt */
		toc_time active;
		double gap_factor;
	} absent;
	const struct toc_calendar *when;
	const struct toc_zone *zone; /* of the site; NULL = UTC */
	unsigned ninhibitors;
	const struct toc_corr_ref *inhibitors;
	unsigned nneeds;
	const toc_field *needs; /* kinds of events without which the rule sleeps */
	unsigned nexemptions;
	const struct toc_corr_exemption *exemptions;
	const struct toc_corr_filters *filters;
};

#endif

/* rule_counts - what each rule has seen, told and cost since the start, over reloads, and who costs most. */
#ifndef APP_RULE_COUNTS_H
#define APP_RULE_COUNTS_H

#include <stdio.h>

#include "app/generation.h"
#include "base/lru.h"

/* One event in so many is measured: time is an estimate of that fineness. */
enum { TOC_RULE_SAMPLE = 128 };

struct toc_rule_count {
	uint32_t rule;		 /* its number in the generation */
	uint64_t events;	 /* detection: on which its conditions were asked; correlation: that fed it */
	uint64_t hits;		 /* detection: events that it matched; correlation: windows that reached its bounds */
	uint64_t alerts;	 /* that it opened */
	uint64_t ns;		 /* of the engine's time, estimated */
	uint64_t windows, bytes; /* that a correlation holds now */
};

/* What generations before have counted, by the ids of rules. Freed by toc_lru_free; NULL: no memory. */
struct toc_lru *toc_rule_past_new(void);
/* g is over. Correlations that did not change have taken their counts along, and others begin anew. */
void toc_rule_past_add(struct toc_lru *past, const struct toc_generation *g);

/* Detections, then correlations, all of them (to be freed by the caller); NULL: no memory, or no rules. */
struct toc_rule_count *toc_rule_counts(const struct toc_lru *past, const struct toc_generation *g,
				       const struct toc_alerts *alerts);

/* Who took most time first, then who was hit most. */
void toc_rule_counts_sort(struct toc_rule_count *counts, unsigned n);

/* At most `most` of n, sorted: lines for people, an object a line for programs. */
void toc_rule_counts_print(const struct toc_rule_count *counts, unsigned n, unsigned most,
			   const struct toc_ruleset *rules, FILE *out);
void toc_rule_counts_json(const struct toc_rule_count *counts, unsigned n, const struct toc_ruleset *rules, FILE *out);

#endif

/* super - what `tocsin:` adds to correlations (docs/writing-rules.md); private to ruleset/. */
#ifndef RULESET_SUPER_H
#define RULESET_SUPER_H

#include "correlate/rule.h"
#include "ruleset/load.h"

/* super_expr.c: conditions over names of rules (Sigma SEP 198, and `match`). */
/* The names that it has, in the order in which they come first: NULL-terminated, in the arena. */
const char *const *expr_names(struct load *l, const struct toc_yaml *node);
/* names[i] stands for ref i. false: a mistake was told. */
bool expr_compile(struct load *l, const struct toc_yaml *node, const char *const *names, struct toc_corr_expr *out);
/* As sets, for sequences; false: too many (told). */
bool expr_terms(struct load *l, const struct toc_yaml *node, struct toc_corr_expr *e);

/* correlation.c, for the others */
const struct toc_yaml *correlation_body(const struct doc *doc);
/* What a name of group-by or condition.field means in one of its rules; *place: in a chained one's group-by. */
struct toc_fieldset correlation_field(struct load *l, const struct doc *doc, const struct doc *rule,
				      const struct toc_yaml *at, const char *name, uint8_t *place);
/* The names of its rules: `rules`, else those of its condition. */
const char *const *correlation_rules(struct load *l, const struct doc *doc);

/* super.c: all keys of `tocsin:` that a correlation may have and that are not words for people. refs: nrefs of out. */
void super_read(struct load *l, const struct doc *doc, struct toc_corr_rule *out, struct toc_corr_ref *refs,
		const char *const *names);
/* The condition of `match`, or NULL. */
const struct toc_yaml *super_match(const struct doc *doc);
/* A map with these keys only; false: a mistake was told. */
bool super_map(struct load *l, const struct toc_yaml *node, const char *const *keys, const char *where);
bool super_number(struct load *l, const struct toc_yaml *node, double least, double most, const char *what,
		  double *out);
uint64_t super_hash(const struct doc *doc, uint64_t h);

/* super_watch.c: absent, new, baseline, period. */
void super_absent(struct load *l, const struct toc_yaml *node, struct toc_corr_rule *out);
void super_new(struct load *l, const struct doc *doc, const struct toc_yaml *node, struct toc_corr_rule *out,
	       struct toc_corr_ref *refs, const char *const *names);
void super_baseline(struct load *l, const struct toc_yaml *node, struct toc_corr_rule *out);
void super_period(struct load *l, const struct doc *doc, const struct toc_yaml *node, struct toc_corr_rule *out,
		  struct toc_corr_ref *refs, const char *const *names);

/* super_calendar.c */
const struct toc_calendar *calendar_find(struct load *l, const struct toc_yaml *at);
#endif

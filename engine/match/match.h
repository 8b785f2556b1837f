/* match - one event to the detection rules that it satisfies. */
#ifndef MATCH_MATCH_H
#define MATCH_MATCH_H

#include <stdio.h>

#include "base/intern.h"
#include "base/stopwatch.h"
#include "tocsin/event.h"

/* Aliases of one rule field in this taxonomy (src_ip = id.orig_h = srcip …): the first that is set counts. */
enum { TOC_ALIASES = 24 };
struct toc_fieldset {
	uint8_t n;
	toc_field id[TOC_ALIASES];
};

/* The first set field; TOC_NONE when none is. *owner as in toc_view_get. */
static inline struct toc_value toc_fieldset_get(const struct toc_fieldset *set, const struct toc_view *view,
						const struct toc_event **owner)
{
	struct toc_value v = { .type = TOC_NONE };
	*owner = view->ev;
	for (unsigned i = 0; i < set->n && v.type == TOC_NONE; i++)
		v = toc_view_get(view, set->id[i], owner);
	return v;
}

/* All detection rules, compiled: immutable, shared. Built by ruleset/ (match/build.h). */
struct toc_matcher;

/* One thread's scratch for a matcher. */
struct toc_match_scratch;
struct toc_match_scratch *toc_match_scratch_new(const struct toc_matcher *m);
void toc_match_scratch_free(struct toc_match_scratch *s);

/* Writes the indices of the rules that match, ascending, at most max; returns how many match. Allocates nothing. */
unsigned toc_match(const struct toc_matcher *m, struct toc_match_scratch *s, const struct toc_view *view,
		   uint32_t *hits, unsigned max);

/*
 * What a rule has cost this scratch: events on which a witness called it, so that its conditions were asked; and, of
 * events that came while a stopwatch was there, nanoseconds that this took. What is judged for many rules together
 * before is nobody's; what a rule asks first and others use is the first one's.
 */
uint64_t toc_match_asked(const struct toc_match_scratch *s, uint32_t rule);
uint64_t toc_match_spent(const struct toc_match_scratch *s, uint32_t rule);

/* For the calls that follow. */
void toc_match_stopwatch(struct toc_match_scratch *s, toc_stopwatch now);

/*
 * Prints what a rule was compiled to, for each kind that it is judged on: its gate, the witnesses without one of which
 * it is not looked at, and its program. false: it is judged on no kind.
 */
bool toc_matcher_describe(const struct toc_matcher *m, const struct toc_intern *names, uint32_t rule, FILE *out);

/* Is the rule judged on events of this kind? */
bool toc_matcher_judges(const struct toc_matcher *m, uint32_t rule, toc_field kind);

/* Is any rule? */
bool toc_matcher_reads(const struct toc_matcher *m, toc_field kind);

/* Does any rule on that kind ask for the field, or for all texts? */
bool toc_matcher_asks(const struct toc_matcher *m, toc_field kind, toc_field field);

/* The numbers from which on rules on that kind find enough of the field (gt, gte), ascending, each once: so many at
 * most. Returns how many. */
unsigned toc_matcher_bounds(const struct toc_matcher *m, toc_field kind, toc_field field, double *out, unsigned room);

/* A step of an explanation. */
struct toc_match_step {
	unsigned depth;	    /* 0: the rule as a whole */
	const char *what;   /* "gate", "rule", "all of", "any of", "not", "test" */
	const char *detail; /* of a test: the words of it; else "" */
	bool holds;
};

/*
 * Tells, from the root on, for each node of the rule's conditions whether it holds for this event; children come after
 * their parent, one level deeper. Slow: each test is asked on its own, whatever decides already. *holds gets whether
 * the rule matches. false: the rule is not judged on events of this kind.
 */
bool toc_match_explain(const struct toc_matcher *m, struct toc_match_scratch *s, const struct toc_intern *names,
		       const struct toc_view *view, uint32_t rule,
		       void (*tell)(void *self, const struct toc_match_step *step), void *self, bool *holds);

/* What a load made, for those who tell of it. */
struct toc_matcher_size {
	unsigned kinds, entries, gates, predicates, columns, parts, instructions, databases;
	unsigned without_witness; /* entries that are looked at on every event that their gate lets through */
};
void toc_matcher_measure(const struct toc_matcher *m, struct toc_matcher_size *out);

#endif

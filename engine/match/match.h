/* match - one event to the detection rules that it satisfies. */
#ifndef MATCH_MATCH_H
#define MATCH_MATCH_H

#include "tocsin/event.h"

/* Aliases of one rule field in this taxonomy (src_ip = id.orig_h = srcip …): the first that is set counts. */
enum { TOC_ALIASES = 16 };
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

/* Writes the indices of the rules that match, ascending, at most max; returns how many match. */
unsigned toc_match(const struct toc_matcher *m, struct toc_match_scratch *s, const struct toc_view *view,
		   uint32_t *hits, unsigned max);

#endif

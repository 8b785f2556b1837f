/* pattern - texts with holes, compiled to one graph: shared beginnings are read once, whatever their number. */
#ifndef NORMALISE_PATTERN_H
#define NORMALISE_PATTERN_H

#include "base/arena.h"
#include "base/diag.h"
#include "normalise/parsers.h"

enum { PATTERN_FIELDS = 48 };

/* A capture of a match. */
struct pattern_capture {
	unsigned field; /* as given by the field callback; PATTERN_SKIP: named "_" */
	enum pattern_take take;
	struct toc_span text;
};
enum { PATTERN_SKIP = 0xffff, PATTERN_PAYLOAD = 0xff00 /* + enum pattern_take: the rest, to be read so */ };

struct pattern_graph;

/* Lives in the arena. */
struct pattern_graph *pattern_graph_new(struct toc_arena *arena);

/*
 * Adds one pattern: literal text, `{name}` (a word), `{name:take}`; `{{` is a brace. `rule` is what a match gives back;
 * of several patterns that match, literals win over holes, then the one added first. field(user, name) gives a field's
 * number, or -1 when there is none (diagnosed here, at `at`).
 */
bool pattern_add(struct pattern_graph *g, struct toc_span text, unsigned rule,
		 int (*field)(void *user, struct toc_span), void *user, struct toc_place at, struct toc_diag *diag);

/*
 * Matches a whole text (trailing spaces are ignored); returns the rule or -1. captures has PATTERN_FIELDS entries. Work
 * is bounded by a multiple of the text's length: a text that needs more does not match.
 */
int pattern_match(const struct pattern_graph *g, struct toc_span text, struct pattern_capture *captures, unsigned *n);

#endif

/* pattern - one string test of Sigma: literal bytes with wildcards, compiled once, matched in linear time. */
#ifndef MATCH_PATTERN_H
#define MATCH_PATTERN_H

#include "base/arena.h"
#include "match/fold.h"

enum pattern_form { PATTERN_EXACT, PATTERN_PREFIX, PATTERN_SUFFIX, PATTERN_CONTAINS, PATTERN_ANY, PATTERN_GLOB };

/* Of a glob: a run between stars, of bytes and wildcards that take something (TOC_UNIT_ONE, TOC_UNIT_DASH). */
struct pattern_piece {
	const uint16_t *units;
	size_t n;
	struct toc_span head; /* the bytes before its first wildcard */
};

struct toc_pattern {
	enum pattern_form form;
	enum toc_fold fold;
	struct toc_span text; /* EXACT … CONTAINS; folded */
	unsigned npieces;     /* GLOB */
	const struct pattern_piece *pieces;
	bool open_start, open_end; /* GLOB: begins, ends with a star */
};

/* Text on its way to a pattern: bytes and, from 256 on, wildcards. Lives in the arena. */
enum { TOC_UNIT_ONE = 256, TOC_UNIT_ANY = 257, TOC_UNIT_DASH = 258 };
struct toc_units {
	uint16_t *at;
	size_t n;
};

/* Sigma text, its escapes undone; plain bytes, in which nothing is special. */
struct toc_units toc_units_sigma(struct toc_arena *arena, struct toc_span sigma);
struct toc_units toc_units_plain(struct toc_arena *arena, struct toc_span bytes);
bool toc_units_wild(struct toc_units u); /* holds a wildcard */

/* Letters fold as ASCII, or as Unicode where the text has letters beyond it, unless cased; star_front and star_back add
 * a star where there is none. */
void toc_pattern_of(struct toc_pattern *p, struct toc_arena *arena, struct toc_units u, bool cased, bool star_front,
		    bool star_back);

/*
 * Compiles Sigma text: `*` any run, `?` one character, `\` before these and itself makes them literal (Sigma
 * specification, "Escaping"). star_front/star_back add a star where there is none (contains, endswith, startswith).
 */
void toc_pattern_compile(struct toc_pattern *p, struct toc_arena *arena, struct toc_span sigma, bool cased,
			 bool star_front, bool star_back);

/* The same of plain bytes, in which nothing is special. */
void toc_pattern_literal(struct toc_pattern *p, struct toc_arena *arena, struct toc_span bytes, bool cased,
			 bool star_front, bool star_back);

/* Of a value longer than TOC_DRAFT_STRING, which no event holds, only so much is looked at. */
bool toc_pattern_match(const struct toc_pattern *p, struct toc_span value);

/* The same of a value that has been folded as the pattern is (match/fold.h). */
bool toc_pattern_match_folded(const struct toc_pattern *p, struct toc_span folded);

#endif

/* parsers - the closed set of field parsers: what a hole of a pattern can take. */
#ifndef NORMALISE_PARSERS_H
#define NORMALISE_PARSERS_H

#include "base/diag.h"
#include "tocsin/span.h"

enum pattern_take {
#define TAKE(id, name, doc) TAKE_##id,
#include "normalise/parsers.def"
#undef TAKE
	TAKES
};

/* By name; false (and a word about it at `at`) where there is none. */
bool parser_find(struct toc_span name, enum pattern_take *out, struct toc_place at, struct toc_diag *diag);

/* Bytes at the beginning of s that a hole of fixed extent takes; 0: it does not fit. 0 for text, until, rest and chars,
 * whose extent depends on what follows. */
size_t parser_extent(enum pattern_take take, struct toc_span s);

/* What a hole of labels took, with dots: "www.example.com". In out; what is over room is cut. */
struct toc_span parser_dotted(struct toc_span labels, uint8_t *out, size_t room);

/* Is it the rest, read as a payload? */
static inline bool parser_is_payload(enum pattern_take take)
{
	return take >= TAKE_PAIRS && take <= TAKE_FOUND;
}

/* Does the extent depend on what follows? Then a literal, spaces or the end must. */
bool parser_open_ended(enum pattern_take take);

static inline bool parser_is_space(uint8_t c)
{
	return c == ' ' || c == '\t';
}

#endif

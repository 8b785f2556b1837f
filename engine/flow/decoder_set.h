/* decoder_set - a bit for each decoder, by its place in the list. */
#ifndef FLOW_DECODER_SET_H
#define FLOW_DECODER_SET_H

#include <stdbool.h>
#include <stdint.h>

enum { TOC_DECODERS = 192, DECODER_WORDS = TOC_DECODERS / 64 };

struct decoder_set {
	uint64_t word[DECODER_WORDS];
};

static inline void decoder_set_add(struct decoder_set *s, unsigned i)
{
	s->word[i / 64] |= UINT64_C(1) << i % 64;
}

static inline void decoder_set_remove(struct decoder_set *s, unsigned i)
{
	s->word[i / 64] &= ~(UINT64_C(1) << i % 64);
}

static inline bool decoder_set_has(const struct decoder_set *s, unsigned i)
{
	return s->word[i / 64] >> i % 64 & 1;
}

static inline bool decoder_set_empty(const struct decoder_set *s)
{
	uint64_t any = 0;
	for (unsigned w = 0; w < DECODER_WORDS; w++)
		any |= s->word[w];
	return !any;
}

static inline struct decoder_set decoder_set_and(struct decoder_set a, const struct decoder_set *b)
{
	for (unsigned w = 0; w < DECODER_WORDS; w++)
		a.word[w] &= b->word[w];
	return a;
}

static inline struct decoder_set decoder_set_or(struct decoder_set a, const struct decoder_set *b)
{
	for (unsigned w = 0; w < DECODER_WORDS; w++)
		a.word[w] |= b->word[w];
	return a;
}

static inline struct decoder_set decoder_set_without(struct decoder_set a, const struct decoder_set *b)
{
	for (unsigned w = 0; w < DECODER_WORDS; w++)
		a.word[w] &= ~b->word[w];
	return a;
}

/* Takes the first member out; TOC_DECODERS when there is none. */
static inline unsigned decoder_set_pop(struct decoder_set *s)
{
	for (unsigned w = 0; w < DECODER_WORDS; w++) {
		if (!s->word[w])
			continue;
		unsigned bit = (unsigned)__builtin_ctzll(s->word[w]);
		s->word[w] &= s->word[w] - 1;
		return w * 64 + bit;
	}
	return TOC_DECODERS;
}

#endif

/* brotli - over the reference decoder, whose memory is counted. */
#include "base/brotli.h"

#include <brotli/decode.h>
#include <stddef.h>
#include <stdlib.h>

struct toc_brotli {
	BrotliDecoderState *state;
	size_t used;
	bool refused;
};

/* In front of what the decoder has, aligned as it is. */
union block {
	size_t n;
	max_align_t align;
};

static void *take(void *self, size_t n)
{
	struct toc_brotli *b = self;
	size_t all = n + sizeof(union block);
	union block *at = n <= TOC_BROTLI_MEMORY && b->used + all <= TOC_BROTLI_MEMORY ? malloc(all) : NULL;
	b->refused = b->refused || !at;
	if (!at)
		return NULL;
	at->n = all;
	b->used += all;
	return at + 1;
}

static void give_back(void *self, void *p)
{
	struct toc_brotli *b = self;
	union block *at = p;
	if (!p)
		return;
	at--;
	b->used -= at->n;
	free(at);
}

struct toc_brotli *toc_brotli_new(void)
{
	struct toc_brotli *b = calloc(1, sizeof(*b));
	if (b && (b->state = BrotliDecoderCreateInstance(take, give_back, b)))
		return b;
	free(b);
	return NULL;
}

void toc_brotli_free(struct toc_brotli *b)
{
	if (!b)
		return;
	BrotliDecoderDestroyInstance(b->state);
	free(b);
}

enum toc_brotli_said toc_brotli_some(struct toc_brotli *b, struct toc_span *in, uint8_t *out, size_t room, size_t *made)
{
	size_t left = in->n, space = room;
	const uint8_t *from = in->p;
	BrotliDecoderResult said = BrotliDecoderDecompressStream(b->state, &left, &from, &space, &out, NULL);
	*in = toc_span_from(*in, in->n - left);
	*made = room - space;
	if (said == BROTLI_DECODER_RESULT_ERROR)
		return b->refused ? TOC_BROTLI_REFUSED : TOC_BROTLI_BAD;
	return said == BROTLI_DECODER_RESULT_SUCCESS ? TOC_BROTLI_END : TOC_BROTLI_MORE;
}

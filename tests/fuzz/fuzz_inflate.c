/* fuzz_inflate - hostile coded bodies: what comes out is the same however they are cut, and stands in proportion. */
#include <stdlib.h>

#include "base/inflate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct outcome {
	size_t all;
	uint64_t sum; /* of the bytes, in their order */
	bool failed;
};

static struct outcome decode(struct toc_inflate *z, enum toc_coding coding, struct toc_span body, size_t piece)
{
	static uint8_t out[1 << 16];
	struct outcome o = { 0 };
	toc_inflate_begin(z, coding);
	while (body.n && !toc_inflate_failed(z)) {
		struct toc_span some = toc_span_first(body, piece);
		const size_t had = some.n;
		size_t made;
		while ((made = toc_inflate_some(z, &some, out, sizeof(out)))) {
			for (size_t i = 0; i < made; i++)
				o.sum = o.sum * 31 + out[i];
			o.all += made;
		}
		if (some.n == had)
			break;
		body = toc_span_from(body, had - some.n);
	}
	o.failed = toc_inflate_failed(z);
	return o;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const enum toc_coding codings[] = { TOC_CODING_GZIP, TOC_CODING_DEFLATE, TOC_CODING_BROTLI };
	static struct toc_inflate *z;
	if (n < 2)
		return 0;
	z = z ? z : toc_inflate_new();
	const enum toc_coding coding = codings[data[0] % 3];
	const struct toc_span body = toc_span_of(data + 2, n - 2);
	const struct outcome whole = decode(z, coding, body, body.n);
	const struct outcome cut = decode(z, coding, body, 1 + data[1]);
	if (whole.all > (size_t)TOC_INFLATE_FREE + (n + 1) * TOC_INFLATE_RATIO + (1 << 16))
		abort();
	if (!whole.failed && !cut.failed && (whole.all != cut.all || whole.sum != cut.sum))
		abort();
	toc_inflate_rest(z);
	return 0;
}

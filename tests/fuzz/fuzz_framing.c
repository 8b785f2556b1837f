/* fuzz_framing - hostile streams, of lines and of a journal's export; cut into single bytes they must give the same
 * lines. */
#include <stdlib.h>

#include "base/hash.h"
#include "receive/receive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void note(void *user, struct toc_span text, bool truncated)
{
	uint64_t *sum = user;
	*sum = toc_hash_mix(*sum, toc_hash_fixed(text.p, text.n) + truncated);
}

static uint64_t feed(const char *first, const uint8_t *data, size_t n, size_t step)
{
	struct toc_framing *f = toc_framing_new(64);
	uint64_t sum = 0;
	bool ok = toc_framing_feed(f, toc_span_str(first), false, note, &sum);
	for (size_t i = 0; i < n && ok; i += step)
		ok = toc_framing_feed(f, toc_span_of(data + i, step < n - i ? step : n - i), false, note, &sum);
	if (ok)
		toc_framing_feed(f, toc_span_str(""), true, note, &sum);
	toc_framing_free(f);
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char *const begins[] = { "", "__CURSOR=s\n" };
	for (size_t i = 0; n && i < sizeof(begins) / sizeof(begins[0]); i++)
		if (feed(begins[i], data, n, n) != feed(begins[i], data, n, 1))
			abort();
	return 0;
}

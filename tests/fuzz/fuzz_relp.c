/* fuzz_relp - hostile RELP sessions; cut into single bytes they must give the same lines and answers. */
#include <stdlib.h>

#include "base/hash.h"
#include "receive/receive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void note(void *user, struct toc_span text, bool truncated)
{
	uint64_t *sum = user;
	*sum = toc_hash_mix(*sum, toc_hash_fixed(text.p, text.n) + truncated);
}

static void answer(void *user, struct toc_span bytes)
{
	note(user, bytes, false);
}

static const struct toc_relp_calls calls = { note, answer };

static uint64_t feed(const uint8_t *data, size_t n, size_t step, bool leaves)
{
	struct toc_relp *r = toc_relp_new(480);
	uint64_t sum = 0;
	bool ok = true;
	for (size_t i = 0; i < n && ok; i += step)
		ok = toc_relp_feed(r, toc_span_of(data + i, step < n - i ? step : n - i), &calls, &sum);
	if (leaves)
		toc_relp_leave(r, &calls, &sum);
	sum += toc_relp_closed(r);
	toc_relp_free(r);
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	bool leaves = n && data[n - 1] & 1;
	if (n && feed(data, n, n, leaves) != feed(data, n, 1, leaves))
		abort();
	return 0;
}

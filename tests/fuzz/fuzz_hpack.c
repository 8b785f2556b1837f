/* fuzz_hpack - hostile header blocks, one after another on one table: it stays within its room. */
#include <stdlib.h>

#include "decoders/hpack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void field(void *with, struct toc_span name, struct toc_span value)
{
	size_t *bytes = with;
	for (size_t i = 0; i < name.n; i++)
		*bytes += name.p[i];
	for (size_t i = 0; i < value.n; i++)
		*bytes += value.p[i];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct hpack t = { 0 };
	size_t sum = 0;
	while (n) {
		size_t length = data[0] < n - 1 ? data[0] : n - 1;
		if (!hpack_read(&t, toc_span_of(data + 1, length), field, &sum))
			break;
		if (t.used > HPACK_BYTES || t.n > HPACK_ENTRIES)
			abort();
		data += length + 1;
		n -= length + 1;
	}
	return 0;
}

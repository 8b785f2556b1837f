/* fuzz_journal - a record of the journal that was damaged and still has its check sum, or was made by somebody. */
#include <stdlib.h>

#include "deliver/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Reads every byte that the record lends. */
static void touch(struct toc_span s)
{
	volatile uint8_t sum = 0;
	for (size_t i = 0; i < s.n; i++)
		sum = (uint8_t)(sum + s.p[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct toc_journal_record r;
	if (n > 1 << 20)
		return 0;
	uint8_t *copy = malloc(n ? n : 1); /* its own, so that a read past the end is seen */
	if (!copy)
		return 0;
	memcpy(copy, data, n);
	memset(&r, 0, sizeof(r));
	if (toc_record_read(copy, (uint32_t)n, &r)) {
		touch(toc_span_str(r.id));
		touch(toc_span_str(r.rule));
		touch(r.sealed);
		for (unsigned i = 0; i < r.ncopies; i++) {
			touch(toc_span_str(r.copies[i].routes));
			touch(r.copies[i].json);
		}
	}
	free(copy);
	return 0;
}

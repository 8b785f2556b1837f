/* fuzz_mime - hostile first bytes of files: the type is named from what is there. */
#include <stdlib.h>

#include "flow/mime.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	uint8_t *copy = malloc(n ? n : 1); /* its own, so that a read past the end is seen */
	if (!copy)
		return 0;
	memcpy(copy, data, n);
	toc_mime_of(toc_span_of(copy, n));
	toc_mime_text(toc_span_of(copy, n));
	free(copy);
	return 0;
}

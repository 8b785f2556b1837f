/* fuzz_letters - hostile labels of domain names: punycode, skeletons, distances. */
#include <stdlib.h>

#include "base/letters.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const struct toc_letters own = { 4, { 's', 'i', 't', 'e' } };
	struct toc_letters letters, skeleton, again;
	if (!toc_letters_read(toc_span_of(data, n), &letters))
		return 0;
	toc_letters_skeleton(&letters, &skeleton);
	toc_letters_skeleton(&skeleton, &again);
	if (!letters.n || skeleton.n > TOC_LETTERS || !toc_letters_equal(&letters, &letters) ||
	    !toc_letters_near(&letters, &letters) ||
	    toc_letters_near(&letters, &own) != toc_letters_near(&own, &letters))
		abort();
	(void)toc_letters_within(&own, &skeleton);
	return 0;
}

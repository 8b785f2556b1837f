/* fuzz_pe - hostile headers of Windows programs. */
#include <stdlib.h>
#include <string.h>

#include "base/intern.h"
#include "flow/pe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct toc_draft draft;
	toc_field map[PE_FIELDS];
	uint8_t *copy = malloc(n ? n : 1); /* its own, so that a read past the end is seen */
	struct toc_intern *names = toc_intern_new();
	if (!copy || !names)
		abort();
	if (n)
		memcpy(copy, data, n);
	toc_intern_decls(names, toc_pe_fields, PE_FIELDS, map);
	toc_draft_begin(&draft, map, PE_KIND);
	if (toc_pe_is(toc_span_of(copy, n)))
		toc_pe_put(&draft, toc_span_of(copy, n));
	toc_intern_free(names);
	free(copy);
	return 0;
}

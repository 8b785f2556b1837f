/* fuzz_list_format - hostile lines of lists, in every form: entries are parts of the line. */
#include <stdlib.h>

#include "ruleset/list_format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void within(void *self, struct toc_span entry)
{
	const struct toc_span *line = self;
	if (!entry.n || entry.p < line->p || entry.p + entry.n > line->p + line->n)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	if (n < 2)
		return 0;
	const struct list_format f = { (enum list_form)(data[0] % (LIST_TOR + 1)), 1 + data[1] % 8, data[1] & 64 };
	struct toc_span line = toc_span_of(data + 2, n - 2);
	list_format_line(&f, line, within, &line);
	return 0;
}

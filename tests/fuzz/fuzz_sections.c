/* fuzz_sections - hostile texts as sections of Windows events, as what a free text says, and as templates. */
#include <stdlib.h>

#include "normalise/payload.h"
#include "normalise/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Every name and value lies in the message or in the payload's own room. */
static void check(const struct payload *p, const uint8_t *data, size_t n)
{
	for (unsigned i = 0; i < p->n; i++)
		for (unsigned k = 0; k < 2; k++) {
			struct toc_span s = k ? p->pairs[i].name : p->pairs[i].value;
			bool in_message = s.p >= data && s.p + s.n <= data + n;
			bool in_text = s.p >= p->text && s.p + s.n <= p->text + PAYLOAD_ROOM;
			volatile uint8_t sum = 0; /* names may also be constants: reading them must be sound */
			for (size_t b = 0; b < s.n && !in_message && !in_text; b++)
				sum = (uint8_t)(sum + s.p[b]);
		}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct payload *p = malloc(sizeof(*p));
	struct template all[3] = { { "", 0 } };
	char pattern[TEMPLATE_PATTERN];
	if (!p)
		abort();
	payload_sections(p, toc_span_of(data, n));
	check(p, data, n);
	payload_found(p, toc_span_of(data, n));
	check(p, data, n);
	bool spoken;
	payload_loose(p, toc_span_of(data, n), &spoken);
	check(p, data, n);
	for (struct toc_span text = toc_span_of(data, n); text.n;) {
		size_t end = toc_span_find(text, '\n');
		template_take(all, 3, toc_span_first(text, end));
		text = toc_span_from(text, end + 1);
	}
	for (unsigned i = 0; i < 3; i++)
		if (template_pattern(&all[i], pattern) >= TEMPLATE_PATTERN)
			abort();
	free(p);
	return 0;
}

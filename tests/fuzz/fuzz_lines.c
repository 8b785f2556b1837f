/* fuzz_lines - hostile log lines through header, clock, redaction, the shipped patterns and payloads. Run in the source
 * folder: it loads rules/normalise. */
#include <stdlib.h>

#include "normalise/lines.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static struct toc_lines *lines;
static struct toc_emit emit;

static void forget(struct toc_emit *self, struct toc_draft *d)
{
	static uint8_t record[1 << 18];
	(void)self;
	if (toc_draft_size(d) <= sizeof(record))
		toc_draft_seal(d, record);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const char *const paths[] = { "rules/normalise" };
	static const struct toc_hash_key key = { 1, 2 };
	const struct toc_lines_config config = { .zone = "America/New_York", .relay = true };
	struct toc_diag *diag = toc_diag_new();
	(void)argc, (void)argv;
	emit.event = forget;
	struct toc_normalisers *all = toc_normalisers_load(paths, 1, toc_intern_new(), diag);
	toc_diag_free(diag);
	lines = all ? toc_lines_new(&config, all, &key, &emit) : NULL;
	if (!lines)
		abort();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const struct toc_line line = { .text = toc_span_of(data, n),
				       .at = INT64_C(1772438400) * TOC_SEC,
				       .ordinal = 1 };
	toc_lines_take(lines, &line);
	return 0;
}

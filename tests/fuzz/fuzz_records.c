/* fuzz_records - hostile lines of printed events: JSON, types, and back to JSON, which must be read again. */
#include <stdlib.h>

#include "event/json.h"
#include "event/record.h"
#include "flow/flow.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static struct toc_intern *names;
static struct toc_records *records;
static struct toc_emit emit;
static char *text;
static size_t text_n;

static void print(struct toc_emit *self, struct toc_draft *d)
{
	static _Alignas(8) uint8_t record[1 << 18];
	(void)self;
	if (toc_draft_size(d) > sizeof(record))
		abort();
	const struct toc_event *ev = toc_draft_seal(d, record);
	text = realloc(text, toc_json_bound(ev, names) + 2);
	if (!text)
		abort();
	text_n = toc_json_event(ev, names, text);
	text[text_n++] = '}';
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	emit.event = print;
	names = toc_intern_new();
	struct toc_dictionary *dictionary = toc_dictionary_new(names);
	toc_dictionary_add(dictionary, "flow", toc_flow_fields, toc_flow_nfields);
	records = toc_records_new(dictionary, names, &emit);
	if (!records)
		abort();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	text_n = 0;
	if (!toc_records_take(records, toc_span_of(data, n), 1) || !text_n)
		return 0;
	char *first = malloc(text_n);
	if (!first)
		abort();
	memcpy(first, text, text_n);
	if (!toc_records_take(records, toc_span_of(first, text_n), 1))
		abort(); /* what we print must be an event to us */
	free(first);
	return 0;
}

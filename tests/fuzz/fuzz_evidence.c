/* fuzz_evidence - a record of what was kept, and packets of a block, that were damaged and still have their check sum.
 */
#include <stdlib.h>

#include "evidence/cut.h"
#include "evidence/store.h"

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
	struct cut_record r;
	struct packet_record packet;
	if (n > 1 << 20)
		return 0;
	uint8_t *copy = malloc(n ? n : 1); /* its own, so that a read past the end is seen */
	if (!copy)
		return 0;
	memcpy(copy, data, n);
	if (cut_read(copy, (uint32_t)n, &r)) {
		touch(toc_span_str(r.id));
		touch(toc_span_str(r.missing));
		touch(r.pcapng);
		for (unsigned i = 0; i < r.nlines; i++)
			touch(r.line[i].text);
	}
	for (size_t at = 0; packet_record_sound(copy + at, n - at); at += packet.size) {
		memcpy(&packet, copy + at, sizeof(packet));
		touch(toc_span_of(copy + at + sizeof(packet), packet.n));
	}
	free(copy);
	return 0;
}

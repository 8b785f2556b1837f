/* fuzz_decode - a link type, then frames with two bytes of length each, through one small decoder. */
#include <stdlib.h>

#include "decode/decode.h"
#include "tocsin/cursor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint16_t linktypes[] = { 1, 0, 9, 12, 50, 51, 101, 104, 105, 108, 113, 127, 228, 229, 239, 276 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct toc_decode_config config = { .fragment_bytes = 1 };
	const struct toc_hash_key key = { 1, 2 };
	struct toc_decode *d = toc_decode_new(&config, &key);
	struct toc_cursor in = toc_cursor_of(toc_span_of(data, size));
	uint8_t choice = toc_u8(&in);
	struct toc_frame frame = { .linktype = linktypes[choice % 16] };
	struct toc_packet p;
	while (toc_left(&in) > 2) {
		uint16_t head = toc_be16(&in);
		size_t n = head & 0x7ff;
		frame.bytes = toc_take(&in, n < toc_left(&in) ? n : toc_left(&in));
		frame.wire_len = (uint32_t)frame.bytes.n + (head >> 15 ? 100 : 0);
		frame.at = frame.ts += (toc_time)(head >> 11 & 15) * 20 * TOC_SEC;
		if (toc_decode(d, &frame, &p) != TOC_DROP_none)
			continue;
		/* the view is readable to its end, and no longer than it was on the wire */
		volatile uint8_t last = p.payload.n ? p.payload.p[0] ^ p.payload.p[p.payload.n - 1] : 0;
		(void)last;
		if (p.payload.n > p.payload_len || (p.l3 == TOC_L3_IP && p.payload_len > p.ip_len))
			abort();
	}
	const struct toc_decode_counters *c = toc_decode_count(d);
	uint64_t sum = c->packets;
	for (int i = 0; i < TOC_NDROPS; i++)
		sum += c->drops[i];
	if (sum != c->seen)
		abort();
	toc_decode_free(d);
	return 0;
}

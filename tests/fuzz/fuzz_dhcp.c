/* fuzz_dhcp - hostile DHCP: bytes as they are, and behind a sound header; datagrams by trial_fuzz. */
#include <stdlib.h>

#include "decoders/harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

extern const struct toc_decoder toc_decoder_dhcp;

/* The first byte chooses; behind a sound header the fuzzer need not find the cookie. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	enum { OPTIONS = 240 };
	if (n == 0)
		return 0;
	toc_decoder_dhcp.probe(toc_span_of(data + 1, n - 1), TOC_ORIG, (data[0] & 2) != 0);
	if (data[0] & 1) {
		trial_fuzz(&toc_decoder_dhcp, TOC_OVER_UDP, 67, data + 1, n - 1);
		return 0;
	}
	uint8_t *message = calloc(1, OPTIONS + n);
	if (!message)
		return 0;
	/* short inputs leave the header empty; what there is fills names and file, then options */
	memcpy(message, "\1\1\6", 3);
	message[0] = data[0] & 4 ? 2 : 1;
	memcpy(message + OPTIONS, data + 1, n - 1);
	memcpy(message + 44, data + 1, n - 1 < 192 ? n - 1 : 192);
	memcpy(message + 236, "\x63\x82\x53\x63", 4);
	struct trial *t = trial_new(&toc_decoder_dhcp, TOC_OVER_UDP, 67);
	trial_feed(t, &(struct trial_step){ TOC_ORIG, message, OPTIONS + n - 1 });
	trial_end(t, TOC_END_CLOSED);
	trial_free(t);
	free(message);
	return 0;
}

/* fuzz_dns - hostile DNS: the first byte chooses carrier and port, the rest are steps. */
#include "decoders/harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

extern const struct toc_decoder toc_decoder_dns;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const uint16_t ports[] = { 53, 137, 5353, 5355 };
	if (n == 0)
		return 0;
	enum toc_carrier carrier = data[0] & 1 ? TOC_OVER_TCP : TOC_OVER_UDP;
	toc_decoder_dns.probe(toc_span_of(data + 1, n - 1), TOC_ORIG, (data[0] & 8) != 0);
	trial_fuzz(&toc_decoder_dns, carrier, ports[data[0] >> 1 & 3], data + 1, n - 1);
	return 0;
}

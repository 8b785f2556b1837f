/* fuzz_rdp - hostile RDP's connection sequence: steps of both directions; cut differently they must agree. */
#include "decoders/harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

extern const struct toc_decoder toc_decoder_rdp;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	toc_decoder_rdp.probe(toc_span_of(data, n), TOC_ORIG, false);
	toc_decoder_rdp.probe(toc_span_of(data, n), TOC_RESP, true);
	trial_fuzz(&toc_decoder_rdp, TOC_OVER_TCP, 3389, data, n);
	return 0;
}

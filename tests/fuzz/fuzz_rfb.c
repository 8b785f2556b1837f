/* fuzz_rfb - hostile RFB: steps of both directions; cut differently they must agree. */
#include "decoders/harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

extern const struct toc_decoder toc_decoder_rfb;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	toc_decoder_rfb.probe(toc_span_of(data, n), TOC_ORIG, false);
	toc_decoder_rfb.probe(toc_span_of(data, n), TOC_RESP, false);
	trial_fuzz(&toc_decoder_rfb, TOC_OVER_TCP, 5900, data, n);
	return 0;
}

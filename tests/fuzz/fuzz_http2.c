/* fuzz_http2 - hostile HTTP2: steps of both directions; cut differently they must agree. */
#include "decoders/harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

extern const struct toc_decoder toc_decoder_http2;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	toc_decoder_http2.probe(toc_span_of(data, n), TOC_ORIG, false);
	toc_decoder_http2.probe(toc_span_of(data, n), TOC_RESP, true);
	trial_fuzz(&toc_decoder_http2, TOC_OVER_TCP, 80, data, n);
	return 0;
}

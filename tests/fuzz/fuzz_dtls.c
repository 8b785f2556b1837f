/* fuzz_dtls - hostile DTLS: datagrams of both directions. */
#include "decoders/harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

extern const struct toc_decoder toc_decoder_dtls;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	toc_decoder_dtls.probe(toc_span_of(data, n), TOC_ORIG, false);
	toc_decoder_dtls.probe(toc_span_of(data, n), TOC_RESP, true);
	trial_fuzz(&toc_decoder_dtls, TOC_OVER_UDP, 4433, data, n);
	return 0;
}

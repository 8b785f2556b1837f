/* fuzz_quic - hostile QUIC: datagrams of both directions. */
#include "decoders/harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

extern const struct toc_decoder toc_decoder_quic;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	toc_decoder_quic.probe(toc_span_of(data, n), TOC_ORIG, false);
	toc_decoder_quic.probe(toc_span_of(data, n), TOC_RESP, true);
	trial_fuzz(&toc_decoder_quic, TOC_OVER_UDP, 443, data, n);
	return 0;
}

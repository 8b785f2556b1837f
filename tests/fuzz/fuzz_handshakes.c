/* fuzz_handshakes - hostile first bytes for labels by handshake: cut differently they must agree. */
#include "decoders/harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

extern const struct toc_decoder toc_decoder_handshakes;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	toc_decoder_handshakes.probe(toc_span_of(data, n), TOC_ORIG, false);
	toc_decoder_handshakes.probe(toc_span_of(data, n), TOC_RESP, false);
	trial_fuzz(&toc_decoder_handshakes, TOC_OVER_TCP, 119, data, n);
	return 0;
}

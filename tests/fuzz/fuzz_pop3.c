/* fuzz_pop3 - hostile POP3: steps of both directions; cut differently they must agree. */
#include "decoders/harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

extern const struct toc_decoder toc_decoder_pop3;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	toc_decoder_pop3.probe(toc_span_of(data, n), TOC_ORIG, false);
	toc_decoder_pop3.probe(toc_span_of(data, n), TOC_RESP, false);
	trial_fuzz(&toc_decoder_pop3, TOC_OVER_TCP, 110, data, n);
	return 0;
}

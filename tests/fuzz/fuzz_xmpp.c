/* fuzz_xmpp - hostile XMPP: steps of both directions; cut differently they must agree. */
#include "decoders/harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

extern const struct toc_decoder toc_decoder_xmpp;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	toc_decoder_xmpp.probe(toc_span_of(data, n), TOC_ORIG, false);
	toc_decoder_xmpp.probe(toc_span_of(data, n), TOC_RESP, false);
	trial_fuzz(&toc_decoder_xmpp, TOC_OVER_TCP, 5222, data, n);
	return 0;
}

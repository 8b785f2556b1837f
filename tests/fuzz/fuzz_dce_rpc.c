/* fuzz_dce_rpc - hostile DCE/RPC: steps of both directions; cut differently they must agree. */
#include "decoders/harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

extern const struct toc_decoder toc_decoder_dce_rpc;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	toc_decoder_dce_rpc.probe(toc_span_of(data, n), TOC_ORIG, false);
	toc_decoder_dce_rpc.probe(toc_span_of(data, n), TOC_RESP, true);
	trial_fuzz(&toc_decoder_dce_rpc, TOC_OVER_TCP, 135, data, n);
	return 0;
}

/* fuzz_postgresql - hostile POSTGRESQL: steps of both directions; cut differently they must agree. */
#include "decoders/harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

extern const struct toc_decoder toc_decoder_postgresql;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	toc_decoder_postgresql.probe(toc_span_of(data, n), TOC_ORIG, false);
	toc_decoder_postgresql.probe(toc_span_of(data, n), TOC_RESP, false);
	trial_fuzz(&toc_decoder_postgresql, TOC_OVER_TCP, 5432, data, n);
	return 0;
}

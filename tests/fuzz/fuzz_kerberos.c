/* fuzz_kerberos - hostile Kerberos over TCP, UDP and in tokens; cut differently streams must agree. */
#include "decoders/harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

extern const struct toc_decoder toc_decoder_kerberos;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	toc_decoder_kerberos.probe(toc_span_of(data, n), TOC_ORIG, false);
	trial_fuzz(&toc_decoder_kerberos, TOC_OVER_TCP, 88, data, n);
	trial_fuzz(&toc_decoder_kerberos, TOC_OVER_UDP, 88, data, n);
	trial_fuzz(&toc_decoder_kerberos, TOC_OVER_INNER, 445, data, n);
	return 0;
}

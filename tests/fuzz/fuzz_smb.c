/* fuzz_smb - hostile SMB 1 to 3 with what its pipes and tokens carry: steps of both directions; cut differently they
 * must agree. */
#include "decoders/harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

extern const struct toc_decoder toc_decoder_smb;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	toc_decoder_smb.probe(toc_span_of(data, n), TOC_ORIG, false);
	toc_decoder_smb.probe(toc_span_of(data, n), TOC_RESP, true);
	trial_fuzz(&toc_decoder_smb, TOC_OVER_TCP, 445, data, n);
	return 0;
}

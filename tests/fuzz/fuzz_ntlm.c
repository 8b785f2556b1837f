/* fuzz_ntlm - hostile GSSAPI tokens: SPNEGO, NTLM and the Kerberos inside. */
#include "decoders/harness.h"
#include "decoders/ntlm.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

extern const struct toc_decoder toc_decoder_ntlm;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char user[NTLM_USER];
	ntlm_user(toc_span_of(data, n), user);
	trial_fuzz(&toc_decoder_ntlm, TOC_OVER_INNER, 445, data, n);
	return 0;
}

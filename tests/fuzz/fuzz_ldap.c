/* fuzz_ldap - hostile LDAP, over TCP and UDP: steps of both directions; cut differently they must agree. */
#include "decoders/harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

extern const struct toc_decoder toc_decoder_ldap;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	toc_decoder_ldap.probe(toc_span_of(data, n), TOC_ORIG, false);
	toc_decoder_ldap.probe(toc_span_of(data, n), TOC_RESP, true);
	trial_fuzz(&toc_decoder_ldap, TOC_OVER_TCP, 389, data, n);
	trial_fuzz(&toc_decoder_ldap, TOC_OVER_UDP, 389, data, n);
	return 0;
}

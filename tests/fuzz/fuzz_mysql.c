/* fuzz_mysql - hostile MYSQL: steps of both directions; cut differently they must agree. */
#include "decoders/harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

extern const struct toc_decoder toc_decoder_mysql;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	toc_decoder_mysql.probe(toc_span_of(data, n), TOC_ORIG, false);
	toc_decoder_mysql.probe(toc_span_of(data, n), TOC_RESP, false);
	trial_fuzz(&toc_decoder_mysql, TOC_OVER_TCP, 3306, data, n);
	return 0;
}

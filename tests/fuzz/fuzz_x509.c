/* fuzz_x509 - hostile certificates: DER, names, host names. */
#include "decoders/x509.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char host[] = "www.example.org";
	struct x509 cert;
	char text[X509_NAME_TEXT];
	if (x509_read(toc_span_of(data, n), &cert)) {
		x509_name_text(cert.subject, text, sizeof(text));
		x509_name_text(cert.issuer, text, 16);
		x509_for_host(&cert, toc_span_str(host));
	}
	x509_name_text(toc_span_of(data, n), text, sizeof(text));
	x509_oid_text(toc_span_of(data, n), text);
	return 0;
}

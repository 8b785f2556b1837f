/* ssl_ocsp - an OCSPResponse (RFC 6960, section 4.2.1) to ocsp events, as Zeek's ocsp.log has them. */
#include "decoders/der.h"
#include "decoders/ssl_fields.h"

enum { ANSWERS_MOST = 16 };

static const char *hash_name(struct toc_cursor oid)
{
	char text[X509_OID_TEXT];
	x509_oid_text(toc_rest(&oid), text);
	return strcmp(text, "1.3.14.3.2.26") == 0	     ? "sha1"
	       : strcmp(text, "2.16.840.1.101.3.4.2.1") == 0 ? "sha256"
	       : strcmp(text, "2.16.840.1.101.3.4.2.2") == 0 ? "sha384"
	       : strcmp(text, "2.16.840.1.101.3.4.2.3") == 0 ? "sha512"
							     : NULL;
}

/* RFC 5280, section 5.3.1 */
static const char *const reasons[] = { "unspecified",	"keyCompromise",	"cACompromise",	   "affiliationChanged",
				       "superseded",	"cessationOfOperation", "certificateHold", NULL,
				       "removeFromCRL", "privilegeWithdrawn",	"aACompromise" };

static void put_time(struct toc_draft *d, unsigned field, struct toc_cursor *c)
{
	toc_time at;
	if (x509_time(c, &at))
		toc_put_time(d, field, at);
}

/* certStatus: good [0], revoked [1] { time, reason [0] }, unknown [2]. */
static void put_status(struct toc_draft *d, uint8_t tag, struct toc_cursor status)
{
	struct toc_cursor reason, number;
	unsigned kind = tag & 0x1f;
	toc_put_cstr(d, F_OCSP_STATUS, kind == 0 ? "good" : kind == 1 ? "revoked" : "unknown");
	if (kind != 1)
		return;
	put_time(d, F_OCSP_REVOKED, &status);
	if (!der_optional(&status, 0xa0, &reason))
		return;
	number = der_take(&reason, 0x0a);
	uint8_t n = toc_u8(&number);
	if (n < sizeof(reasons) / sizeof(reasons[0]) && reasons[n])
		toc_put_cstr(d, F_OCSP_REASON, reasons[n]);
}

/* SingleResponse */
static void put_answer(struct toc_cursor one, struct toc_sink *s)
{
	struct toc_cursor id = der_take(&one, DER_SEQUENCE), algorithm = der_take(&id, DER_SEQUENCE);
	struct toc_cursor oid = der_take(&algorithm, DER_OID), name = der_take(&id, DER_OCTET_STRING);
	struct toc_cursor key = der_take(&id, DER_OCTET_STRING), serial = der_take(&id, DER_INTEGER), next;
	uint8_t tag;
	struct toc_cursor status = der_next(&one, &tag);
	if (one.bad || id.bad || (tag & 0xdf) > 0x82 || !(tag & 0x80))
		return;
	struct toc_draft *d = toc_sink_begin(s, K_OCSP);
	const char *hash = hash_name(oid);
	if (hash)
		toc_put_cstr(d, F_OCSP_HASH, hash);
	ssl_put_hex(d, F_OCSP_ISSUER_NAME, toc_rest(&name));
	ssl_put_hex(d, F_OCSP_ISSUER_KEY, toc_rest(&key));
	ssl_put_hex(d, F_OCSP_SERIAL, toc_rest(&serial));
	put_status(d, tag, status);
	put_time(d, F_OCSP_THIS, &one);
	if (der_optional(&one, 0xa0, &next))
		put_time(d, F_OCSP_NEXT, &next);
	toc_sink_commit(s, d);
}

void ssl_ocsp_response(struct toc_span der, struct toc_sink *s)
{
	static const uint8_t basic[] = {
		0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x01
	}; /* id-pkix-ocsp-basic */
	struct toc_cursor c = toc_cursor_of(der), response = der_take(&c, DER_SEQUENCE);
	struct toc_cursor outcome = der_take(&response, 0x0a), wrapped = der_take(&response, 0xa0);
	struct toc_cursor bytes = der_take(&wrapped, DER_SEQUENCE), type = der_take(&bytes, DER_OID);
	struct toc_cursor inner = der_take(&bytes, DER_OCTET_STRING), whole = der_take(&inner, DER_SEQUENCE);
	struct toc_cursor data = der_take(&whole, DER_SEQUENCE), skipped;
	uint8_t tag;
	if (toc_u8(&outcome) != 0 || !toc_span_eq(toc_rest(&type), toc_span_of(basic, sizeof(basic))))
		return;
	der_optional(&data, 0xa0, &skipped); /* version */
	der_next(&data, &tag);		     /* responder */
	der_take(&data, DER_GENERALIZED_TIME);
	struct toc_cursor answers = der_take(&data, DER_SEQUENCE);
	for (unsigned n = 0; n < ANSWERS_MOST && toc_left(&answers) && !answers.bad; n++)
		put_answer(der_take(&answers, DER_SEQUENCE), s);
}

/* kerberos_ticket - sequences, numbers and tickets in Kerberos' messages (RFC 4120, sections 5.2 and 5.3). */
#include "decoders/der.h"
#include "decoders/kerberos.h"

bool kerberos_members(struct toc_cursor in, struct kerberos_members *m)
{
	struct toc_cursor seq = der_take(&in, DER_SEQUENCE);
	for (unsigned i = 0; i < KERBEROS_MEMBERS; i++)
		m->at[i] = (struct toc_cursor){ seq.p, seq.p, true };
	while (!seq.bad && toc_left(&seq)) {
		uint8_t tag;
		struct toc_cursor value = der_next(&seq, &tag);
		if (!seq.bad && (tag & 0xe0) == 0xa0 && (tag & 0x1f) < KERBEROS_MEMBERS)
			m->at[tag & 0x1f] = value;
	}
	return !seq.bad;
}

bool kerberos_uint(struct toc_cursor in, uint32_t *out)
{
	struct toc_cursor value = der_take(&in, DER_INTEGER);
	*out = 0;
	if (value.bad || toc_left(&value) > 5)
		return false;
	while (toc_left(&value))
		*out = *out << 8 | toc_u8(&value);
	return true;
}

bool kerberos_ticket(struct toc_cursor in, struct kerberos_ticket *out)
{
	struct kerberos_members m, enc;
	if (in.bad || !kerberos_members(der_take(&in, TICKET), &m) || !kerberos_members(m.at[3], &enc))
		return false;
	out->realm = m.at[1];
	out->sname = m.at[2];
	out->cipher = enc.at[2];
	return kerberos_uint(enc.at[0], &out->etype);
}

bool kerberos_shown_ticket(struct toc_cursor padata, struct kerberos_ticket *out)
{
	enum { PA_TGS_REQ = 1 };
	struct toc_cursor list = der_take(&padata, DER_SEQUENCE);
	while (!list.bad && toc_left(&list)) {
		struct toc_cursor element = list;
		struct kerberos_members m, ap;
		uint32_t type;
		uint8_t tag;
		der_next(&list, &tag);
		if (list.bad || !kerberos_members(element, &m) || !kerberos_uint(m.at[1], &type))
			return false;
		if (type != PA_TGS_REQ)
			continue;
		struct toc_cursor value = der_take(&m.at[2], DER_OCTET_STRING);
		struct toc_cursor request = der_take(&value, AP_REQ);
		return kerberos_members(request, &ap) && kerberos_ticket(ap.at[3], out);
	}
	return false;
}

/* kerberos - pieces of messages, and names by number (RFC 4120, RFC 3961 and the IANA registries; as Zeek writes them).
 */
#ifndef DECODERS_KERBEROS_H
#define DECODERS_KERBEROS_H

#include "tocsin/cursor.h"

/* Application tags (RFC 4120, section 5.10), and that of a context token around them. */
enum kerberos_message {
	AS_REQ = 0x6a,
	AS_REP = 0x6b,
	TGS_REQ = 0x6c,
	TGS_REP = 0x6d,
	AP_REQ = 0x6e,
	AP_REP = 0x6f,
	KRB_ERROR = 0x7e,
	TICKET = 0x61,
	GSS_TOKEN = 0x60
};

/* Static names; NULL = unknown number. */
const char *kerberos_cipher_name(uint32_t number);
const char *kerberos_error_name(uint32_t number);

enum { KERBEROS_MEMBERS = 24 };

/* The members [0] … of a SEQUENCE that is all of `in`; absent ones are bad cursors. */
struct kerberos_members {
	struct toc_cursor at[KERBEROS_MEMBERS];
};
bool kerberos_members(struct toc_cursor in, struct kerberos_members *m);

/* An INTEGER of at most 32 bits. */
bool kerberos_uint(struct toc_cursor in, uint32_t *out);

/* Ticket (section 5.3): all of it borrowed from the message. */
struct kerberos_ticket {
	struct toc_cursor realm, sname;
	uint32_t etype;
	struct toc_cursor cipher; /* an OCTET STRING */
};
bool kerberos_ticket(struct toc_cursor in, struct kerberos_ticket *out);

/* The one that a TGS request shows in its padata: an AP-REQ in PA-TGS-REQ (section 5.2.7.1). */
bool kerberos_shown_ticket(struct toc_cursor padata, struct kerberos_ticket *out);

#endif

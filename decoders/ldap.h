/* ldap - pieces shared by the files of the LDAP decoder (RFC 4511). */
#ifndef DECODERS_LDAP_H
#define DECODERS_LDAP_H

#include "decoders/der.h"
#include "tocsin/decoder.h"

enum ldap_field {
	K_LDAP,
	F_MESSAGE_ID,
	F_VERSION,
	F_OPCODE,
	F_RESULT,
	F_DIAGNOSTIC,
	F_OBJECT,
	F_ARGUMENT,
	K_SEARCH,
	F_S_MESSAGE_ID,
	F_S_SCOPE,
	F_S_DEREF,
	F_S_BASE,
	F_S_COUNT,
	F_S_RESULT,
	F_S_DIAGNOSTIC,
	F_S_FILTER,
	F_S_ATTRIBUTES,
	N_LDAP_FIELDS
};

extern const struct toc_field_decl ldap_fields[N_LDAP_FIELDS];

enum ldap_op {
	BIND = 0x60,
	BIND_REPLY = 0x61,
	UNBIND = 0x42,
	SEARCH = 0x63,
	SEARCH_ENTRY = 0x64,
	SEARCH_DONE = 0x65,
	MODIFY = 0x66,
	MODIFY_REPLY = 0x67,
	ADD = 0x68,
	ADD_REPLY = 0x69,
	DELETE = 0x4a,
	DELETE_REPLY = 0x6b,
	RENAME = 0x6c,
	RENAME_REPLY = 0x6d,
	COMPARE = 0x6e,
	COMPARE_REPLY = 0x6f,
	ABANDON = 0x50,
	SEARCH_REFERENCE = 0x73,
	EXTENDED = 0x77,
	EXTENDED_REPLY = 0x78,
	INTERMEDIATE = 0x79
};

struct ldap {
	uint32_t skip[2];	     /* bytes of a message that nobody reads */
	uint32_t clear[2], trail[2]; /* bytes of LDAP in what SASL wrapped, and of the checksum behind them */
	uint32_t tls_id;	     /* of a StartTLS request */
	bool resync[2], any, sasl, tls_asked, tls;
};

/* A message's head: its number and what it holds. */
struct ldap_message {
	uint32_t id, length; /* of all of it, from its tag on */
	uint8_t op;
	struct toc_cursor body;
};

/* ldap_rows.c: one message, all of it in hand (but for what is only counted). */
void ldap_take(struct ldap *l, const struct ldap_message *m, struct toc_sink *s);

enum { LDAP_FILTER = 4096 };

/* A search filter (RFC 4511, section 4.5.1.7) as text (RFC 4515); returns its length. What is nested too deeply or
 * broken is cut off. */
size_t ldap_filter_text(struct toc_cursor filter, char *out, size_t room);

/* The changes of a modify request (section 4.6): replace(attribute=value), …; passwords as REDACTED. */
size_t ldap_changes_text(struct toc_cursor changes, char *out, size_t room);

/* A value as filters have it: what is no printable ASCII as \xx, special characters too. */
size_t ldap_value_text(struct toc_span value, char *out, size_t room);

/* Static names; NULL: unknown. */
const char *ldap_result_name(uint32_t code);
const char *ldap_extended_name(struct toc_span oid);

#endif

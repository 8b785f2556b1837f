/* ldap - pieces shared by the files of the LDAP decoder (RFC 4511). */
#ifndef DECODERS_LDAP_H
#define DECODERS_LDAP_H

#include "decoders/der.h"

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

/* ntlm - what carriers of GSSAPI tokens (smb, dce_rpc, ldap, http) share. */
#ifndef DECODERS_NTLM_H
#define DECODERS_NTLM_H

#include "tocsin/decoder.h"

/*
 * The decoder `ntlm` takes one token a call as an inner decoder: SPNEGO (RFC 4178), bare NTLMSSP or bare Kerberos. A
 * carrier that knows the outcome by other means than a token says so here. key: as in toc_sink_inner.
 */
void ntlm_outcome(struct toc_sink *s, uint64_t key, bool success);

enum { NTLM_USER = 256 };

/* The user whom an AUTHENTICATE_MESSAGE in the token names, DOMAIN\name; returns its length, 0: none. */
size_t ntlm_user(struct toc_span token, char out[NTLM_USER]);

#endif

/* kerberos - names by number (RFC 4120, RFC 3961 and the IANA registries; as Zeek writes them). */
#ifndef DECODERS_KERBEROS_H
#define DECODERS_KERBEROS_H

#include <stdint.h>

/* Static names; NULL = unknown number. */
const char *kerberos_cipher_name(uint32_t number);
const char *kerberos_error_name(uint32_t number);

#endif

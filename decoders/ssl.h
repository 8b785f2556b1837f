/* ssl - pieces shared by the files of the TLS decoder. */
#ifndef DECODERS_SSL_H
#define DECODERS_SSL_H

#include "tocsin/decoder.h"

enum { SSL_LIST = 128, SSL_NAME = 256, JA4_TEXT = 40 };

/* What carries the handshake. */
enum ssl_over { SSL_OVER_TCP, SSL_OVER_DTLS, SSL_OVER_QUIC };

/* What a ClientHello or ServerHello says (RFC 8446, section 4.1; RFC 5246, section 7.4.1). Spans are borrowed. */
struct ssl_hello {
	uint16_t version;	   /* legacy_version */
	uint16_t selected_version; /* supported_versions: server's choice, client's highest; 0 = none */
	struct toc_span session_id;
	uint16_t cipher;					     /* server's choice */
	unsigned nciphers, nextensions, ngroups, nformats, nsigalgs; /* as sent, GREASE with them, capped */
	uint16_t ciphers[SSL_LIST], extensions[SSL_LIST], groups[SSL_LIST], sigalgs[SSL_LIST];
	uint8_t formats[SSL_LIST];
	struct toc_span server_name, alpn_first;
	uint16_t key_share; /* server's group; 0 = none */
	bool ech;	    /* encrypted_client_hello of the outer kind (RFC 9849) */
	uint16_t ech_kdf, ech_aead;
	bool heartbeat;		 /* RFC 6520, section 2 */
	bool psk, ticket, retry; /* server chose a PSK; session_ticket extension; HelloRetryRequest */
};

/* false: not a hello. `body` is the handshake message's body. */
bool ssl_client_hello(struct toc_span body, enum ssl_over over, struct ssl_hello *out);
bool ssl_server_hello(struct toc_span body, struct ssl_hello *out);

/* 32 hex digits (JA3, JA3S; Althouse, Atkinson, Atkins 2017). */
void ssl_ja3(const struct ssl_hello *hello, bool client, char out[32]);
/* JA4 of a TLS client (FoxIO, BSD licence part): returns the length. */
size_t ssl_ja4(const struct ssl_hello *hello, enum ssl_over over, char out[JA4_TEXT]);

/* Static names; NULL = unknown number. */
const char *ssl_cipher_name(uint16_t number);
const char *ssl_group_name(uint16_t number);
const char *ssl_alert_name(uint8_t number);
/* "TLSv12", "TLSv13-draft23", "unknown-64282"; returns its length. */
size_t ssl_version_name(uint16_t version, char out[24]);

/* DNS inside: "dot", "doq" (RFC 7858, RFC 9250: by port or ALPN), "doh" (a resolver known by name); NULL: not seen. */
const char *ssl_resolver_service(const struct ssl_hello *hello, enum ssl_over over, const struct toc_flow_info *flow);

/* Decimal; returns its length. */
size_t ssl_number_text(uint16_t n, char out[5]);

#endif

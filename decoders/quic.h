/* quic - pieces shared by the files of the QUIC decoder. */
#ifndef DECODERS_QUIC_H
#define DECODERS_QUIC_H

#include "tocsin/decoder.h"

enum { QUIC_CID = 20, QUIC_PACKET = 2048 };

enum quic_type { QUIC_INITIAL, QUIC_ZERO_RTT, QUIC_HANDSHAKE, QUIC_RETRY };

/* What one direction's Initial packets are protected with (RFC 9001, section 5.2). */
struct quic_keys {
	uint8_t key[16], iv[12], hp[16];
};

/* One packet with a long header (RFC 8999, RFC 9000, section 17.2); borrowed. */
struct quic_packet {
	uint32_t version;
	enum quic_type type;
	struct toc_span dcid, scid;
	struct toc_span whole; /* header and payload */
	size_t number_at;      /* of the packet number in `whole` */
};

struct quic_version {
	uint32_t number;
	const char *name;
	const uint8_t *salt; /* NULL: its Initials are not TLS, or cannot be read */
	bool second;	     /* types and labels of version 2 (RFC 9369) */
};

/* NULL: unknown. */
const struct quic_version *quic_version(uint32_t number);

/* Reads the packet that begins here and moves on to the next one of the datagram. false: none. */
bool quic_packet_read(struct toc_cursor *in, struct quic_packet *out);

void quic_keys_of(const struct quic_version *version, struct toc_span dcid, bool client, struct quic_keys *out);

/* Takes header protection and the AEAD off an Initial; frames go to out. n = 0: it was not meant for these keys. */
struct toc_span quic_open(const struct quic_packet *p, const struct quic_keys *keys, uint8_t out[QUIC_PACKET]);

/* Variable-length integer (RFC 9000, section 16). */
uint64_t quic_int(struct toc_cursor *c);

#endif

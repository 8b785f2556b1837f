/* hpack - header compression of HTTP/2 (RFC 7541), decoding only, in fixed room. */
#ifndef DECODERS_HPACK_H
#define DECODERS_HPACK_H

#include "tocsin/cursor.h"

enum { HPACK_BYTES = 4096, HPACK_ENTRIES = 128, HPACK_OVERHEAD = 32, HPACK_STRING = 8192 };

/*
 * One direction's dynamic table; zeroed is ready, at the default size of 4096. A peer that is allowed more keeps old
 * entries longer than we do: what it then names is unknown here, and only that.
 */
struct hpack {
	bool sized;
	uint16_t limit; /* where `sized`; else the default */
	uint16_t n, used;
	struct {
		uint16_t name_n, value_n;
	} entries[HPACK_ENTRIES]; /* oldest first; their bytes likewise */
	uint8_t bytes[HPACK_BYTES];
};

/* One field; name and value are borrowed for the call. name.n = 0: it was named by an entry that we no longer have. */
typedef void hpack_field(void *with, struct toc_span name, struct toc_span value);

/* Decodes a whole header block. false: it is not one (the table can no longer be trusted). */
bool hpack_read(struct hpack *t, struct toc_span block, hpack_field *field, void *with);

/* Undoes the Huffman code; what goes beyond room is left out. false: not such a string. */
bool hpack_huffman(struct toc_span in, uint8_t *out, size_t room, size_t *n);

#endif

/* fragment - IP fragments to whole datagrams, within a fixed amount of memory. */
#ifndef DECODE_FRAGMENT_H
#define DECODE_FRAGMENT_H

#include "decode/walk.h"

/* What a fragment's headers say; its bytes are the rest of the walk. */
struct fragment {
	uint8_t version;  /* 4 or 6 */
	uint8_t protocol; /* next header; set to the datagram's when the datagram is whole */
	bool more;
	uint32_t id, offset; /* offset in bytes */
	uint32_t header;     /* bytes of IP header before the data, the IPv6 fragment header not counted */
};

struct fragments *fragments_new(const struct toc_decode_config *config, const struct toc_hash_key *key,
				struct toc_decode_counters *count);
void fragments_free(struct fragments *f);

/*
 * Adds one fragment. TOC_DROP_none: the datagram is whole, the walk goes on over its bytes, which live until the next
 * call. Else what became of the fragment. Where IPv4 fragments overlap, the data that came first stays; IPv6 fragments
 * that overlap make the whole datagram void (RFC 5722); exact repetitions are passed over in both (RFC 8200 4.5).
 * Either is told as an oddity under Zeek's names: fragment_overlap, fragment_inconsistency where the bytes differ. A
 * first fragment that was not captured whole goes on as it is: its ports are all that a snap length leaves to be known.
 */
enum toc_drop fragment_add(struct walk *w, struct fragment *piece);

#endif

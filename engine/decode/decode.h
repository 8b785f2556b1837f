/* decode - frame to packet view: link layers, tunnels' outer headers, IP, fragments, transport. */
#ifndef DECODE_DECODE_H
#define DECODE_DECODE_H

#include "base/hash.h"
#include "tocsin/packet.h"

/* Every reason for which a frame ends here (drop.def): DROP(name, "what it means"). */
enum toc_drop {
	TOC_DROP_none,
#define DROP(name, text) TOC_DROP_##name,
#include "decode/drop.def"
#undef DROP
	TOC_NDROPS
};

/* Name and meaning of a reason, for counters and documents. */
const char *toc_drop_name(enum toc_drop drop);
const char *toc_drop_text(enum toc_drop drop);

struct toc_decode_config {
	size_t fragment_bytes;	   /* memory cap of unfinished fragments; 0 = 32 MiB */
	toc_time fragment_timeout; /* 0 = 5 min (Zeek's frag_timeout) */
	toc_time duplicate_within; /* a packet that comes again so soon was mirrored twice; 0 = do not look */
	bool network_key;	   /* networks of one tunnel (VNI) are told apart; else a flow may change its network */
};

/* One worker's decoder: counters and unfinished fragments. Owned by the caller. */
struct toc_decode;
struct toc_decode *toc_decode_new(const struct toc_decode_config *config, const struct toc_hash_key *key);
void toc_decode_free(struct toc_decode *d);

/*
 * One frame. TOC_DROP_none: *out is a view, of the innermost packet where there are tunnels (out->outer leads
 * outwards). It is borrowed from the frame, or from d (datagrams of fragments, outer packets), until the next call.
 * Else the reason, counted; out->weird and the addresses may be set even so. A fragment that waits for others ends as
 * `fragment_held`. Never fails otherwise. A frame of another worker (frame->elsewhere) is not counted.
 */
enum toc_drop toc_decode(struct toc_decode *d, const struct toc_frame *frame, struct toc_packet *out);

/* From here on the checksums of TCP and UDP are left to who needs them: out->unverified, and this. */
void toc_decode_lazy(struct toc_decode *d, bool lazy);
bool toc_decode_verify(const struct toc_packet *p);

/* Counts per reason, and `seen` frames: seen = packets + sum of drops (a test holds this). */
struct toc_decode_counters {
	uint64_t seen, packets, drops[TOC_NDROPS];
	uint64_t inner_drops[TOC_NDROPS]; /* packets inside tunnels; the one around them is the view then */
	uint64_t again;			  /* packets inside tunnels that were mirrored on another way too */
	uint64_t fragments_expired, fragments_evicted; /* unfinished datagrams given up: too old, too many */
};
const struct toc_decode_counters *toc_decode_count(const struct toc_decode *d);

#endif

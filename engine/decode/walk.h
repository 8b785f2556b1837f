/* walk - one frame on its way through the layers: what they share. */
#ifndef DECODE_WALK_H
#define DECODE_WALK_H

#include "decode/decode.h"
#include "tocsin/cursor.h"

struct duplicates;
struct fragments;

#define WALK_ANY SIZE_MAX /* slack: whatever follows is padding */

/* The layers of layers.def; `end` when the view is complete or the frame is dropped. */
enum layer {
	LAYER_end,
#define LAYER(name) LAYER_##name,
#include "decode/layers.def"
	LAYER_COUNT
};

struct walk {
	struct toc_cursor in; /* captured bytes from the current layer on */
	size_t beyond;	      /* bytes that follow them on the wire but were not captured */
	const struct toc_frame *frame;
	struct toc_packet *out;
	struct fragments *fragments;
	struct duplicates *duplicates; /* NULL: not looked for */
	struct toc_packet *outer;      /* room for the views of TOC_TUNNEL_DEPTH tunnels around the one that is read */
	unsigned depth, sure;	       /* tunnels entered; those in which a packet was certainly found */
	size_t slack;		       /* bytes that may follow an inner IP packet: none where a UDP port alone tells */
	enum toc_drop drop;	       /* set where a layer ends without a view */
	bool network_key;	       /* of the configuration */
	bool lazy;		       /* checksums of the transport are left to who needs them */
	bool no_checksum;	       /* the final destination is not in reach: the pseudo header is unknown */
};

/* Each reads its header and names the next layer. */
#define LAYER(name) enum layer layer_##name(struct walk *w);
#include "decode/layers.def"

/* The next layer by number; walk_ethertype takes a length of 802.3 too. */
enum layer walk_ethertype(struct walk *w, uint16_t type);
enum layer walk_ppp(struct walk *w, uint16_t protocol);
enum layer walk_ip(struct walk *w, uint8_t protocol);

/* LAYER_end where nothing is known. walk_udp goes by the ports, or by what can only be Teredo. */
enum layer walk_gre(uint16_t type);
enum layer walk_udp(struct walk *w);
bool looks_like_teredo(const struct walk *w);

/*
 * Once an IP packet's length is known: whether another mirror has shown the frame. Of a packet in a tunnel that was
 * seen bare, or in another tunnel, out->again says so; the tunnel's own packet is new.
 */
bool walk_again(struct walk *w, struct toc_span packet, uint8_t version);

/* What follows belongs to a link protocol (TOC_LINK_*) that only packet decoders read: it is the view. */
enum layer walk_link(struct walk *w, uint64_t protocol);

/*
 * What follows is a packet of its own: the view so far becomes its outer one. network tells apart networks that share
 * the tunnel's ends, where that is configured. Where the inner packet turns out to be none, the outer view stands as if
 * nothing had been tried. walk_sure says that it is one: what is wrong with it from then on is its own.
 */
enum layer walk_tunnel(struct walk *w, enum toc_tunnel type, uint32_t network, enum layer inner);
static inline void walk_sure(struct walk *w)
{
	w->sure = w->depth;
}

/* Notes an oddity; the first of a frame is told. */
static inline void walk_weird(struct walk *w, const char *name)
{
	if (!w->out->weird)
		w->out->weird = name;
}

static inline enum layer walk_drop(struct walk *w, enum toc_drop why)
{
	w->drop = why;
	return LAYER_end;
}

/* Bytes left on the wire. */
static inline size_t walk_wire(const struct walk *w)
{
	return toc_left(&w->in) + w->beyond;
}

/* The rest is the payload, whatever else is found in it. */
static inline enum layer walk_done(struct walk *w)
{
	w->out->payload = toc_rest(&w->in);
	w->out->payload_len = (uint32_t)walk_wire(w);
	return LAYER_end;
}

/* Cuts what follows to n bytes on the wire (padding, trailers); n is at most walk_wire. */
static inline void walk_cut(struct walk *w, size_t n)
{
	w->in = toc_cursor_of(toc_span_first(toc_rest(&w->in), n));
	w->beyond = n - toc_left(&w->in);
}

#endif

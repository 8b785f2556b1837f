/* walk - one frame on its way through the layers: what they share. */
#ifndef DECODE_WALK_H
#define DECODE_WALK_H

#include "decode/decode.h"
#include "tocsin/cursor.h"

struct fragments;

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
	enum toc_drop drop; /* set where a layer ends without a view */
	bool no_checksum;   /* the final destination is not in reach: the pseudo header is unknown */
};

/* Each reads its header and names the next layer. */
#define LAYER(name) enum layer layer_##name(struct walk *w);
#include "decode/layers.def"

/* The next layer by number; walk_ethertype takes a length of 802.3 too. */
enum layer walk_ethertype(struct walk *w, uint16_t type);
enum layer walk_ppp(struct walk *w, uint16_t protocol);
enum layer walk_ip(struct walk *w, uint8_t protocol);

/* What follows belongs to a link protocol (TOC_LINK_*) that only packet decoders read: it is the view. */
enum layer walk_link(struct walk *w, uint64_t protocol);

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

/* Cuts what follows to n bytes on the wire (padding, trailers); n is at most walk_wire. */
static inline void walk_cut(struct walk *w, size_t n)
{
	w->in = toc_cursor_of(toc_span_first(toc_rest(&w->in), n));
	w->beyond = n - toc_left(&w->in);
}

#endif

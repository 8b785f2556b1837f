/* ppp - PPP, PPPoE sessions, Cisco HDLC, frame relay and MPLS: links of wide-area networks. */
#include "decode/walk.h"

/* PPP (RFC 1661, section 2): address and control may be left out, and so may the protocol's first byte. */
enum layer layer_ppp(struct walk *w)
{
	struct toc_cursor look = w->in;
	if (toc_be16(&look) == 0xff03)
		w->in = look;
	look = w->in;
	uint16_t protocol = toc_u8(&look);
	if (!(protocol & 1))
		protocol = (uint16_t)(protocol << 8 | toc_u8(&look));
	if (look.bad || protocol == 0xff) /* a reserved number (RFC 1661): the address field without what follows it */
		return walk_drop(w, TOC_DROP_short_link);
	w->in = look;
	return walk_ppp(w, protocol);
}

/* PPPoE session (RFC 2516, section 4). */
enum layer layer_pppoe(struct walk *w)
{
	toc_skip(&w->in, 4);
	uint16_t length = toc_be16(&w->in);
	if (w->in.bad)
		return walk_drop(w, TOC_DROP_short_link);
	if (length < walk_wire(w))
		walk_cut(w, length);
	return LAYER_ppp;
}

/* Cisco HDLC: address, control, then an EtherType. */
enum layer layer_chdlc(struct walk *w)
{
	toc_skip(&w->in, 2);
	uint16_t type = toc_be16(&w->in);
	if (w->in.bad)
		return walk_drop(w, TOC_DROP_short_link);
	return type > 1500 ? walk_ethertype(w, type) : walk_drop(w, TOC_DROP_ethertype);
}

/* Frame relay (RFC 2427) with its usual address of two bytes; Cisco's form has an EtherType in place of the rest. */
enum layer layer_frame_relay(struct walk *w)
{
	enum { IP4 = 0x03cc, IP6 = 0x038e, PADDED_SNAP = 0x0300 };
	toc_skip(&w->in, 2);
	uint16_t type = toc_be16(&w->in);
	if (type == PADDED_SNAP) {
		toc_skip(&w->in, 4);
		type = toc_be16(&w->in);
	}
	if (w->in.bad)
		return walk_drop(w, TOC_DROP_short_link);
	if (type == IP4)
		return LAYER_ip4;
	if (type == IP6)
		return LAYER_ip6;
	return type > 1500 ? walk_ethertype(w, type) : walk_drop(w, TOC_DROP_ethertype);
}

/* MPLS (RFC 3032): nothing says what is behind the labels but its first four bits (RFC 4928, section 3). */
enum layer layer_mpls(struct walk *w)
{
	enum { MAX_LABELS = 16, BOTTOM = 0x100 };
	uint32_t label = 0;
	for (unsigned n = 0; n < MAX_LABELS && !(label & BOTTOM) && !w->in.bad; n++)
		label = toc_be32(&w->in);
	struct toc_cursor look = w->in;
	uint8_t first = toc_u8(&look) >> 4;
	if (look.bad)
		return walk_drop(w, TOC_DROP_short_link);
	if (!(label & BOTTOM))
		return walk_drop(w, TOC_DROP_mpls);
	if (first == 4)
		return LAYER_ip4;
	if (first == 6)
		return LAYER_ip6;
	if (first != 0)
		return walk_drop(w, TOC_DROP_mpls);
	toc_skip(&w->in, 4); /* the control word of a pseudowire (RFC 4448, section 4.6) */
	return LAYER_ethernet;
}

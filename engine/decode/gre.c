/* gre - Generic Routing Encapsulation (RFC 2784, 2890, 1701), PPTP's (RFC 2637), EoIP, and mirrors in it: ERSPAN. */
#include "decode/walk.h"

/* Bits of the first two bytes. */
enum { CHECKSUM = 0x8000, ROUTING = 0x4000, KEY = 0x2000, SEQUENCE = 0x1000, ACKNOWLEDGED = 0x0080, VERSION = 7 };
enum { PPP = 0x880b, BRIDGED = 0x6558, ERSPAN = 0x88be };

/* RFC 1701: source route entries until one of no length. */
static void skip_routing(struct toc_cursor *in)
{
	enum { MAX_ENTRIES = 16 };
	for (unsigned n = 0; n < MAX_ENTRIES; n++) {
		toc_skip(in, 3);
		uint8_t length = toc_u8(in);
		if (!length)
			return;
		toc_skip(in, length);
	}
}

/* MikroTik's Ethernet over IP: a GRE header of its own kind, then lengths and identifiers in little-endian order. */
static enum layer eoip(struct walk *w)
{
	uint16_t length = toc_be16(&w->in), id = toc_le16(&w->in);
	if (w->in.bad || length > walk_wire(w))
		return LAYER_end;
	walk_cut(w, length);
	return walk_tunnel(w, TOC_TUNNEL_GRE, id, LAYER_ethernet);
}

/* RFC 2637, section 4.1: the call id differs between the directions, so it tells no networks apart. */
static enum layer pptp(struct walk *w, uint16_t flags)
{
	uint16_t length = toc_be16(&w->in);
	toc_skip(&w->in, 2);
	if (!(flags & SEQUENCE)) /* an acknowledgement alone */
		return LAYER_end;
	toc_skip(&w->in, flags & ACKNOWLEDGED ? 8 : 4);
	if (w->in.bad || length > walk_wire(w))
		return LAYER_end;
	walk_cut(w, length);
	return walk_tunnel(w, TOC_TUNNEL_GRE, 0, LAYER_ppp);
}

static enum layer version_0(struct walk *w, uint16_t flags, uint16_t type)
{
	uint32_t key = 0;
	if (flags & (CHECKSUM | ROUTING))
		toc_skip(&w->in, 4);
	if (flags & KEY)
		key = toc_be32(&w->in);
	if (flags & SEQUENCE)
		toc_skip(&w->in, 4);
	if (flags & ROUTING)
		skip_routing(&w->in);
	if (w->in.bad) {
		walk_weird(w, "truncated_GRE");
		return LAYER_end;
	}
	enum layer inner = walk_gre(type);
	if (inner == LAYER_end) {
		walk_weird(w, "egre_protocol_type");
		return LAYER_end;
	}
	if (type == ERSPAN && !(flags & SEQUENCE)) /* type I has no header of its own */
		inner = LAYER_ethernet;
	/* NVGRE (RFC 7637): the upper bits of the key are the virtual network; other keys may differ by direction */
	return walk_tunnel(w, TOC_TUNNEL_GRE, type == BRIDGED ? key >> 8 : 0, inner);
}

enum layer layer_gre(struct walk *w)
{
	walk_done(w);
	uint16_t flags = toc_be16(&w->in), type = toc_be16(&w->in);
	if (w->in.bad) {
		walk_weird(w, "truncated_GRE");
		return LAYER_end;
	}
	if (flags == 0x2001 && type == 0x6400)
		return eoip(w);
	if ((flags & VERSION) == 1 && type == PPP && flags & KEY)
		return pptp(w, flags);
	if ((flags & VERSION) != 0) {
		walk_weird(w, "unknown_gre_version");
		return LAYER_end;
	}
	return version_0(w, flags, type);
}

/* Cisco's mirror type II (draft-foschiano-erspan, section 4.2): version 1, tag, session, index. */
enum layer layer_erspan(struct walk *w)
{
	toc_skip(&w->in, 8);
	return w->in.bad ? walk_drop(w, TOC_DROP_short_link) : LAYER_ethernet;
}

/* Type III (the same, section 4.3): twelve bytes whose last bit tells of eight more, and what kind of frame follows. */
enum layer layer_erspan3(struct walk *w)
{
	enum { FRAME_IP = 2 };
	toc_skip(&w->in, 10);
	uint16_t last = toc_be16(&w->in);
	if (last & 1)
		toc_skip(&w->in, 8);
	if (w->in.bad)
		return walk_drop(w, TOC_DROP_short_link);
	return (last >> 10 & 0x1f) == FRAME_IP ? LAYER_raw : LAYER_ethernet;
}

/* Redirected by WCCP: version 2 has four bytes of its own in front of the packet, version 1 has none. */
enum layer layer_wccp(struct walk *w)
{
	struct toc_cursor look = w->in;
	if (toc_u8(&look) >> 4 != 4)
		toc_skip(&w->in, 4);
	return LAYER_raw;
}

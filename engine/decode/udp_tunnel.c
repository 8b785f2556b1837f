/* udp_tunnel - packets in datagrams: VXLAN, Geneve, GTP-U, Teredo, AYIYA, L2TP, CAPWAP. */
#include "decode/walk.h"

/*
 * Ports are hints: each of these looks whether its header can be one, and walk.h's slack has an inner IP packet
 * account for all bytes. All else stays a datagram like any other, for the decoders to look at.
 */

static enum layer none(void)
{
	return LAYER_end;
}

/* RFC 7348, section 5; with the bits of group policy and of the generic extension, which names the inner protocol. */
enum layer layer_vxlan(struct walk *w)
{
	enum { POLICY = 0x80, NETWORK = 0x08, PROTOCOL = 0x04 };
	static const uint8_t inner[] = { LAYER_ethernet, LAYER_ip4, LAYER_ip6, LAYER_ethernet, LAYER_end, LAYER_mpls };
	uint8_t flags = toc_u8(&w->in);
	toc_skip(&w->in, 2);
	uint8_t protocol = toc_u8(&w->in);
	uint32_t network = toc_be24(&w->in);
	uint8_t reserved = toc_u8(&w->in);
	if (w->in.bad || !(flags & NETWORK) || (flags & ~(POLICY | NETWORK | PROTOCOL)) || reserved)
		return none();
	if (!(flags & PROTOCOL))
		protocol = 0;
	if (protocol >= sizeof(inner) || inner[protocol] == LAYER_end)
		return none();
	return walk_tunnel(w, TOC_TUNNEL_VXLAN, network, (enum layer)inner[protocol]);
}

/* RFC 8926, section 3.4. */
enum layer layer_geneve(struct walk *w)
{
	uint8_t version = toc_u8(&w->in);
	toc_skip(&w->in, 1);
	uint16_t type = toc_be16(&w->in);
	uint32_t network = toc_be24(&w->in);
	uint8_t reserved = toc_u8(&w->in);
	toc_skip(&w->in, (version & 0x3fu) * 4);
	if (w->in.bad || version >> 6 || reserved)
		return none();
	enum layer inner = type == 0x6558 ? LAYER_ethernet : type == 0x0800 ? LAYER_ip4 : LAYER_ip6;
	if (inner == LAYER_ip6 && type != 0x86dd)
		return none();
	return walk_tunnel(w, TOC_TUNNEL_GENEVE, network, inner);
}

/* 3GPP TS 29.281, section 5: version 1, message type 255 carries a packet. The TEID differs between directions. */
enum layer layer_gtp(struct walk *w)
{
	enum { VERSION_1 = 0x30, MASK = 0xf0, EXTRA = 7, EXTENSION = 4, G_PDU = 255, MAX_EXTENSIONS = 8 };
	uint8_t flags = toc_u8(&w->in), type = toc_u8(&w->in);
	uint16_t length = toc_be16(&w->in);
	toc_skip(&w->in, 4);
	if (w->in.bad || (flags & MASK) != VERSION_1 || type != G_PDU || length > walk_wire(w))
		return none();
	walk_cut(w, length);
	if (flags & EXTRA) {
		toc_skip(&w->in, 3);
		uint8_t next = toc_u8(&w->in);
		for (unsigned n = 0; flags & EXTENSION && next && n < MAX_EXTENSIONS && !w->in.bad; n++) {
			uint8_t words = toc_u8(&w->in);
			if (!words)
				return none();
			toc_skip(&w->in, words * 4u - 2);
			next = toc_u8(&w->in);
		}
	}
	return w->in.bad ? none() : walk_tunnel(w, TOC_TUNNEL_GTP, 0, LAYER_raw);
}

/* RFC 4380, section 5.1.1: authentication and origin indication, either or both, in front of an IPv6 packet. */
enum layer layer_teredo(struct walk *w)
{
	enum { AUTHENTICATION = 1, ORIGIN = 0 };
	struct toc_cursor look = w->in;
	if (toc_be16(&look) == AUTHENTICATION && !look.bad) {
		uint8_t id = toc_u8(&look), value = toc_u8(&look);
		toc_skip(&look, 9u + id + value);
		w->in = look;
	}
	look = w->in;
	if (toc_be16(&look) == ORIGIN && !look.bad) {
		toc_skip(&look, 6);
		w->in = look;
	}
	return w->in.bad ? none() : walk_tunnel(w, TOC_TUNNEL_TEREDO, 0, LAYER_ip6);
}

/* Between clients, Teredo has any ports: an IPv6 header of the right length with an address of its prefix is enough. */
bool looks_like_teredo(const struct walk *w)
{
	struct toc_cursor in = w->in;
	if (toc_u8(&in) >> 4 != 6)
		return false;
	toc_skip(&in, 3);
	size_t length = toc_be16(&in);
	toc_skip(&in, 2);
	uint32_t src = toc_be32(&in);
	toc_skip(&in, 12);
	uint32_t dst = toc_be32(&in);
	return !in.bad && length + 40 == walk_wire(w) && (src == 0x20010000 || dst == 0x20010000);
}

/* AYIYA (draft-massar-v6ops-ayiya): identity and signature, then IPv6. */
enum layer layer_ayiya(struct walk *w)
{
	enum { FORWARD = 1, IPV6 = 41 };
	uint8_t identity = toc_u8(&w->in), signature = toc_u8(&w->in), operation = toc_u8(&w->in);
	uint8_t next = toc_u8(&w->in);
	toc_skip(&w->in, 4u + (1u << (identity >> 4)) + (signature >> 4) * 4u);
	if (w->in.bad || (operation & 0xf) != FORWARD || next != IPV6)
		return none();
	return walk_tunnel(w, TOC_TUNNEL_AYIYA, 0, LAYER_ip6);
}

/* RFC 2661, section 3.1; version 3 over UDP: RFC 3931, section 4.1.2. */
enum layer layer_l2tp(struct walk *w)
{
	enum { CONTROL = 0x8000, LENGTH = 0x4000, SEQUENCE = 0x0800, OFFSET = 0x0200, VERSION = 0xf };
	uint16_t flags = toc_be16(&w->in);
	if (w->in.bad || flags & CONTROL || (flags & VERSION) < 2 || (flags & VERSION) > 3)
		return none();
	if ((flags & VERSION) == 3) {
		toc_skip(&w->in, 2);
		return layer_l2tp3(w);
	}
	if (flags & LENGTH) {
		uint16_t length = toc_be16(&w->in);
		if (length < 4 || length - 4u > walk_wire(w))
			return none();
		walk_cut(w, length - 4u);
	}
	toc_skip(&w->in, flags & SEQUENCE ? 8 : 4);
	if (flags & OFFSET)
		toc_skip(&w->in, toc_be16(&w->in));
	return w->in.bad ? none() : walk_tunnel(w, TOC_TUNNEL_L2TP, 0, LAYER_ppp);
}

/* An Ethernet header with a length-checked IP header behind it. */
static bool holds_frame(struct toc_cursor in, size_t wire)
{
	toc_skip(&in, 12);
	uint16_t type = toc_be16(&in);
	uint8_t first = toc_u8(&in);
	toc_skip(&in, 1);
	size_t total = toc_be16(&in);
	if (type == 0x86dd) {
		total = (size_t)toc_be16(&in) + 40;
		return !in.bad && first >> 4 == 6 && total + 14 <= wire;
	}
	return !in.bad && type == 0x0800 && first >> 4 == 4 && total >= 20 && total + 14 <= wire;
}

/* RFC 3931, section 4.1.1: only the two ends know how long the cookie is and whether there is a sublayer. */
enum layer layer_l2tp3(struct walk *w)
{
	enum { COOKIE_AND_SUBLAYER = 12 };
	if (!w->out->payload.p)
		walk_done(w);
	uint32_t session = toc_be32(&w->in);
	if (w->in.bad || !session) /* 0: control messages */
		return none();
	for (size_t n = 0; n <= COOKIE_AND_SUBLAYER; n += 4) {
		struct toc_cursor look = w->in;
		toc_skip(&look, n);
		if (look.bad || !holds_frame(look, walk_wire(w) - n))
			continue;
		w->in = look;
		return walk_tunnel(w, TOC_TUNNEL_L2TP, session, LAYER_ethernet);
	}
	return none();
}

/* RFC 5415, section 4.3, data in the clear: 802.3 frames, or 802.11 frames whose control bytes some vendors swap. */
enum layer layer_capwap(struct walk *w)
{
	enum { NATIVE = 0x0100, FRAGMENT = 0x0080, TYPE = 0x0c, DATA = 0x08 };
	uint32_t head = toc_be32(&w->in);
	size_t length = (head >> 19 & 0x1f) * 4;
	toc_skip(&w->in, 4);
	if (w->in.bad || head >> 24 || length < 8 || head & FRAGMENT)
		return none();
	toc_skip(&w->in, length - 8);
	if (w->in.bad)
		return none();
	struct toc_cursor look = w->in;
	bool swapped = (toc_u8(&look) & TYPE) != DATA && (toc_u8(&look) & TYPE) == DATA;
	enum layer wifi = swapped ? LAYER_wifi_swapped : LAYER_wifi;
	return walk_tunnel(w, TOC_TUNNEL_CAPWAP, 0, head & NATIVE ? wifi : LAYER_ethernet);
}

/* link - Ethernet, its tags, and the pseudo headers of capture files. */
#include "decode/walk.h"

static struct toc_mac mac_of(struct toc_cursor *in)
{
	struct toc_mac mac = { { 0 } };
	struct toc_span s = toc_take(in, sizeof(mac.b));
	if (s.n)
		memcpy(mac.b, s.p, sizeof(mac.b));
	return mac;
}

/* By EtherType, once the header before it is read. */
static enum layer by_ethertype(struct walk *w, uint16_t type)
{
	return w->in.bad ? walk_drop(w, TOC_DROP_short_link) : walk_ethertype(w, type);
}

/* IEEE 802.3, section 3. An inner Ethernet header (MPLS) does not hide the outer addresses. */
enum layer layer_ethernet(struct walk *w)
{
	struct toc_mac dst = mac_of(&w->in), src = mac_of(&w->in);
	if (!w->out->has_mac) {
		w->out->dst_mac = dst;
		w->out->src_mac = src;
		w->out->has_mac = true;
	}
	return by_ethertype(w, toc_be16(&w->in));
}

/* IEEE 802.1Q and 802.1ad: the first two tags are told, deeper ones are passed over. */
enum layer layer_vlan(struct walk *w)
{
	uint16_t id = toc_be16(&w->in) & 0x0fff;
	if (!w->out->vlan)
		w->out->vlan = id;
	else if (!w->out->inner_vlan)
		w->out->inner_vlan = id;
	return by_ethertype(w, toc_be16(&w->in));
}

/* Cisco VN-Tag: four bytes of virtual interfaces. */
enum layer layer_vntag(struct walk *w)
{
	toc_skip(&w->in, 4);
	return by_ethertype(w, toc_be16(&w->in));
}

/* IEEE 802.1BR E-TAG: six bytes of extended channel. */
enum layer layer_etag(struct walk *w)
{
	toc_skip(&w->in, 6);
	return by_ethertype(w, toc_be16(&w->in));
}

/* Cisco FabricPath: switch addresses and a tag around a whole Ethernet frame, whose addresses are the hosts'. */
enum layer layer_fabric_path(struct walk *w)
{
	toc_skip(&w->in, 2);
	w->out->has_mac = false;
	return LAYER_ethernet;
}

/* FDDI (RFC 1390): frame control and addresses, whose bits are in another order than Ethernet's, then LLC. */
enum layer layer_fddi(struct walk *w)
{
	toc_skip(&w->in, 13);
	return w->in.bad ? walk_drop(w, TOC_DROP_short_link) : LAYER_llc;
}

/* Behind the control field, which is one byte in unnumbered frames and two in all others. */
static enum layer by_access_point(struct walk *w, uint8_t dsap, uint8_t control)
{
	if ((control & 3) != 3)
		toc_skip(&w->in, 1);
	return w->in.bad ? walk_drop(w, TOC_DROP_short_link) : walk_link(w, TOC_LINK_LLC(dsap));
}

/* IEEE 802.2 with SNAP (RFC 1042), or IP's own service access point. */
enum layer layer_llc(struct walk *w)
{
	uint8_t dsap = toc_u8(&w->in), ssap = toc_u8(&w->in), control = toc_u8(&w->in);
	if (w->in.bad)
		return walk_drop(w, TOC_DROP_short_link);
	if (dsap == 0x06 && ssap == 0x06 && control == 3)
		return LAYER_ip4;
	if (dsap != 0xaa || ssap != 0xaa || control != 3)
		return by_access_point(w, dsap, control);
	uint32_t organisation = toc_be24(&w->in);
	uint16_t type = toc_be16(&w->in);
	if (w->in.bad)
		return walk_drop(w, TOC_DROP_short_link);
	/* 0 = Ethernet, 0x0000f8 = its bridge-tunnel twin; others number their own protocols; a length is no EtherType
	 */
	if (organisation != 0 && organisation != 0xf8)
		return walk_link(w, TOC_LINK_SNAP(organisation, type));
	return type > 1500 ? walk_ethertype(w, type) : walk_drop(w, TOC_DROP_ethertype);
}

/* Linux cooked capture: 16 bytes that end in the protocol. */
enum layer layer_sll(struct walk *w)
{
	toc_skip(&w->in, 14);
	return by_ethertype(w, toc_be16(&w->in));
}

/* Linux cooked capture v2: 20 bytes that begin with the protocol. */
enum layer layer_sll2(struct walk *w)
{
	uint16_t type = toc_be16(&w->in);
	toc_skip(&w->in, 18);
	return by_ethertype(w, type);
}

enum layer layer_raw(struct walk *w)
{
	struct toc_cursor look = w->in;
	uint8_t version = toc_u8(&look) >> 4;
	if (look.bad)
		return walk_drop(w, TOC_DROP_short_link);
	return version == 4 ? LAYER_ip4 : version == 6 ? LAYER_ip6 : walk_drop(w, TOC_DROP_ip_version);
}

/*
 * BSD loopback: an address family in the byte order of the machine that captured (LOOP: network order). The
 * numbers for IPv6 differ between systems and all have IP behind them, so the IP version decides.
 */
enum layer layer_null(struct walk *w)
{
	static const uint8_t families[] = { 2, 10, 23, 24, 28, 30 };
	uint32_t family = toc_be32(&w->in);
	if (w->in.bad)
		return walk_drop(w, TOC_DROP_short_link);
	if (family > 0xffff)
		family = __builtin_bswap32(family);
	for (size_t i = 0; i < sizeof(families); i++)
		if (families[i] == family)
			return LAYER_raw;
	return walk_drop(w, TOC_DROP_ethertype);
}

/* Linux netfilter log: type-length-value items, of which one is the packet. */
enum layer layer_nflog(struct walk *w)
{
	enum { PAYLOAD = 9, HEADER = 4, MAX_ITEMS = 64 };
	toc_skip(&w->in, 4);
	for (unsigned n = 0; n < MAX_ITEMS; n++) {
		uint16_t length = toc_le16(&w->in), type = toc_le16(&w->in) & 0x7fff;
		if (w->in.bad || length < HEADER)
			break;
		if (type == PAYLOAD) {
			size_t body = length - (size_t)HEADER;
			if (body < walk_wire(w))
				walk_cut(w, body);
			return LAYER_raw;
		}
		toc_skip(&w->in, ((length + 3u) & ~3u) - HEADER);
	}
	return walk_drop(w, TOC_DROP_short_link);
}

/* Address resolution (RFC 826): the body goes on as it is, without the frame's padding. */
enum layer layer_arp(struct walk *w)
{
	struct toc_cursor look = w->in;
	toc_skip(&look, 4);
	size_t hardware = toc_u8(&look), protocol = toc_u8(&look);
	toc_skip(&look, 2);
	if (look.bad)
		return walk_drop(w, TOC_DROP_arp_short);
	size_t body = 8 + 2 * (hardware + protocol);
	if (body < walk_wire(w))
		walk_cut(w, body);
	w->out->l3 = TOC_L3_ARP;
	w->out->payload = toc_rest(&w->in);
	w->out->payload_len = (uint32_t)walk_wire(w);
	return LAYER_end;
}

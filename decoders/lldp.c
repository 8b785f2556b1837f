/* lldp - what neighbours on a link say of themselves: LLDP (IEEE 802.1AB, clause 8) and Cisco's CDP. */
#include "tocsin/decoder.h"

enum field {
	K_NEIGHBOUR,
	F_PROTOCOL,
	F_SRC_MAC,
	F_VLAN,
	F_CHASSIS,
	F_PORT,
	F_PORT_NAME,
	F_NAME,
	F_DESCRIPTION,
	F_PLATFORM,
	F_ADDRESS,
	F_CAPABILITIES,
	F_TTL,
	F_NATIVE_VLAN
};

static const struct toc_field_decl fields[] = {
	[K_NEIGHBOUR] = { "neighbour", TOC_KIND, false, TOC_OPEN, NULL, "one LLDP or CDP message" },
	[F_PROTOCOL] = { "protocol", TOC_STRING, false, TOC_OPEN, NULL, "lldp or cdp" },
	[F_SRC_MAC] = { "src_mac_seen", TOC_MAC, false, TOC_DEVICE, NULL, "source of the frame" },
	[F_VLAN] = { "vlan", TOC_UINT, false, TOC_OPEN, NULL, "VLAN that the frame came in" },
	[F_CHASSIS] = { "chassis_id", TOC_STRING, false, TOC_DEVICE, NULL,
			"the device: hardware address, name or other" },
	[F_PORT] = { "port_id", TOC_STRING, false, TOC_DEVICE, NULL, "its port" },
	[F_PORT_NAME] = { "port_description", TOC_STRING, false, TOC_DEVICE, NULL, "its port, in words" },
	[F_NAME] = { "system_name", TOC_STRING, false, TOC_DEVICE, NULL, "its name" },
	[F_DESCRIPTION] = { "system_description", TOC_STRING, false, TOC_DEVICE, NULL, "its make and software" },
	[F_PLATFORM] = { "platform", TOC_STRING, false, TOC_DEVICE, NULL, "CDP: its model" },
	[F_ADDRESS] = { "address", TOC_IP, false, TOC_DEVICE, NULL, "where it is managed" },
	[F_CAPABILITIES] = { "capabilities", TOC_UINT, false, TOC_OPEN, NULL, "what it can be, a set of bits" },
	[F_TTL] = { "hold_time", TOC_DURATION, false, TOC_OPEN, "s", "how long that holds" },
	[F_NATIVE_VLAN] = { "native_vlan", TOC_UINT, false, TOC_OPEN, NULL, "VLAN of frames without a tag" },
};

enum { VALUES_MOST = 64, TEXT_MOST = 255 };

static void put_text(struct toc_draft *d, unsigned field, struct toc_span s)
{
	while (s.n && s.p[s.n - 1] == 0)
		s.n--;
	if (s.n && !toc_draft_find(d, field))
		toc_put_str(d, field, toc_span_first(s, TEXT_MOST));
}

static void put_address(struct toc_draft *d, struct toc_span bytes)
{
	if ((bytes.n != 4 && bytes.n != 16) || toc_draft_find(d, F_ADDRESS))
		return;
	struct toc_addr addr = bytes.n == 4 ? toc_addr_v4(bytes.p) : toc_addr_v6(bytes.p);
	toc_put_ip(d, F_ADDRESS, &addr);
}

/* Hardware addresses as text, network addresses likewise, all else is text already. */
static void put_id(struct toc_draft *d, unsigned field, struct toc_cursor v, uint8_t mac, uint8_t network)
{
	uint8_t kind = toc_u8(&v);
	struct toc_span id = toc_rest(&v);
	char text[TOC_ADDR_TEXT];
	if (kind == mac && id.n == 6) {
		struct toc_mac address;
		memcpy(address.b, id.p, 6);
		put_text(d, field, toc_span_of(text, toc_mac_print(&address, text)));
	} else if (kind == network && id.n == 5 && id.p[0] == 1) {
		struct toc_addr addr = toc_addr_v4(id.p + 1);
		put_text(d, field, toc_span_of(text, toc_addr_print(&addr, text)));
	} else if (kind != network) {
		put_text(d, field, id);
	}
}

static void read_lldp_value(struct toc_draft *d, unsigned type, struct toc_cursor v)
{
	enum { CHASSIS = 1, PORT, TTL, PORT_NAME, NAME, DESCRIPTION, CAPABILITIES, ADDRESS, OWN = 127 };
	if (type == CHASSIS) {
		put_id(d, F_CHASSIS, v, 4, 5);
	} else if (type == PORT) {
		put_id(d, F_PORT, v, 3, 4);
	} else if (type == TTL) {
		toc_put_duration(d, F_TTL, toc_be16(&v) * TOC_SEC);
	} else if (type == PORT_NAME || type == NAME || type == DESCRIPTION) {
		static const uint8_t to[] = { F_PORT_NAME, F_NAME, F_DESCRIPTION };
		put_text(d, to[type - PORT_NAME], toc_rest(&v));
	} else if (type == CAPABILITIES) {
		toc_skip(&v, 2); /* what it could be; what it is follows */
		uint16_t bits = toc_be16(&v);
		if (!v.bad && !toc_draft_find(d, F_CAPABILITIES))
			toc_put_uint(d, F_CAPABILITIES, bits);
	} else if (type == ADDRESS) {
		struct toc_cursor addr = toc_sub(&v, toc_u8(&v));
		toc_skip(&addr, 1);
		put_address(d, toc_rest(&addr));
	} else if (type == OWN && toc_be24(&v) == 0x0080c2 && toc_u8(&v) == 1) {
		uint16_t vlan = toc_be16(&v);
		if (!v.bad && !toc_draft_find(d, F_NATIVE_VLAN))
			toc_put_uint(d, F_NATIVE_VLAN, vlan);
	}
}

static bool read_lldp(struct toc_draft *d, struct toc_cursor *in)
{
	for (unsigned i = 0; i < VALUES_MOST && toc_left(in); i++) {
		uint16_t head = toc_be16(in);
		struct toc_cursor v = toc_sub(in, head & 511);
		if (in->bad || (i == 0 && head >> 9 != 1)) /* the first is the chassis */
			return i >= 3;
		if (head >> 9 == 0)
			break;
		read_lldp_value(d, head >> 9, v);
	}
	return true;
}

/* The addresses of a CDP message: the first that is IPv4. */
static void read_cdp_addresses(struct toc_draft *d, struct toc_cursor v)
{
	uint32_t n = toc_be32(&v);
	for (uint32_t i = 0; i < n && i < 8 && !v.bad; i++) {
		toc_skip(&v, 1);
		toc_skip(&v, toc_u8(&v));
		struct toc_span addr = toc_take(&v, toc_be16(&v));
		if (!v.bad && addr.n == 4)
			put_address(d, addr);
	}
}

static bool read_cdp(struct toc_draft *d, struct toc_cursor *in)
{
	enum { DEVICE = 1, ADDRESSES, PORT, CAPABILITIES, SOFTWARE, PLATFORM, NATIVE_VLAN = 10 };
	uint8_t version = toc_u8(in), ttl = toc_u8(in);
	toc_skip(in, 2);
	if (in->bad || version == 0 || version > 2)
		return false;
	toc_put_duration(d, F_TTL, ttl * TOC_SEC);
	for (unsigned i = 0; i < VALUES_MOST && toc_left(in) >= 4; i++) {
		uint16_t type = toc_be16(in), n = toc_be16(in);
		struct toc_cursor v = toc_sub(in, n < 4 ? SIZE_MAX : n - 4u);
		if (in->bad)
			return i > 0;
		if (type == DEVICE) {
			put_text(d, F_CHASSIS, toc_rest(&v));
			put_text(d, F_NAME, toc_rest(&v));
		} else if (type == ADDRESSES) {
			read_cdp_addresses(d, v);
		} else if (type == PORT) {
			put_text(d, F_PORT, toc_rest(&v));
		} else if (type == CAPABILITIES && toc_left(&v) == 4 && !toc_draft_find(d, F_CAPABILITIES)) {
			toc_put_uint(d, F_CAPABILITIES, toc_be32(&v));
		} else if (type == SOFTWARE) {
			put_text(d, F_DESCRIPTION, toc_rest(&v));
		} else if (type == PLATFORM) {
			put_text(d, F_PLATFORM, toc_rest(&v));
		} else if (type == NATIVE_VLAN && toc_left(&v) == 2 && !toc_draft_find(d, F_NATIVE_VLAN)) {
			toc_put_uint(d, F_NATIVE_VLAN, toc_be16(&v));
		}
	}
	return true;
}

enum { LLDP_TYPE = 0x88cc };

static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *sink)
{
	const struct toc_packet *p = sink->flow->packet;
	bool lldp = p->link == LLDP_TYPE;
	struct toc_draft *d = toc_sink_begin(sink, K_NEIGHBOUR);
	(void)state;
	(void)dir;
	toc_put_cstr(d, F_PROTOCOL, lldp ? "lldp" : "cdp");
	if (p->has_mac)
		toc_put_mac(d, F_SRC_MAC, &p->src_mac);
	if (p->vlan)
		toc_put_uint(d, F_VLAN, p->vlan);
	if (lldp ? read_lldp(d, in) : read_cdp(d, in))
		toc_sink_commit(sink, d);
	return TOC_MORE;
}

static const uint64_t links[] = { LLDP_TYPE, TOC_LINK_SNAP(0x00000c, 0x2000), 0 };

const struct toc_decoder toc_decoder_lldp = {
	.name = "lldp",
	.carriers = TOC_OVER_LINK,
	.links = links,
	.fields = fields,
	.nfields = sizeof(fields) / sizeof(fields[0]),
	.parse = parse,
};

/* stp - bridges' messages: spanning tree, rapid and multiple (IEEE 802.1D-2004, clause 9; 802.1Q, 13), and Cisco's
 * PVST+. */
#include "tocsin/decoder.h"

enum field {
	K_STP,
	F_SRC_MAC,
	F_VLAN,
	F_VERSION,
	F_TYPE,
	F_ROOT,
	F_ROOT_PRIORITY,
	F_ROOT_COST,
	F_BRIDGE,
	F_BRIDGE_PRIORITY,
	F_PORT,
	F_CHANGE
};

static const struct toc_field_decl fields[] = {
	[K_STP] = { "stp", TOC_KIND, false, TOC_OPEN, NULL, "one bridge protocol message" },
	[F_SRC_MAC] = { "src_mac_seen", TOC_MAC, false, TOC_DEVICE, NULL, "source of the frame: a switch's port" },
	[F_VLAN] = { "vlan", TOC_UINT, false, TOC_OPEN, NULL, "VLAN that the frame came in" },
	[F_VERSION] = { "version", TOC_STRING, false, TOC_OPEN, NULL, "stp, rstp or mstp" },
	[F_TYPE] = { "type", TOC_STRING, false, TOC_OPEN, NULL, "configuration or topology_change" },
	[F_ROOT] = { "root", TOC_MAC, false, TOC_DEVICE, NULL, "bridge at the root, as the sender believes" },
	[F_ROOT_PRIORITY] = { "root_priority", TOC_UINT, false, TOC_OPEN, NULL, "its priority; the least wins" },
	[F_ROOT_COST] = { "root_cost", TOC_UINT, false, TOC_OPEN, NULL, "cost of the way there" },
	[F_BRIDGE] = { "bridge", TOC_MAC, false, TOC_DEVICE, NULL, "the sender" },
	[F_BRIDGE_PRIORITY] = { "bridge_priority", TOC_UINT, false, TOC_OPEN, NULL, "its priority" },
	[F_PORT] = { "port", TOC_UINT, false, TOC_OPEN, NULL, "port it was sent from" },
	[F_CHANGE] = { "topology_change", TOC_BOOL, false, TOC_OPEN, NULL, "the topology changes" },
};

enum { CONFIGURATION = 0, RAPID = 2, NOTIFICATION = 0x80 };

static void put_bridge(struct toc_draft *d, unsigned priority, unsigned mac, struct toc_cursor *c)
{
	uint16_t value = toc_be16(c);
	struct toc_span bytes = toc_take(c, 6);
	struct toc_mac address;
	if (c->bad)
		return;
	memcpy(address.b, bytes.p, 6);
	toc_put_uint(d, priority, value);
	toc_put_mac(d, mac, &address);
}

static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *sink)
{
	static const char *const versions[] = { "stp", NULL, "rstp", "mstp", "spb" };
	const struct toc_packet *p = sink->flow->packet;
	uint16_t protocol = toc_be16(in);
	uint8_t version = toc_u8(in), type = toc_u8(in);
	(void)state;
	(void)dir;
	if (in->bad || protocol || version > 4 || !versions[version] ||
	    (type != CONFIGURATION && type != RAPID && type != NOTIFICATION))
		return TOC_MORE;
	struct toc_draft *d = toc_sink_begin(sink, K_STP);
	if (p->has_mac)
		toc_put_mac(d, F_SRC_MAC, &p->src_mac);
	if (p->vlan)
		toc_put_uint(d, F_VLAN, p->vlan);
	toc_put_cstr(d, F_VERSION, versions[version]);
	toc_put_cstr(d, F_TYPE, type == NOTIFICATION ? "topology_change" : "configuration");
	if (type == NOTIFICATION) {
		toc_put_bool(d, F_CHANGE, true);
	} else {
		uint8_t flags = toc_u8(in);
		put_bridge(d, F_ROOT_PRIORITY, F_ROOT, in);
		uint32_t cost = toc_be32(in);
		if (!in->bad)
			toc_put_uint(d, F_ROOT_COST, cost);
		put_bridge(d, F_BRIDGE_PRIORITY, F_BRIDGE, in);
		uint16_t port = toc_be16(in);
		if (!in->bad)
			toc_put_uint(d, F_PORT, port);
		toc_put_bool(d, F_CHANGE, flags & 1);
	}
	toc_sink_commit(sink, d);
	return TOC_MORE;
}

static const uint64_t links[] = { TOC_LINK_LLC(0x42), TOC_LINK_SNAP(0x00000c, 0x010b), 0 };

const struct toc_decoder toc_decoder_stp = {
	.name = "stp",
	.carriers = TOC_OVER_LINK,
	.links = links,
	.fields = fields,
	.nfields = sizeof(fields) / sizeof(fields[0]),
	.parse = parse,
};

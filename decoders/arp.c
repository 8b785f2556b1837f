/* arp - who has which address on the link (RFC 826; gratuitous and probe: RFC 5227). */
#include "tocsin/decoder.h"

enum field {
	K_ARP,
	F_OP,
	F_SENDER_IP,
	F_SENDER_MAC,
	F_TARGET_IP,
	F_TARGET_MAC,
	F_GRATUITOUS,
	F_PROBE,
	F_SRC_MAC,
	F_DST_MAC,
	F_VLAN
};

static const struct toc_field_decl fields[] = {
	[K_ARP] = { "arp", TOC_KIND, false, TOC_OPEN, NULL, "one ARP message" },
	[F_OP] = { "op", TOC_STRING, false, TOC_OPEN, NULL, "request or reply" },
	[F_SENDER_IP] = { "sender_ip", TOC_IP, false, TOC_DEVICE, NULL,
			  "address the sender claims; 0.0.0.0 in a probe" },
	[F_SENDER_MAC] = { "sender_mac", TOC_MAC, false, TOC_DEVICE, NULL, "hardware address it claims it with" },
	[F_TARGET_IP] = { "target_ip", TOC_IP, false, TOC_DEVICE, NULL, "address asked for, or who is answered" },
	[F_TARGET_MAC] = { "target_mac", TOC_MAC, false, TOC_DEVICE, NULL, "its hardware address, where filled in" },
	[F_GRATUITOUS] = { "gratuitous", TOC_BOOL, false, TOC_OPEN, NULL,
			   "said without being asked: about itself, or a reply to everybody" },
	[F_PROBE] = { "probe", TOC_BOOL, false, TOC_OPEN, NULL, "asks whether an address is free, claims nothing" },
	[F_SRC_MAC] = { "src_mac", TOC_MAC, false, TOC_DEVICE, NULL,
			"source of the frame, where it is not sender_mac" },
	[F_DST_MAC] = { "dst_mac", TOC_MAC, false, TOC_DEVICE, NULL, "destination of the frame" },
	[F_VLAN] = { "vlan", TOC_UINT, false, TOC_OPEN, NULL, "of the frame" },
};

enum { ETHERNET = 1, IEEE_802 = 6, IPV4 = 0x0800 };
enum { OP_REQUEST = 1, OP_REPLY = 2 };

struct message {
	uint16_t op;
	struct toc_mac sender_mac, target_mac;
	struct toc_addr sender_ip, target_ip;
};

static struct toc_mac read_mac(struct toc_cursor *in)
{
	struct toc_mac mac = { { 0 } };
	struct toc_span s = toc_take(in, sizeof(mac.b));
	if (s.n)
		memcpy(mac.b, s.p, s.n);
	return mac;
}

static struct toc_addr read_ip(struct toc_cursor *in)
{
	static const uint8_t none[4];
	struct toc_span s = toc_take(in, 4);
	return toc_addr_v4(s.n ? s.p : none);
}

/* NULL when it is a message of ours, whole; else what is odd about it. */
static const char *read_message(struct toc_cursor *in, struct message *m)
{
	uint16_t hardware = toc_be16(in), protocol = toc_be16(in);
	uint8_t hardware_n = toc_u8(in), protocol_n = toc_u8(in);
	m->op = toc_be16(in);
	if (in->bad)
		return "truncated_ARP";
	if ((hardware != ETHERNET && hardware != IEEE_802) || protocol != IPV4 || hardware_n != 6 || protocol_n != 4)
		return "corrupt_arp_header";
	m->sender_mac = read_mac(in);
	m->sender_ip = read_ip(in);
	m->target_mac = read_mac(in);
	m->target_ip = read_ip(in);
	if (in->bad)
		return "truncated_ARP";
	return m->op == OP_REQUEST || m->op == OP_REPLY ? NULL : "unknown_arp_opcode";
}

static bool is_any(const struct toc_addr *a)
{
	static const uint8_t none[4];
	return memcmp(a->b + 12, none, 4) == 0;
}

static bool is_filled(const struct toc_mac *m)
{
	static const struct toc_mac zero;
	return memcmp(m->b, zero.b, sizeof(m->b)) != 0;
}

static bool same_mac(const struct toc_mac *a, const struct toc_mac *b)
{
	return memcmp(a->b, b->b, sizeof(a->b)) == 0;
}

static void put_message(struct toc_draft *d, const struct message *m, const struct toc_packet *p)
{
	bool probe = is_any(&m->sender_ip), to_group = p->has_mac && (p->dst_mac.b[0] & 1);
	bool about_itself = toc_addr_eq(&m->sender_ip, &m->target_ip);
	toc_put_cstr(d, F_OP, m->op == OP_REQUEST ? "request" : "reply");
	toc_put_ip(d, F_SENDER_IP, &m->sender_ip);
	toc_put_mac(d, F_SENDER_MAC, &m->sender_mac);
	toc_put_ip(d, F_TARGET_IP, &m->target_ip);
	if (is_filled(&m->target_mac))
		toc_put_mac(d, F_TARGET_MAC, &m->target_mac);
	toc_put_bool(d, F_GRATUITOUS, !probe && (about_itself || (m->op == OP_REPLY && to_group)));
	toc_put_bool(d, F_PROBE, probe && m->op == OP_REQUEST);
	if (p->has_mac && !same_mac(&p->src_mac, &m->sender_mac))
		toc_put_mac(d, F_SRC_MAC, &p->src_mac);
	if (p->has_mac)
		toc_put_mac(d, F_DST_MAC, &p->dst_mac);
	if (p->vlan)
		toc_put_uint(d, F_VLAN, p->vlan);
}

static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *sink)
{
	struct message m;
	(void)state;
	(void)dir;
	const char *odd = read_message(in, &m);
	if (odd) {
		toc_sink_weird(sink, odd);
		return TOC_MORE;
	}
	struct toc_draft *d = toc_sink_begin(sink, K_ARP);
	put_message(d, &m, sink->flow->packet);
	toc_sink_commit(sink, d);
	return TOC_MORE;
}

static enum toc_probe probe_first(struct toc_span first, enum toc_dir dir, bool hint)
{
	(void)first;
	(void)dir;
	(void)hint;
	return TOC_NO; /* never asked: the carrier itself tells */
}

const struct toc_decoder toc_decoder_arp = {
	.name = "arp",
	.carriers = TOC_OVER_ARP,
	.fields = fields,
	.nfields = sizeof(fields) / sizeof(fields[0]),
	.probe = probe_first,
	.parse = parse,
};

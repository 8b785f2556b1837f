/* nd - neighbours, routers and prefixes as IPv6 hosts learn them (RFC 4861; DNS options: RFC 8106). */
#include "tocsin/decoder.h"

enum field {
	K_ND,
	F_TYPE,
	F_SRC,
	F_DST,
	F_TARGET,
	F_TARGET_MAC,
	F_SOURCE_MAC,
	F_SRC_MAC,
	F_ROUTER,
	F_SOLICITED,
	F_OVERRIDE,
	F_PROBE,
	F_HOP_LIMIT,
	F_MANAGED,
	F_OTHER,
	F_PREFERENCE,
	F_ROUTER_LIFETIME,
	F_PREFIXES,
	F_MTU,
	F_DNS_SERVERS,
	F_VLAN
};

static const struct toc_field_decl fields[] = {
	[K_ND] = { "nd", TOC_KIND, false, TOC_OPEN, NULL, "one message of IPv6 neighbour discovery" },
	[F_TYPE] = { "type", TOC_STRING, false, TOC_OPEN, NULL, "RS, RA, NS or NA" },
	[F_SRC] = { "src", TOC_IP, false, TOC_DEVICE, NULL, "who sent it" },
	[F_DST] = { "dst", TOC_IP, false, TOC_DEVICE, NULL, "to whom" },
	[F_TARGET] = { "target", TOC_IP, false, TOC_DEVICE, NULL, "NS, NA: the address it is about" },
	[F_TARGET_MAC] = { "target_mac", TOC_MAC, false, TOC_DEVICE, NULL, "NA: its hardware address" },
	[F_SOURCE_MAC] = { "source_mac", TOC_MAC, false, TOC_DEVICE, NULL, "hardware address the sender gives as its" },
	[F_SRC_MAC] = { "src_mac", TOC_MAC, false, TOC_DEVICE, NULL, "source of the frame" },
	[F_ROUTER] = { "router", TOC_BOOL, false, TOC_OPEN, NULL, "NA: the target is a router" },
	[F_SOLICITED] = { "solicited", TOC_BOOL, false, TOC_OPEN, NULL, "NA: the answer to a question" },
	[F_OVERRIDE] = { "override", TOC_BOOL, false, TOC_OPEN, NULL, "NA: replaces what was known before" },
	[F_PROBE] = { "probe", TOC_BOOL, false, TOC_OPEN, NULL, "NS: asks whether an address is free" },
	[F_HOP_LIMIT] = { "hop_limit", TOC_UINT, false, TOC_OPEN, NULL, "RA: what hosts shall use; 0 = not told" },
	[F_MANAGED] = { "managed", TOC_BOOL, false, TOC_OPEN, NULL, "RA: addresses come from DHCPv6" },
	[F_OTHER] = { "other", TOC_BOOL, false, TOC_OPEN, NULL, "RA: other settings come from DHCPv6" },
	[F_PREFERENCE] = { "preference", TOC_STRING, false, TOC_OPEN, NULL, "RA: low, medium or high (RFC 4191)" },
	[F_ROUTER_LIFETIME] = { "router_lifetime", TOC_DURATION, false, TOC_OPEN, "s",
				"RA: how long it is a default router; 0 = it is none" },
	[F_PREFIXES] = { "prefixes", TOC_STRING, true, TOC_OPEN, NULL, "RA: prefixes on the link, as 2001:db8::/64" },
	[F_MTU] = { "mtu", TOC_UINT, false, TOC_OPEN, "B", "RA: of the link" },
	[F_DNS_SERVERS] = { "dns_servers", TOC_IP, true, TOC_OPEN, NULL, "RA: resolvers to use" },
	[F_VLAN] = { "vlan", TOC_UINT, false, TOC_OPEN, NULL, "of the frame" },
};

enum { RS = 133, RA, NS, NA };
enum { OPT_SOURCE = 1, OPT_TARGET = 2, OPT_PREFIX = 3, OPT_MTU = 5, OPT_RDNSS = 25 };
enum {
	HOPS = 255, /* one router would have made it less: so it is from this link (RFC 4861, section 7.1) */
	LISTED = 16 /* prefixes, and resolvers, of one event */
};

/* What one message said. Lists are gathered first: a draft takes one list at a time. */
struct message {
	uint8_t type;
	uint32_t flags;
	uint8_t hop_limit;
	uint16_t lifetime;
	struct toc_addr target;
	struct toc_mac source_mac, target_mac;
	bool have_source, have_target;
	uint32_t mtu;
	struct {
		struct toc_addr addr;
		uint8_t bits;
	} prefixes[LISTED];
	struct toc_addr resolvers[LISTED];
	unsigned nprefixes, nresolvers, lost;
};

static struct toc_addr read_ip(struct toc_cursor *in)
{
	static const uint8_t none[16];
	struct toc_span s = toc_take(in, 16);
	return toc_addr_v6(s.n ? s.p : none);
}

static void read_mac(struct toc_cursor *in, struct toc_mac *mac, bool *have)
{
	struct toc_span s = toc_take(in, sizeof(mac->b));
	if (!s.n)
		return;
	memcpy(mac->b, s.p, s.n);
	*have = true;
}

static void read_prefix(struct message *m, struct toc_cursor *in)
{
	uint8_t bits = toc_u8(in);
	toc_skip(in, 13); /* flags, valid and preferred lifetime, reserved */
	struct toc_addr addr = read_ip(in);
	if (in->bad || bits > 128)
		return;
	if (m->nprefixes == LISTED) {
		m->lost++;
		return;
	}
	m->prefixes[m->nprefixes].addr = addr;
	m->prefixes[m->nprefixes++].bits = bits;
}

static void read_resolvers(struct message *m, struct toc_cursor *in)
{
	toc_skip(in, 6); /* reserved, lifetime */
	while (!in->bad && toc_left(in) >= 16) {
		struct toc_addr addr = read_ip(in);
		if (m->nresolvers == LISTED)
			m->lost++;
		else
			m->resolvers[m->nresolvers++] = addr;
	}
}

static void read_option(struct message *m, uint8_t type, struct toc_cursor *body)
{
	bool router = m->type == RA;
	if (type == OPT_SOURCE && m->type != NA)
		read_mac(body, &m->source_mac, &m->have_source);
	else if (type == OPT_TARGET && m->type == NA)
		read_mac(body, &m->target_mac, &m->have_target);
	else if (type == OPT_PREFIX && router)
		read_prefix(m, body);
	else if (type == OPT_RDNSS && router)
		read_resolvers(m, body);
	else if (type == OPT_MTU && router) {
		toc_skip(body, 2);
		m->mtu = toc_be32(body);
	}
}

/* False when an option does not end where it says, or says nothing: hosts drop such a message, and so do we. */
static bool read_options(struct message *m, struct toc_cursor *in)
{
	while (toc_left(in)) {
		uint8_t type = toc_u8(in), words = toc_u8(in);
		if (in->bad || words == 0)
			return false;
		struct toc_cursor body = toc_sub(in, (size_t)words * 8 - 2);
		if (body.bad)
			return false;
		read_option(m, type, &body);
	}
	return true;
}

static bool read_message(struct message *m, struct toc_cursor *in)
{
	toc_skip(in, 3); /* code, checksum */
	if (m->type == RA) {
		m->hop_limit = toc_u8(in);
		m->flags = toc_u8(in);
		m->lifetime = toc_be16(in);
		toc_skip(in, 8); /* reachable time, retransmission timer */
	} else {
		m->flags = toc_be32(in);
	}
	if (m->type == NS || m->type == NA)
		m->target = read_ip(in);
	return !in->bad && read_options(m, in);
}

static void put_prefixes(struct toc_draft *d, const struct message *m)
{
	for (unsigned i = 0; i < m->nprefixes; i++) {
		char text[TOC_ADDR_TEXT + 4];
		uint8_t bits = m->prefixes[i].bits;
		size_t n = toc_addr_print(&m->prefixes[i].addr, text);
		text[n++] = '/';
		if (bits >= 100)
			text[n++] = '1';
		if (bits >= 10)
			text[n++] = (char)('0' + bits / 10 % 10);
		text[n++] = (char)('0' + bits % 10);
		toc_list_str(d, F_PREFIXES, toc_span_of(text, n));
	}
}

static void put_router(struct toc_draft *d, const struct message *m)
{
	static const char *const preferences[] = { "medium", "high", "medium", "low" };
	toc_put_uint(d, F_HOP_LIMIT, m->hop_limit);
	toc_put_bool(d, F_MANAGED, (m->flags & 0x80) != 0);
	toc_put_bool(d, F_OTHER, (m->flags & 0x40) != 0);
	toc_put_cstr(d, F_PREFERENCE, preferences[m->flags >> 3 & 3]);
	toc_put_duration(d, F_ROUTER_LIFETIME, m->lifetime * TOC_SEC);
	put_prefixes(d, m);
	if (m->mtu)
		toc_put_uint(d, F_MTU, m->mtu);
	for (unsigned i = 0; i < m->nresolvers; i++)
		toc_list_ip(d, F_DNS_SERVERS, &m->resolvers[i]);
}

static void put_neighbour(struct toc_draft *d, const struct message *m, const struct toc_packet *p)
{
	static const struct toc_addr none;
	toc_put_ip(d, F_TARGET, &m->target);
	if (m->type == NS) {
		toc_put_bool(d, F_PROBE, toc_addr_eq(&p->src, &none));
		return;
	}
	toc_put_bool(d, F_ROUTER, m->flags >> 31 & 1);
	toc_put_bool(d, F_SOLICITED, m->flags >> 30 & 1);
	toc_put_bool(d, F_OVERRIDE, m->flags >> 29 & 1);
}

static void put_message(struct toc_draft *d, const struct message *m, const struct toc_packet *p)
{
	static const char *const names[] = { "RS", "RA", "NS", "NA" };
	toc_put_cstr(d, F_TYPE, names[m->type - RS]);
	toc_put_ip(d, F_SRC, &p->src);
	toc_put_ip(d, F_DST, &p->dst);
	if (m->have_source)
		toc_put_mac(d, F_SOURCE_MAC, &m->source_mac);
	if (m->have_target)
		toc_put_mac(d, F_TARGET_MAC, &m->target_mac);
	if (p->has_mac)
		toc_put_mac(d, F_SRC_MAC, &p->src_mac);
	if (p->vlan)
		toc_put_uint(d, F_VLAN, p->vlan);
	if (m->type == RA)
		put_router(d, m);
	else if (m->type != RS)
		put_neighbour(d, m, p);
	d->head.lost = (uint16_t)(d->head.lost + m->lost);
}

static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *sink)
{
	const struct toc_packet *p = sink->flow->packet;
	struct message m = { .type = toc_u8(in) };
	(void)state;
	(void)dir;
	if (m.type < RS || m.type > NA)
		return TOC_MORE;
	if (p->ttl != HOPS) {
		toc_sink_weird(sink, "nd_from_another_link");
		return TOC_MORE;
	}
	if (!read_message(&m, in)) {
		toc_sink_weird(sink, "nd_malformed");
		return TOC_MORE;
	}
	struct toc_draft *d = toc_sink_begin(sink, K_ND);
	put_message(d, &m, p);
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

const struct toc_decoder toc_decoder_nd = {
	.name = "nd",
	.carriers = TOC_OVER_ICMP6,
	.fields = fields,
	.nfields = sizeof(fields) / sizeof(fields[0]),
	.probe = probe_first,
	.parse = parse,
};

/* dhcpv6 - each DHCPv6 message, relayed ones with what the relay adds (RFC 8415, 3646, 4704, 4649, 6939). */
#include "tocsin/decoder.h"

enum field {
	K_MESSAGE,
	F_MSG_TYPE,
	F_XID,
	F_CLIENT_DUID,
	F_SERVER_DUID,
	F_MAC,
	F_SRC_ADDR,
	F_SRC_MAC,
	F_LINK_ADDR,
	F_PEER_ADDR,
	F_HOPS,
	F_ADDRESSES,
	F_PREFIXES,
	F_LEASE_TIME,
	F_PARAM_LIST,
	F_STATUS,
	F_STATUS_TEXT,
	F_CLIENT_FQDN,
	F_CLIENT_SOFTWARE,
	F_DNS_SERVERS,
	F_DOMAINS,
	F_BOOT_URL,
	F_CIRCUIT_ID,
	F_REMOTE_ID
};

static const struct toc_field_decl fields[] = {
	[K_MESSAGE] = { "dhcpv6_message", TOC_KIND, false, TOC_OPEN, NULL, "one DHCPv6 message" },
	[F_MSG_TYPE] = { "msg_type", TOC_STRING, false, TOC_OPEN, NULL, "SOLICIT, ADVERTISE, REQUEST, REPLY …" },
	[F_XID] = { "xid", TOC_UINT, false, TOC_OPEN, NULL, "transaction that it belongs to" },
	[F_CLIENT_DUID] = { "client_duid", TOC_STRING, false, TOC_DEVICE, NULL, "the client's identifier, in hex" },
	[F_SERVER_DUID] = { "server_duid", TOC_STRING, false, TOC_DEVICE, NULL, "the server's identifier, in hex" },
	[F_MAC] = { "mac", TOC_MAC, false, TOC_DEVICE, NULL, "the client's hardware address, by relay or identifier" },
	[F_SRC_ADDR] = { "src_addr", TOC_IP, false, TOC_DEVICE, NULL, "who sent the packet" },
	[F_SRC_MAC] = { "src_mac_seen", TOC_MAC, false, TOC_DEVICE, NULL, "source of the frame" },
	[F_LINK_ADDR] = { "link_addr", TOC_IP, false, TOC_OPEN, NULL, "relay: the client's network" },
	[F_PEER_ADDR] = { "peer_addr", TOC_IP, false, TOC_DEVICE, NULL, "relay: the client's address" },
	[F_HOPS] = { "hops", TOC_UINT, false, TOC_OPEN, NULL, "relays on the way" },
	[F_ADDRESSES] = { "addresses", TOC_IP, true, TOC_DEVICE, NULL, "addresses given or asked for" },
	[F_PREFIXES] = { "prefixes", TOC_STRING, true, TOC_DEVICE, NULL, "prefixes given or asked for" },
	[F_LEASE_TIME] = { "lease_time", TOC_DURATION, false, TOC_OPEN, "s", "valid lifetime of the first of them" },
	[F_PARAM_LIST] = { "param_list", TOC_UINT, true, TOC_OPEN, NULL,
			   "options the client asks for, in its order: tells systems apart" },
	[F_STATUS] = { "status_code", TOC_UINT, false, TOC_OPEN, NULL, "0 = success; 2 = no address is left" },
	[F_STATUS_TEXT] = { "server_message", TOC_STRING, false, TOC_OPEN, NULL, "what the server says to it" },
	[F_CLIENT_FQDN] = { "client_fqdn", TOC_STRING, false, TOC_DEVICE, NULL, "the client's full name" },
	[F_CLIENT_SOFTWARE] = { "client_software", TOC_STRING, false, TOC_DEVICE, NULL, "the client's vendor class" },
	[F_DNS_SERVERS] = { "dns_servers", TOC_IP, true, TOC_OPEN, NULL, "resolvers the client shall use" },
	[F_DOMAINS] = { "domain", TOC_STRING, false, TOC_OPEN, NULL, "first domain the client shall search" },
	[F_BOOT_URL] = { "boot_file", TOC_STRING, false, TOC_OPEN, NULL, "what to boot" },
	[F_CIRCUIT_ID] = { "circuit_id", TOC_STRING, false, TOC_DEVICE, NULL, "relay: port the client is on" },
	[F_REMOTE_ID] = { "agent_remote_id", TOC_STRING, false, TOC_DEVICE, NULL, "relay: the far end of that port" },
};

enum { RELAY_FORW = 12, RELAY_REPL = 13, TYPES = 24 };
enum { RELAYS_MOST = 8, OPTIONS_MOST = 128, LISTED = 32, NAME = 255, DUID_MOST = 128 };

/* Options, by number (IANA dhcpv6-parameters). */
enum {
	CLIENT_ID = 1,
	SERVER_ID = 2,
	IA_NA = 3,
	IA_TA = 4,
	IA_ADDR = 5,
	ORO = 6,
	RELAY_MESSAGE = 9,
	STATUS = 13,
	VENDOR_CLASS = 16,
	INTERFACE_ID = 18,
	DNS_SERVERS = 23,
	DOMAIN_LIST = 24,
	IA_PD = 25,
	IA_PREFIX = 26,
	REMOTE_ID = 37,
	CLIENT_FQDN = 39,
	BOOT_URL = 59,
	CLIENT_LINK = 79
};

static const char *const names[TYPES] = {
	NULL,
	"SOLICIT",
	"ADVERTISE",
	"REQUEST",
	"CONFIRM",
	"RENEW",
	"REBIND",
	"REPLY",
	"RELEASE",
	"DECLINE",
	"RECONFIGURE",
	"INFORMATION-REQUEST",
	"RELAY-FORW",
	"RELAY-REPL",
	"LEASEQUERY",
	"LEASEQUERY-REPLY",
	"LEASEQUERY-DONE",
	"LEASEQUERY-DATA",
	"RECONFIGURE-REQUEST",
	"RECONFIGURE-REPLY",
	"DHCPV4-QUERY",
	"DHCPV4-RESPONSE",
	"ACTIVELEASEQUERY",
	"STARTTLS",
};

struct reading {
	struct toc_draft *d;
	unsigned options; /* read so far: a bound on the work */
	unsigned listed;
	bool bad;
};

/* Lists of one event must not be mixed: one pass an option that makes a list. */
struct option {
	uint16_t code;
	struct toc_cursor value;
};

static bool next_option(struct reading *r, struct toc_cursor *c, struct option *o)
{
	if (!toc_left(c) || c->bad || r->options++ == OPTIONS_MOST)
		return false;
	o->code = toc_be16(c);
	uint16_t n = toc_be16(c);
	o->value = toc_sub(c, n);
	r->bad |= c->bad;
	return !c->bad;
}

static void put_hex(struct toc_draft *d, unsigned field, struct toc_span v)
{
	static const char digits[] = "0123456789abcdef";
	char text[2 * DUID_MOST];
	v = toc_span_first(v, DUID_MOST);
	for (size_t i = 0; i < v.n; i++) {
		text[2 * i] = digits[v.p[i] >> 4];
		text[2 * i + 1] = digits[v.p[i] & 15];
	}
	if (v.n && !toc_draft_find(d, field))
		toc_put_str(d, field, toc_span_of(text, 2 * v.n));
}

static void put_mac(struct toc_draft *d, struct toc_span bytes)
{
	struct toc_mac mac;
	if (bytes.n != sizeof(mac.b) || toc_draft_find(d, F_MAC))
		return;
	memcpy(mac.b, bytes.p, sizeof(mac.b));
	toc_put_mac(d, F_MAC, &mac);
}

/* RFC 8415, section 11: identifiers of types 1 and 3 carry an Ethernet address */
static void put_client_id(struct toc_draft *d, struct toc_cursor v)
{
	put_hex(d, F_CLIENT_DUID, toc_rest(&v));
	uint16_t type = toc_be16(&v), hardware = toc_be16(&v);
	if (hardware != 1 || (type != 1 && type != 3))
		return;
	toc_skip(&v, type == 1 ? 4 : 0);
	if (!v.bad)
		put_mac(d, toc_rest(&v));
}

static void put_labels(struct toc_draft *d, unsigned field, struct toc_cursor c)
{
	uint8_t text[NAME];
	size_t n = 0;
	while (toc_left(&c)) {
		struct toc_span label = toc_take(&c, toc_u8(&c));
		if (c.bad || !label.n || label.n > 63 || n + label.n + 1 > NAME)
			break;
		if (n)
			text[n++] = '.';
		memcpy(text + n, label.p, label.n);
		n += label.n;
	}
	if (n && !toc_draft_find(d, field))
		toc_put_str(d, field, toc_span_of(text, n));
}

static void put_status(struct toc_draft *d, struct toc_cursor v)
{
	uint16_t code = toc_be16(&v);
	struct toc_slot *s = toc_draft_find(d, F_STATUS);
	if (v.bad || (s && (s->bits || !code)))
		return;
	if (s)
		s->bits = code;
	else
		toc_put_uint(d, F_STATUS, code);
	if (toc_left(&v) && !toc_draft_find(d, F_STATUS_TEXT))
		toc_put_str(d, F_STATUS_TEXT, toc_rest(&v));
}

static void put_lease(struct toc_draft *d, uint32_t seconds)
{
	if (!toc_draft_find(d, F_LEASE_TIME))
		toc_put_duration(d, F_LEASE_TIME, seconds * TOC_SEC);
}

/* RFC 8415, sections 21.6 and 21.22 */
static void put_address(struct reading *r, struct toc_cursor v)
{
	struct toc_span addr = toc_take(&v, 16);
	toc_skip(&v, 4);
	uint32_t valid = toc_be32(&v);
	if (v.bad || r->listed++ >= LISTED)
		return;
	struct toc_addr a = toc_addr_v6(addr.p);
	toc_list_ip(r->d, F_ADDRESSES, &a);
	put_lease(r->d, valid);
}

static void put_prefix(struct reading *r, struct toc_cursor v)
{
	char text[TOC_ADDR_TEXT + 4];
	toc_skip(&v, 4);
	uint32_t valid = toc_be32(&v);
	uint8_t bits = toc_u8(&v);
	struct toc_span addr = toc_take(&v, 16);
	if (v.bad || bits > 128 || r->listed++ >= LISTED)
		return;
	struct toc_addr a = toc_addr_v6(addr.p);
	size_t n = toc_addr_print(&a, text);
	text[n++] = '/';
	if (bits >= 100)
		text[n++] = '1';
	if (bits >= 10)
		text[n++] = (char)('0' + bits / 10 % 10);
	text[n++] = (char)('0' + bits % 10);
	toc_list_str(r->d, F_PREFIXES, toc_span_of(text, n));
	put_lease(r->d, valid);
}

/* What stands in the associations: one kind of element a pass. */
static void read_associations(struct reading *r, struct toc_cursor options, uint16_t kind)
{
	struct option o, in;
	while (next_option(r, &options, &o)) {
		if (o.code != IA_NA && o.code != IA_TA && o.code != IA_PD)
			continue;
		toc_skip(&o.value, o.code == IA_TA ? 4 : 12);
		while (next_option(r, &o.value, &in)) {
			if (in.code == kind && kind == IA_ADDR)
				put_address(r, in.value);
			else if (in.code == kind && kind == IA_PREFIX)
				put_prefix(r, in.value);
			else if (in.code == STATUS && kind == STATUS)
				put_status(r->d, in.value);
		}
	}
}

static void put_list(struct reading *r, uint16_t code, struct toc_cursor v)
{
	for (unsigned i = 0; code == ORO && toc_left(&v) >= 2 && i < LISTED; i++)
		toc_list_uint(r->d, F_PARAM_LIST, toc_be16(&v));
	for (unsigned i = 0; code == DNS_SERVERS && toc_left(&v) >= 16 && i < LISTED; i++) {
		struct toc_addr a = toc_addr_v6(toc_take(&v, 16).p);
		toc_list_ip(r->d, F_DNS_SERVERS, &a);
	}
}

/* RFC 8415, section 21.16: the first of the vendor's strings */
static void put_vendor(struct toc_draft *d, struct toc_cursor v)
{
	toc_skip(&v, 4);
	struct toc_span text = toc_take(&v, toc_be16(&v));
	if (!v.bad && text.n && !toc_draft_find(d, F_CLIENT_SOFTWARE))
		toc_put_str(d, F_CLIENT_SOFTWARE, text);
}

static void put_option(struct reading *r, struct option *o)
{
	struct toc_draft *d = r->d;
	if (o->code == CLIENT_ID)
		put_client_id(d, o->value);
	else if (o->code == SERVER_ID)
		put_hex(d, F_SERVER_DUID, toc_rest(&o->value));
	else if (o->code == STATUS)
		put_status(d, o->value);
	else if (o->code == VENDOR_CLASS)
		put_vendor(d, o->value);
	else if (o->code == CLIENT_FQDN && toc_left(&o->value)) {
		toc_skip(&o->value, 1);
		put_labels(d, F_CLIENT_FQDN, o->value);
	} else if (o->code == DOMAIN_LIST)
		put_labels(d, F_DOMAINS, o->value);
	else if (o->code == BOOT_URL && toc_left(&o->value) && !toc_draft_find(d, F_BOOT_URL))
		toc_put_str(d, F_BOOT_URL, toc_rest(&o->value));
	else
		put_list(r, o->code, o->value);
}

static void put_relay_option(struct toc_draft *d, struct option *o)
{
	if (o->code == INTERFACE_ID && toc_left(&o->value) && !toc_draft_find(d, F_CIRCUIT_ID))
		toc_put_str(d, F_CIRCUIT_ID, toc_rest(&o->value));
	if (o->code == REMOTE_ID && toc_left(&o->value) > 4 && !toc_draft_find(d, F_REMOTE_ID))
		toc_put_str(d, F_REMOTE_ID, toc_span_from(toc_rest(&o->value), 4));
	if (o->code == CLIENT_LINK && toc_be16(&o->value) == 1 && !o->value.bad)
		put_mac(d, toc_rest(&o->value));
}

/* Steps into the message that a relay carries. The innermost relay is the client's. False: there is none. */
static bool read_relay(struct reading *r, struct toc_cursor *c, uint8_t *type, unsigned *hops)
{
	struct option o;
	struct toc_cursor message = { 0 };
	toc_skip(c, 1);
	struct toc_span link = toc_take(c, 16), peer = toc_take(c, 16);
	bool found = false;
	while (!c->bad && next_option(r, c, &o)) {
		if (o.code == RELAY_MESSAGE && !found) {
			message = o.value;
			found = true;
		} else {
			put_relay_option(r->d, &o);
		}
	}
	if (!found)
		return false;
	*c = message;
	*type = toc_u8(c);
	++*hops;
	if (*type != RELAY_FORW && *type != RELAY_REPL) {
		struct toc_addr l = toc_addr_v6(link.p), p = toc_addr_v6(peer.p);
		toc_put_ip(r->d, F_LINK_ADDR, &l);
		toc_put_ip(r->d, F_PEER_ADDR, &p);
	}
	return !c->bad;
}

static void read_message(struct reading *r, struct toc_cursor c, uint8_t type)
{
	struct option o;
	toc_put_cstr(r->d, F_MSG_TYPE, type < TYPES && names[type] ? names[type] : "unknown");
	toc_put_uint(r->d, F_XID, toc_be24(&c));
	struct toc_cursor options = c;
	while (next_option(r, &c, &o))
		put_option(r, &o);
	read_associations(r, options, IA_ADDR);
	read_associations(r, options, IA_PREFIX);
	read_associations(r, options, STATUS);
}

/* Never BAD: all clients of a link share the servers' group. */
static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *sink)
{
	const struct toc_packet *p = sink->flow->packet;
	uint8_t type = toc_u8(in);
	unsigned hops = 0;
	(void)state;
	(void)dir;
	if (type == 0 || type >= TYPES || toc_left(in) < 3) {
		toc_sink_weird(sink, "dhcpv6_malformed_header");
		return TOC_MORE;
	}
	struct reading r = { .d = toc_sink_begin(sink, K_MESSAGE) };
	toc_put_ip(r.d, F_SRC_ADDR, &p->src);
	if (p->has_mac)
		toc_put_mac(r.d, F_SRC_MAC, &p->src_mac);
	while ((type == RELAY_FORW || type == RELAY_REPL) && hops < RELAYS_MOST)
		if (!read_relay(&r, in, &type, &hops))
			break;
	toc_put_uint(r.d, F_HOPS, hops);
	read_message(&r, *in, type);
	toc_sink_commit(sink, r.d);
	if (r.bad)
		toc_sink_weird(sink, "dhcpv6_truncated_option");
	else
		toc_sink_confirm(sink, NULL);
	return TOC_MORE;
}

/* Only where clients, servers and relays talk: the header alone tells too little. */
static enum toc_probe probe(struct toc_span first, enum toc_dir dir, bool hint)
{
	(void)dir;
	return hint && first.n >= 4 && first.p[0] && first.p[0] < TYPES ? TOC_YES : TOC_NO;
}

static const uint16_t udp_ports[] = { 546, 547, 0 };

const struct toc_decoder toc_decoder_dhcpv6 = {
	.name = "dhcpv6",
	.carriers = TOC_OVER_UDP,
	.udp_ports = udp_ports,
	.fields = fields,
	.nfields = sizeof(fields) / sizeof(fields[0]),
	.probe = probe,
	.parse = parse,
};

/* dhcp - each DHCPv4 message as an event (RFC 2131, 2132, 3046, 3396, 4702); the observer joins them. */
#include "tocsin/decoder.h"

enum field {
	K_MESSAGE,
	F_XID,
	F_OP,
	F_MSG_TYPE,
	F_MAC,
	F_SRC_ADDR,
	F_SRC_MAC,
	F_CIADDR,
	F_YIADDR,
	F_SIADDR,
	F_GIADDR,
	F_SERVER_ADDR,
	F_REQUESTED_ADDR,
	F_HOST_NAME,
	F_CLIENT_FQDN,
	F_DOMAIN,
	F_LEASE_TIME,
	F_CLIENT_MESSAGE,
	F_SERVER_MESSAGE,
	F_CLIENT_SOFTWARE,
	F_SERVER_SOFTWARE,
	F_PARAM_LIST,
	F_FINGERPRINT,
	F_SUBNET_MASK,
	F_ROUTERS,
	F_DNS_SERVERS,
	F_NEXT_SERVER,
	F_BOOT_FILE,
	F_PROXY_URL,
	F_CIRCUIT_ID,
	F_REMOTE_ID,
	F_SUBSCRIBER_ID
};

static const struct toc_field_decl fields[] = {
	[K_MESSAGE] = { "dhcp_message", TOC_KIND, false, TOC_OPEN, NULL, "one DHCP message" },
	[F_XID] = { "xid", TOC_UINT, false, TOC_OPEN, NULL, "transaction that it belongs to" },
	[F_OP] = { "op", TOC_UINT, false, TOC_OPEN, NULL, "1 = from a client, 2 = from a server" },
	[F_MSG_TYPE] = { "msg_type", TOC_STRING, false, TOC_OPEN, NULL,
			 "DISCOVER, OFFER, REQUEST, ACK …; unset: BOOTP" },
	[F_MAC] = { "mac", TOC_MAC, false, TOC_DEVICE, NULL, "the client's hardware address" },
	[F_SRC_ADDR] = { "src_addr", TOC_IP, false, TOC_DEVICE, NULL, "who sent the packet" },
	[F_SRC_MAC] = { "src_mac_seen", TOC_MAC, false, TOC_DEVICE, NULL, "source of the frame" },
	[F_CIADDR] = { "ciaddr", TOC_IP, false, TOC_DEVICE, NULL, "address the client has already" },
	[F_YIADDR] = { "yiaddr", TOC_IP, false, TOC_DEVICE, NULL, "address given to the client" },
	[F_SIADDR] = { "siaddr", TOC_IP, false, TOC_DEVICE, NULL, "server to boot from" },
	[F_GIADDR] = { "giaddr", TOC_IP, false, TOC_DEVICE, NULL, "relay between client and server" },
	[F_SERVER_ADDR] = { "server_addr", TOC_IP, false, TOC_DEVICE, NULL,
			    "server, as it names itself, else as it sent" },
	[F_REQUESTED_ADDR] = { "requested_addr", TOC_IP, false, TOC_DEVICE, NULL, "address the client asks for" },
	[F_HOST_NAME] = { "host_name", TOC_STRING, false, TOC_DEVICE, NULL, "the client's name" },
	[F_CLIENT_FQDN] = { "client_fqdn", TOC_STRING, false, TOC_DEVICE, NULL, "the client's full name" },
	[F_DOMAIN] = { "domain", TOC_STRING, false, TOC_OPEN, NULL, "domain the client shall use" },
	[F_LEASE_TIME] = { "lease_time", TOC_DURATION, false, TOC_OPEN, "s", "how long the address is given for" },
	[F_CLIENT_MESSAGE] = { "client_message", TOC_STRING, false, TOC_OPEN, NULL, "why the client refused" },
	[F_SERVER_MESSAGE] = { "server_message", TOC_STRING, false, TOC_OPEN, NULL, "why the server refused" },
	[F_CLIENT_SOFTWARE] = { "client_software", TOC_STRING, false, TOC_DEVICE, NULL, "the client's vendor class" },
	[F_SERVER_SOFTWARE] = { "server_software", TOC_STRING, false, TOC_DEVICE, NULL, "the server's vendor class" },
	[F_PARAM_LIST] = { "param_list", TOC_UINT, true, TOC_OPEN, NULL,
			   "options the client asks for, in its order: tells systems apart" },
	[F_FINGERPRINT] = { "fingerprint", TOC_STRING, false, TOC_OPEN, NULL,
			    "the same as text, 1,3,6,15: to be looked up in a list" },
	[F_SUBNET_MASK] = { "subnet_mask", TOC_IP, false, TOC_OPEN, NULL, "of the client's network" },
	[F_ROUTERS] = { "routers", TOC_IP, true, TOC_OPEN, NULL, "the way out the client shall take" },
	[F_DNS_SERVERS] = { "dns_servers", TOC_IP, true, TOC_OPEN, NULL, "resolvers the client shall use" },
	[F_NEXT_SERVER] = { "boot_server", TOC_STRING, false, TOC_OPEN, NULL, "name of the server to boot from" },
	[F_BOOT_FILE] = { "boot_file", TOC_STRING, false, TOC_OPEN, NULL, "file to boot" },
	[F_PROXY_URL] = { "proxy_url", TOC_STRING, false, TOC_OPEN, NULL, "where browsers shall get their proxy" },
	[F_CIRCUIT_ID] = { "circuit_id", TOC_STRING, false, TOC_DEVICE, NULL, "relay: port the client is on" },
	[F_REMOTE_ID] = { "agent_remote_id", TOC_STRING, false, TOC_DEVICE, NULL, "relay: the far end of that port" },
	[F_SUBSCRIBER_ID] = { "subscriber_id", TOC_STRING, false, TOC_PERSON, NULL, "relay: whose port it is" },
};

enum { HEADER = 236, SNAME = 64, FILENAME = 128 };
enum { OP_CLIENT = 1, OP_SERVER = 2, ETHERNET = 1 };
enum {
	PAD = 0,
	OVERLOAD = 52,
	MESSAGE_TYPE = 53,
	PARAM_LIST = 55,
	CLIENT_ID = 61,
	CLIENT_FQDN = 81,
	RELAY = 82,
	END = 255
};
enum {
	JOINED = 1024, /* bytes of options that came in parts */
	NAME = 255,    /* bytes of a name */
	LISTED = 64    /* elements of one list */
};
static const uint32_t cookie = 0x63825363;

/* How an option's value is read; those that need more than that have their own function. */
enum shape { TEXT, ADDRESS, ADDRESSES, SECONDS, NUMBERS, OTHER };

/* server: the field for what a server says, where that is another one. */
static const struct option {
	uint8_t code, shape;
	uint8_t client, server;
} known[] = {
	{ MESSAGE_TYPE, OTHER, 0, 0 },
	{ CLIENT_ID, OTHER, 0, 0 },
	{ CLIENT_FQDN, OTHER, 0, 0 },
	{ RELAY, OTHER, 0, 0 },
	{ 54, ADDRESS, F_SERVER_ADDR, F_SERVER_ADDR },
	{ 50, ADDRESS, F_REQUESTED_ADDR, F_REQUESTED_ADDR },
	{ 12, TEXT, F_HOST_NAME, F_HOST_NAME },
	{ 15, TEXT, F_DOMAIN, F_DOMAIN },
	{ 51, SECONDS, F_LEASE_TIME, F_LEASE_TIME },
	{ 56, TEXT, F_CLIENT_MESSAGE, F_SERVER_MESSAGE },
	{ 60, TEXT, F_CLIENT_SOFTWARE, F_SERVER_SOFTWARE },
	{ PARAM_LIST, NUMBERS, F_PARAM_LIST, F_PARAM_LIST },
	{ 1, ADDRESS, F_SUBNET_MASK, F_SUBNET_MASK },
	{ 3, ADDRESSES, F_ROUTERS, F_ROUTERS },
	{ 6, ADDRESSES, F_DNS_SERVERS, F_DNS_SERVERS },
	{ 66, TEXT, F_NEXT_SERVER, F_NEXT_SERVER },
	{ 67, TEXT, F_BOOT_FILE, F_BOOT_FILE },
	{ 252, TEXT, F_PROXY_URL, F_PROXY_URL },
};
enum { KNOWN = sizeof(known) / sizeof(known[0]) };

struct message {
	uint8_t op, hardware, hardware_n;
	uint32_t xid;
	struct toc_span ciaddr, yiaddr, siaddr, giaddr, chaddr, sname, file;
	struct toc_span values[KNOWN]; /* p NULL: not there */
	uint8_t overload;
	bool whole;
	unsigned lost;
	size_t joined_n;
	uint8_t joined[JOINED];
};

/* An option may come in parts, which count as one (RFC 3396). */
static void add_option(struct message *m, unsigned i, struct toc_span part)
{
	struct toc_span *value = &m->values[i];
	if (!value->p) {
		*value = part;
		return;
	}
	if (value->n + part.n > sizeof(m->joined) - m->joined_n) {
		m->lost++;
		return;
	}
	uint8_t *to = m->joined + m->joined_n;
	if (value->n)
		memcpy(to, value->p, value->n);
	if (part.n)
		memcpy(to + value->n, part.p, part.n);
	*value = toc_span_of(to, value->n + part.n);
	m->joined_n += value->n;
}

static void read_options(struct message *m, struct toc_span area)
{
	struct toc_cursor in = toc_cursor_of(area);
	while (toc_left(&in)) {
		uint8_t code = toc_u8(&in);
		if (code == END)
			return;
		if (code == PAD)
			continue;
		struct toc_span value = toc_take(&in, toc_u8(&in));
		if (in.bad) {
			m->whole = false;
			return;
		}
		if (code == OVERLOAD && value.n == 1)
			m->overload = value.p[0];
		for (unsigned i = 0; i < KNOWN; i++)
			if (known[i].code == code)
				add_option(m, i, value);
	}
}

/* False: no DHCP, and no BOOTP that talks like it. */
static bool read_message(struct message *m, struct toc_cursor *in)
{
	m->op = toc_u8(in);
	m->hardware = toc_u8(in);
	m->hardware_n = toc_u8(in);
	toc_skip(in, 1); /* hops */
	m->xid = toc_be32(in);
	toc_skip(in, 4); /* seconds, flags */
	m->ciaddr = toc_take(in, 4);
	m->yiaddr = toc_take(in, 4);
	m->siaddr = toc_take(in, 4);
	m->giaddr = toc_take(in, 4);
	m->chaddr = toc_take(in, 16);
	m->sname = toc_take(in, SNAME);
	m->file = toc_take(in, FILENAME);
	if (toc_be32(in) != cookie || in->bad || (m->op != OP_CLIENT && m->op != OP_SERVER))
		return false;
	m->whole = true;
	read_options(m, toc_rest(in));
	uint8_t overload = m->overload; /* only what the options proper say */
	if (overload & 1)
		read_options(m, m->file);
	if (overload & 2)
		read_options(m, m->sname);
	m->overload = overload;
	return true;
}

static struct toc_span value_of(const struct message *m, uint8_t code)
{
	for (unsigned i = 0; i < KNOWN; i++)
		if (known[i].code == code && m->values[i].p)
			return m->values[i];
	return toc_span_str("");
}

static bool is_zero(struct toc_span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i])
			return false;
	return true;
}

static void put_address(struct toc_draft *d, unsigned field, struct toc_span s)
{
	struct toc_addr addr;
	if (s.n < 4)
		return;
	addr = toc_addr_v4(s.p);
	toc_put_ip(d, field, &addr);
}

static void put_addresses(struct toc_draft *d, unsigned field, struct toc_span s)
{
	for (unsigned i = 0; s.n >= 4; s = toc_span_from(s, 4), i++) {
		struct toc_addr addr = toc_addr_v4(s.p);
		if (i < LISTED)
			toc_list_ip(d, field, &addr);
		else
			d->head.lost++;
	}
}

static void put_numbers(struct toc_draft *d, unsigned field, struct toc_span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (i < LISTED)
			toc_list_uint(d, field, s.p[i]);
		else
			d->head.lost++;
}

static void put_fingerprint(struct toc_draft *d, struct toc_span s)
{
	char text[4 * LISTED];
	size_t n = 0;
	s = toc_span_first(s, LISTED);
	for (size_t i = 0; i < s.n; i++) {
		if (i)
			text[n++] = ',';
		if (s.p[i] >= 100)
			text[n++] = (char)('0' + s.p[i] / 100);
		if (s.p[i] >= 10)
			text[n++] = (char)('0' + s.p[i] / 10 % 10);
		text[n++] = (char)('0' + s.p[i] % 10);
	}
	if (n)
		toc_put_str(d, F_FINGERPRINT, toc_span_of(text, n));
}

static void put_seconds(struct toc_draft *d, unsigned field, struct toc_span s)
{
	struct toc_cursor c = toc_cursor_of(s);
	uint32_t n = toc_be32(&c);
	if (!c.bad)
		toc_put_duration(d, field, n * TOC_SEC);
}

/* Receivers drop NUL bytes at the end (RFC 2132, section 2). */
static void put_text(struct toc_draft *d, unsigned field, struct toc_span s)
{
	while (s.n && s.p[s.n - 1] == 0)
		s.n--;
	if (s.n)
		toc_put_str(d, field, s);
}

static void put_known(struct toc_draft *d, const struct message *m)
{
	static void (*const put[])(struct toc_draft *, unsigned, struct toc_span) = {
		[TEXT] = put_text,	 [ADDRESS] = put_address, [ADDRESSES] = put_addresses,
		[SECONDS] = put_seconds, [NUMBERS] = put_numbers,
	};
	for (unsigned i = 0; i < KNOWN; i++)
		if (known[i].shape != OTHER && m->values[i].p)
			put[known[i].shape](d, m->op == OP_SERVER ? known[i].server : known[i].client, m->values[i]);
}

static void put_type(struct toc_draft *d, struct toc_span value)
{
	static const char *const names[] = {
		NULL,
		"DISCOVER",
		"OFFER",
		"REQUEST",
		"DECLINE",
		"ACK",
		"NAK",
		"RELEASE",
		"INFORM",
		"FORCERENEW",
		"LEASEQUERY",
		"LEASEUNASSIGNED",
		"LEASEUNKNOWN",
		"LEASEACTIVE",
		"BULKLEASEQUERY",
		"LEASEQUERYDONE",
		"ACTIVELEASEQUERY",
		"LEASEQUERYSTATUS",
		"TLS",
	};
	static const char unknown[] = "unknown-message-type-";
	char text[sizeof(unknown) + 3];
	size_t n = sizeof(unknown) - 1;
	if (!value.n)
		return;
	uint8_t type = value.p[0];
	if (type && type < sizeof(names) / sizeof(names[0])) {
		toc_put_cstr(d, F_MSG_TYPE, names[type]);
		return;
	}
	memcpy(text, unknown, n);
	if (type >= 100)
		text[n++] = (char)('0' + type / 100);
	if (type >= 10)
		text[n++] = (char)('0' + type / 10 % 10);
	text[n++] = (char)('0' + type % 10);
	toc_put_str(d, F_MSG_TYPE, toc_span_of(text, n));
}

/* A client may name itself by a hardware address other than the one its relay knows: that one counts, as in Zeek. */
static void put_mac(struct toc_draft *d, const struct message *m)
{
	struct toc_span id = value_of(m, CLIENT_ID), mac = toc_span_first(m->chaddr, 6);
	struct toc_mac out;
	if (m->op == OP_CLIENT && id.n == 7 && id.p[0] == ETHERNET)
		mac = toc_span_from(id, 1);
	else if (m->hardware_n != 6 && is_zero(mac))
		return;
	memcpy(out.b, mac.p, sizeof(out.b));
	toc_put_mac(d, F_MAC, &out);
}

/* Labels with their lengths become text with dots; what is no name ends it. */
static size_t read_labels(struct toc_span s, uint8_t out[NAME])
{
	struct toc_cursor c = toc_cursor_of(s);
	size_t n = 0;
	while (toc_left(&c)) {
		struct toc_span label = toc_take(&c, toc_u8(&c));
		if (c.bad || !label.n || label.n > 63 || n + label.n + 1 > NAME)
			break;
		if (n)
			out[n++] = '.';
		memcpy(out + n, label.p, label.n);
		n += label.n;
	}
	return n;
}

/* RFC 4702, section 2: flags, two codes of no use, and the name: labels where flag E is set, else ASCII. */
static void put_fqdn(struct toc_draft *d, struct toc_span value)
{
	enum { ENCODED = 4 };
	uint8_t text[NAME];
	if (value.n <= 3)
		return;
	struct toc_span name = toc_span_from(value, 3);
	if (value.p[0] & ENCODED)
		name = toc_span_of(text, read_labels(name, text));
	put_text(d, F_CLIENT_FQDN, name);
}

/* RFC 3046, section 2.0; subscriber: RFC 3993. */
static void put_relay(struct toc_draft *d, struct toc_span value)
{
	static const uint8_t to[] = { [1] = F_CIRCUIT_ID, [2] = F_REMOTE_ID, [6] = F_SUBSCRIBER_ID };
	struct toc_cursor c = toc_cursor_of(value);
	while (toc_left(&c)) {
		uint8_t code = toc_u8(&c);
		struct toc_span text = toc_take(&c, toc_u8(&c));
		if (c.bad)
			return;
		if (code < sizeof(to) && to[code] && !toc_draft_find(d, to[code]))
			toc_put_str(d, to[code], text);
	}
}

static void put_header(struct toc_draft *d, const struct message *m, const struct toc_packet *p)
{
	const struct {
		uint8_t field;
		struct toc_span value;
	} addresses[] = {
		{ F_CIADDR, m->ciaddr }, { F_YIADDR, m->yiaddr }, { F_SIADDR, m->siaddr }, { F_GIADDR, m->giaddr }
	};
	toc_put_uint(d, F_XID, m->xid);
	toc_put_uint(d, F_OP, m->op);
	put_type(d, value_of(m, MESSAGE_TYPE));
	put_mac(d, m);
	toc_put_ip(d, F_SRC_ADDR, &p->src);
	if (p->has_mac)
		toc_put_mac(d, F_SRC_MAC, &p->src_mac);
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++)
		if (!is_zero(addresses[i].value))
			put_address(d, addresses[i].field, addresses[i].value);
}

/* What stands in the header where no option says it. */
static void put_rest(struct toc_draft *d, const struct message *m, const struct toc_packet *p)
{
	if (m->op == OP_SERVER && !toc_draft_find(d, F_SERVER_ADDR))
		toc_put_ip(d, F_SERVER_ADDR, &p->src);
	if (!(m->overload & 1) && !toc_draft_find(d, F_BOOT_FILE))
		put_text(d, F_BOOT_FILE, toc_span_first(m->file, toc_span_find(m->file, 0)));
	if (!(m->overload & 2) && !toc_draft_find(d, F_NEXT_SERVER))
		put_text(d, F_NEXT_SERVER, toc_span_first(m->sname, toc_span_find(m->sname, 0)));
}

/* Never BAD: all clients without an address share one flow, and one of them must not blind us to the others. */
static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *sink)
{
	const struct toc_packet *p = sink->flow->packet;
	struct message m = { 0 };
	(void)state;
	(void)dir;
	if (!read_message(&m, in)) {
		toc_sink_weird(sink, "dhcp_malformed_header");
		return TOC_MORE;
	}
	if (!m.whole)
		toc_sink_weird(sink, "dhcp_truncated_option");
	struct toc_draft *d = toc_sink_begin(sink, K_MESSAGE);
	put_header(d, &m, p);
	put_known(d, &m);
	put_fingerprint(d, value_of(&m, PARAM_LIST));
	put_fqdn(d, value_of(&m, CLIENT_FQDN));
	put_relay(d, value_of(&m, RELAY));
	put_rest(d, &m, p);
	d->head.lost = (uint16_t)(d->head.lost + m.lost);
	toc_sink_commit(sink, d);
	toc_sink_confirm(sink, NULL);
	return TOC_MORE;
}

static enum toc_probe probe(struct toc_span first, enum toc_dir dir, bool hint)
{
	struct toc_cursor c = toc_cursor_of(first);
	(void)dir;
	uint8_t op = toc_u8(&c);
	toc_skip(&c, HEADER - 1);
	if (toc_be32(&c) == cookie && !c.bad && (op == OP_CLIENT || op == OP_SERVER))
		return TOC_YES;
	return hint ? TOC_MAYBE : TOC_NO; /* see parse: garbage may go before */
}

static const uint16_t udp_ports[] = { 67, 68, 4011, 0 };

const struct toc_decoder toc_decoder_dhcp = {
	.name = "dhcp",
	.carriers = TOC_OVER_UDP,
	.udp_ports = udp_ports,
	.fields = fields,
	.nfields = sizeof(fields) / sizeof(fields[0]),
	.probe = probe,
	.parse = parse,
};

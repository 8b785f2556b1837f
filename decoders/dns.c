/* dns - DNS over UDP and TCP, mDNS, LLMNR, NetBIOS names (RFC 1035, 1002, 2136, 4795, 6762). */
#include "tocsin/decoder.h"

#include "decoders/dns.h"

enum field {
	K_DNS,
	F_PROTO,
	F_TRANS_ID,
	F_RTT,
	F_QUERY,
	F_QCLASS,
	F_QCLASS_NAME,
	F_QTYPE,
	F_QTYPE_NAME,
	F_RCODE,
	F_RCODE_NAME,
	F_AA,
	F_TC,
	F_RD,
	F_RA,
	F_Z,
	F_ANSWERS,
	F_TTLS,
	F_REJECTED,
	F_OPCODE,
	F_OPCODE_NAME,
	F_UPDATES,
	F_AUTH,
	F_ADDL,
	F_ORIGINAL_QUERY,
	F_EDNS, /* toc_dns_put_edns fills these */
	F_EDNS_LAST = F_EDNS + TOC_DNS_EDNS_FIELDS - 1,
	F_DOMAIN, /* the engine fills these, which has the list of public suffixes */
	F_SUB_LEN,
	F_SUB_ENTROPY
};

static const struct toc_field_decl fields[] = {
	[K_DNS] = { "dns", TOC_KIND, false, TOC_OPEN, NULL, "a DNS query and its reply, or either alone" },
	[F_PROTO] = { "proto", TOC_STRING, false, TOC_OPEN, NULL, "udp or tcp" },
	[F_TRANS_ID] = { "trans_id", TOC_UINT, false, TOC_OPEN, NULL, "identifier that pairs query and reply" },
	[F_RTT] = { "rtt", TOC_DURATION, false, TOC_OPEN, "s", "from query to reply" },
	[F_QUERY] = { "query", TOC_STRING, false, TOC_OPEN, NULL, "name asked for, lower case (NetBIOS: decoded)" },
	[F_QCLASS] = { "qclass", TOC_UINT, false, TOC_OPEN, NULL, "class of the question" },
	[F_QCLASS_NAME] = { "qclass_name", TOC_STRING, false, TOC_OPEN, NULL, "its name, such as C_INTERNET" },
	[F_QTYPE] = { "qtype", TOC_UINT, false, TOC_OPEN, NULL, "type of the question" },
	[F_QTYPE_NAME] = { "qtype_name", TOC_STRING, false, TOC_OPEN, NULL, "its name, such as A or HTTPS" },
	[F_RCODE] = { "rcode", TOC_UINT, false, TOC_OPEN, NULL, "response code" },
	[F_RCODE_NAME] = { "rcode_name", TOC_STRING, false, TOC_OPEN, NULL, "its name, such as NXDOMAIN" },
	[F_AA] = { "AA", TOC_BOOL, false, TOC_OPEN, NULL, "reply with answers: the server is authoritative" },
	[F_TC] = { "TC", TOC_BOOL, false, TOC_OPEN, NULL, "query: truncated" },
	[F_RD] = { "RD", TOC_BOOL, false, TOC_OPEN, NULL, "query: recursion desired" },
	[F_RA] = { "RA", TOC_BOOL, false, TOC_OPEN, NULL, "reply with answers: recursion available" },
	[F_Z] = { "Z", TOC_UINT, false, TOC_OPEN, NULL, "query: the three bits once reserved (one zero, AD, CD)" },
	[F_ANSWERS] = { "answers", TOC_STRING, true, TOC_OPEN, NULL, "answer records as text" },
	[F_TTLS] = { "TTLs", TOC_DURATION, true, TOC_OPEN, "s", "how long each answer may be cached" },
	[F_REJECTED] = { "rejected", TOC_BOOL, false, TOC_OPEN, NULL, "the reply holds no record at all" },
	[F_OPCODE] = { "opcode", TOC_UINT, false, TOC_OPEN, NULL, "operation" },
	[F_OPCODE_NAME] = { "opcode_name", TOC_STRING, false, TOC_OPEN, NULL, "its name, such as query or notify" },
	[F_UPDATES] = { "updates", TOC_STRING, true, TOC_OPEN, NULL, "dynamic update: what the request changes" },
	[F_AUTH] = { "auth", TOC_STRING, true, TOC_OPEN, NULL, "authority records of the reply as text" },
	[F_ADDL] = { "addl", TOC_STRING, true, TOC_OPEN, NULL, "additional records of the reply as text, but OPT" },
	[F_ORIGINAL_QUERY] = { "original_query", TOC_STRING, false, TOC_OPEN, NULL,
			       "name asked for as it was sent, where that is not lower case" },
	[F_EDNS] = { "edns_udp_size", TOC_UINT, false, TOC_OPEN, "B", "EDNS: how long a datagram may be" },
	{ "edns_do", TOC_BOOL, false, TOC_OPEN, NULL, "EDNS: signatures are wanted" },
	{ "edns_options", TOC_UINT, true, TOC_OPEN, NULL, "EDNS: codes of the options" },
	{ "edns_client_subnet", TOC_STRING, false, TOC_DEVICE, NULL, "EDNS: network that it is asked for (RFC 7871)" },
	{ "edns_error", TOC_UINT, false, TOC_OPEN, NULL, "EDNS: why it failed, or was filtered (RFC 8914)" },
	{ "edns_rcode", TOC_UINT, false, TOC_OPEN, NULL, "EDNS: the whole response code, where it is above 15" },
	[F_DOMAIN] = { "domain", TOC_STRING, false, TOC_OPEN, NULL, "registrable domain of the name asked for" },
	[F_SUB_LEN] = { "sub_len", TOC_UINT, false, TOC_OPEN, "B", "length of what stands in front of the domain" },
	[F_SUB_ENTROPY] = { "sub_entropy", TOC_DOUBLE, false, TOC_OPEN, "bit",
			    "entropy of that, a byte: data in names has much" },
};
_Static_assert(sizeof(fields) / sizeof(fields[0]) == F_SUB_ENTROPY + 1, "one row per field");

/* Every answer has such records, and few rules ask for them. */
static const uint16_t on_demand[] = { F_AUTH, F_ADDL, F_ORIGINAL_QUERY, 0 };

enum {
	HEADER = TOC_DNS_HEADER,
	ANSWERS_MAX = 128, /* shown in one event */
	NETBIOS_PORT = 137,
	MDNS_PORT = 5353,
	LLMNR_PORT = 5355
};

enum { OP_QUERY = TOC_DNS_OP_QUERY, OP_NOTIFY = 4, OP_UPDATE = 5 };

/* A direction whose stream has a hole: the next message must be found. */
struct state {
	bool lost[2];
};

struct question {
	bool seen;
	struct toc_dns_name name;
	uint16_t type, class;
	struct toc_dns_in at; /* where it begins in the message */
};

/* What the bits of a section's records are about: text goes to `field`. */
enum section { ANSWER, PREREQUISITE, UPDATE };

static bool has_port(const struct toc_flow_info *flow, uint16_t port)
{
	return flow->orig_port == port || flow->resp_port == port;
}

static bool is_multicast(const struct toc_addr *a)
{
	return toc_addr_is_v4(a) ? (a->b[12] & 0xf0) == 0xe0 : a->b[0] == 0xff;
}

/* Of several questions the last one counts, as in Zeek. False when a question is broken. */
static bool read_questions(struct toc_dns_in *in, unsigned n, bool netbios, struct question *q)
{
	q->seen = false;
	while (n--) {
		struct toc_dns_name name;
		const struct toc_dns_in at = *in;
		if (!toc_dns_read_name(in, &name))
			return false;
		uint16_t type = toc_be16(&in->c), class = toc_be16(&in->c);
		if (in->c.bad)
			return false;
		*q = (struct question){ true, name, type, class, at };
	}
	if (q->seen && netbios)
		toc_dns_decode_netbios(&q->name);
	return true;
}

/* A message without its type and class where the question is broken: as good as none. */
static void put_question(struct toc_draft *d, const struct question *q, bool netbios)
{
	if (!q->seen || toc_draft_find(d, F_QUERY))
		return;
	const char *type = toc_dns_type_name(q->type);
	toc_put_str(d, F_QUERY, toc_dns_name_span(&q->name));
	toc_put_uint(d, F_QCLASS, q->class);
	toc_dns_put_code(d, F_QCLASS_NAME, toc_dns_class_name(q->class), "qclass-", q->class);
	toc_put_uint(d, F_QTYPE, q->type);
	if (netbios && q->type == TOC_DNS_SRV)
		type = "NBSTAT";
	toc_dns_put_code(d, F_QTYPE_NAME, type, "query-", q->type);
}

static void set_bits(struct toc_draft *d, unsigned field, uint64_t bits)
{
	struct toc_slot *s = toc_draft_find(d, field);
	if (s)
		s->bits = bits;
}

/* RFC 2136, section 2.4: what a prerequisite record asks. */
static void text_prerequisite(struct toc_dns_text *out, const struct toc_dns_rr *rr)
{
	bool none = rr->class == TOC_DNS_CLASS_NONE, name_only = rr->type == TOC_DNS_ANY;
	name_only = name_only && (none || rr->class == TOC_DNS_CLASS_ANY);
	toc_dns_text_str(out, "pre: ");
	if (name_only) {
		toc_dns_text_str(out, none ? "NameNotInUse" : "NameInUse");
	} else {
		toc_dns_text_str(out, none ? "NoRRSet " : "RRSetExists ");
		toc_dns_text_type(out, rr->type);
	}
	toc_dns_text_str(out, " ");
	toc_dns_text_span(out, toc_dns_name_span(&rr->owner));
}

/* RFC 2136, section 2.5: a deletion. Zeek leaves the owner out where a whole set of one type goes; so do we. */
static void text_deletion(struct toc_dns_text *out, const struct toc_dns_rr *rr)
{
	bool all = rr->class == TOC_DNS_CLASS_ANY && rr->type == TOC_DNS_ANY, one = rr->class == TOC_DNS_CLASS_NONE;
	toc_dns_text_str(out, one ? "del: RR " : "del: RRSet ");
	toc_dns_text_type(out, rr->type);
	if (!all && !one)
		return;
	toc_dns_text_str(out, " ");
	toc_dns_text_span(out, toc_dns_name_span(&rr->owner));
}

static bool text_addition(struct toc_dns_text *out, struct toc_dns_rr *rr)
{
	toc_dns_text_str(out, "add: ");
	if (rr->type == TOC_DNS_A || rr->type == TOC_DNS_AAAA || rr->type == TOC_DNS_A6) {
		toc_dns_text_type(out, rr->type);
		toc_dns_text_str(out, " ");
		toc_dns_text_span(out, toc_dns_name_span(&rr->owner));
		toc_dns_text_str(out, " ");
	}
	return toc_dns_render(rr, false, out);
}

static bool text_record(struct toc_dns_text *out, struct toc_dns_rr *rr, enum section section, bool netbios)
{
	out->n = 0;
	out->cut = false;
	if (section == ANSWER)
		return toc_dns_render(rr, netbios, out);
	if (section == PREREQUISITE)
		text_prerequisite(out, rr);
	else if (rr->class == TOC_DNS_CLASS_NONE || rr->class == TOC_DNS_CLASS_ANY)
		text_deletion(out, rr);
	else
		return text_addition(out, rr);
	return true;
}

/* The records of one message that go into one event. */
struct records {
	struct toc_sink *sink;
	struct toc_draft *d;
	bool netbios, is_reply;
	unsigned seen, shown;
	uint32_t ttls[ANSWERS_MAX];
	struct toc_dns_text text;
};

static void put_record(struct records *to, struct toc_dns_rr *rr, enum section section)
{
	bool whole = text_record(&to->text, rr, section, to->netbios);
	if (!whole)
		toc_sink_weird(to->sink, "DNS_RR_length_mismatch");
	if (!whole || to->text.n == 0)
		return;
	if (to->shown == ANSWERS_MAX) {
		to->d->head.lost++;
		return;
	}
	if (to->text.cut)
		to->d->head.lost++;
	to->ttls[to->shown++] = rr->ttl;
	toc_list_str(to->d, to->is_reply ? F_ANSWERS : F_UPDATES, toc_span_of(to->text.b, to->text.n));
}

/* False when the message ends inside a record. */
static bool read_section(struct records *to, struct toc_dns_in *in, unsigned n, enum section section)
{
	while (n--) {
		struct toc_dns_rr rr;
		if (!toc_dns_read_rr(in, &rr)) {
			toc_sink_weird(to->sink, "DNS_truncated_RR_rdlength_lt_len");
			return false;
		}
		if (to->netbios)
			toc_dns_decode_netbios(&rr.owner);
		if (to->is_reply && to->seen++ == 0 && !toc_draft_find(to->d, F_QUERY))
			toc_put_str(to->d, F_QUERY, toc_dns_name_span(&rr.owner));
		put_record(to, &rr, section);
	}
	return true;
}

static bool read_records(struct toc_sink *sink, struct toc_draft *d, struct toc_dns_in *in,
			 const struct toc_dns_header *h)
{
	struct records to = { .sink = sink, .d = d, .is_reply = h->is_reply };
	to.netbios = has_port(sink->flow, NETBIOS_PORT);
	bool update = h->opcode == OP_UPDATE && !to.netbios;
	if (!h->is_reply && !update)
		return true;
	bool whole = read_section(&to, in, h->answers, update ? PREREQUISITE : ANSWER);
	if (whole && update)
		read_section(&to, in, h->authorities, UPDATE);
	if (!h->is_reply)
		return whole;
	for (unsigned i = 0; i < to.shown; i++)
		toc_list_duration(d, F_TTLS, to.ttls[i] * TOC_SEC);
	if (to.seen) {
		set_bits(d, F_AA, h->flags >> 10 & 1);
		set_bits(d, F_RA, h->flags >> 7 & 1);
	}
	return whole;
}

/* The next n records as texts, each once; moves `in` behind them. False: it ends inside one. */
static bool put_texts(struct toc_sink *sink, struct toc_draft *d, unsigned field, struct toc_dns_in *in, unsigned n)
{
	const bool netbios = has_port(sink->flow, NETBIOS_PORT);
	const bool fresh = !toc_draft_find(d, field) && toc_sink_asks(sink, field);
	struct toc_dns_text text;
	for (unsigned shown = 0; n; n--) {
		struct toc_dns_rr rr;
		if (!toc_dns_read_rr(in, &rr))
			return false;
		text.n = 0;
		text.cut = false;
		if (!fresh || rr.type == TOC_DNS_OPT || !toc_dns_render(&rr, netbios, &text) || !text.n)
			continue;
		if (shown++ == ANSWERS_MAX || text.cut)
			d->head.lost++;
		if (shown <= ANSWERS_MAX)
			toc_list_str(d, field, toc_span_of(text.b, text.n));
	}
	return true;
}

/* Behind the answers: what rules ask for of the two other sections, and EDNS. */
static void put_behind(struct toc_sink *sink, struct toc_draft *d, struct toc_dns_in *in,
		       const struct toc_dns_header *h)
{
	struct toc_dns_in ahead = *in;
	if (h->is_reply && (toc_sink_asks(sink, F_AUTH) || toc_sink_asks(sink, F_ADDL)) &&
	    put_texts(sink, d, F_AUTH, &ahead, h->authorities))
		put_texts(sink, d, F_ADDL, &ahead, h->additionals);
	toc_dns_put_edns(d, F_EDNS, in, h->is_reply ? h->authorities : (uint32_t)h->answers + h->authorities,
			 h->additionals, h->rcode);
}

static void put_original(struct toc_sink *sink, struct toc_draft *d, const struct question *q)
{
	struct toc_dns_in at = q->at;
	struct toc_dns_name name;
	if (q->seen && !toc_draft_find(d, F_ORIGINAL_QUERY) && !has_port(sink->flow, NETBIOS_PORT) &&
	    toc_sink_asks(sink, F_ORIGINAL_QUERY) && toc_dns_read_name_as_is(&at, &name) &&
	    (name.n != q->name.n || memcmp(name.b, q->name.b, name.n) != 0))
		toc_put_str(d, F_ORIGINAL_QUERY, toc_dns_name_span(&name));
}

static struct toc_draft *begin(struct toc_sink *sink, const struct toc_dns_header *h)
{
	bool netbios = has_port(sink->flow, NETBIOS_PORT);
	struct toc_draft *d = toc_sink_begin(sink, K_DNS);
	toc_put_cstr(d, F_PROTO, sink->flow->carrier == TOC_OVER_UDP ? "udp" : "tcp");
	toc_put_uint(d, F_TRANS_ID, h->id);
	toc_put_bool(d, F_AA, false);
	toc_put_bool(d, F_TC, false);
	toc_put_bool(d, F_RD, false);
	toc_put_bool(d, F_RA, false);
	toc_put_uint(d, F_Z, 0);
	toc_put_bool(d, F_REJECTED, false);
	toc_put_uint(d, F_OPCODE, h->opcode);
	toc_dns_put_code(d, F_OPCODE_NAME, toc_dns_opcode_name(h->opcode, netbios), "opcode-", h->opcode);
	return d;
}

/* These bits are the query's even where the reply's differ, as in Zeek. */
static void put_query(struct toc_draft *d, const struct toc_dns_header *h)
{
	set_bits(d, F_TC, h->flags >> 9 & 1);
	set_bits(d, F_RD, h->flags >> 8 & 1);
	set_bits(d, F_Z, h->flags >> 4 & 7);
}

static void put_reply(struct toc_sink *sink, struct toc_draft *d, const struct toc_dns_header *h, bool paired)
{
	bool empty = h->answers == 0 && h->authorities == 0 && h->additionals == 0;
	if (paired && sink->ts > d->head.ts)
		toc_put_duration(d, F_RTT, sink->ts - d->head.ts);
	toc_put_uint(d, F_RCODE, h->rcode);
	toc_put_cstr(d, F_RCODE_NAME, toc_dns_rcode_name(h->rcode));
	set_bits(d, F_REJECTED, h->questions ? empty : h->rcode != 0);
}

/* Held events of one identifier: queries that wait for replies, replies that came first. */
static uint64_t held_key(const struct toc_dns_header *h, bool is_reply)
{
	return (uint64_t)is_reply << 16 | h->id;
}

/*
 * One message. To a group, whoever answers does it in another flow, or in none: each message is an event. In other
 * flows of mDNS and LLMNR there are replies only. Elsewhere a query waits for its reply; a reply without query waits
 * too, since a mirror may swap the two.
 */
static void read_message(struct toc_sink *sink, struct toc_span bytes, const struct toc_dns_header *h)
{
	bool netbios = has_port(sink->flow, NETBIOS_PORT);
	bool to_group = is_multicast(&sink->flow->resp);
	bool alone = to_group || (h->is_reply && (has_port(sink->flow, MDNS_PORT) || has_port(sink->flow, LLMNR_PORT)));
	struct toc_dns_in in = toc_dns_in_of(bytes);
	struct question q;
	toc_skip(&in.c, HEADER);
	bool whole = read_questions(&in, h->questions, netbios, &q);
	if (!whole)
		toc_sink_weird(sink, "DNS_truncated_quest_too_short");
	bool known = h->opcode == OP_QUERY || h->opcode == OP_UPDATE || h->opcode == OP_NOTIFY;
	if (whole && h->opcode <= OP_UPDATE)
		toc_sink_confirm(sink, NULL);
	/* unassigned ones have the same format (RFC 6895, section 2.2), except in NetBIOS (RFC 1002, section 4.2.1.1)
	 */
	if (!known && (netbios || h->opcode <= OP_UPDATE || !whole || !q.seen))
		return;
	struct toc_draft *d = to_group ? NULL : toc_sink_resume(sink, K_DNS, held_key(h, !h->is_reply));
	bool paired = d != NULL;
	if (!paired)
		d = begin(sink, h);
	put_question(d, &q, netbios);
	if (h->is_reply)
		put_reply(sink, d, h, paired);
	else if (q.seen)
		put_query(d, h);
	put_original(sink, d, &q);
	if (whole && read_records(sink, d, &in, h))
		put_behind(sink, d, &in, h);
	if (paired || alone)
		toc_sink_commit(sink, d);
	else
		toc_sink_hold(sink, d, held_key(h, h->is_reply));
}

/* False: that is no DNS. */
static bool parse_message(struct toc_sink *sink, struct toc_span bytes)
{
	struct toc_cursor c = toc_cursor_of(bytes);
	struct toc_dns_header h = toc_dns_read_header(&c);
	if (c.bad) {
		toc_sink_weird(sink, "DNS_truncated_len_lt_hdr_len");
		return true;
	}
	if (!toc_dns_plausible(&h)) {
		toc_sink_weird(sink, "DNS_Conn_count_too_large");
		return false;
	}
	read_message(sink, bytes, &h);
	return true;
}

/* Messages with a length in front (RFC 1035, section 4.2.2). */
static enum toc_parse parse_stream(struct state *s, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *sink)
{
	enum { LONGEST = 65534 }; /* with its length it must fit what the engine keeps unread */
	for (;;) {
		if (s->lost[dir]) {
			size_t need = toc_dns_find_frame(in);
			if (need)
				return toc_more(sink, need);
			s->lost[dir] = false;
		}
		struct toc_cursor look = *in;
		uint16_t n = toc_be16(&look);
		if (look.bad)
			return toc_more(sink, 2);
		if (n > LONGEST)
			return TOC_BAD;
		if (n < HEADER) {
			toc_sink_weird(sink, "DNS_truncated_len_lt_hdr_len");
			return TOC_BAD;
		}
		struct toc_cursor ahead = look;
		struct toc_dns_header h = toc_dns_read_header(&ahead);
		if (ahead.bad)
			return toc_more(sink, 2 + HEADER);
		if (!toc_dns_plausible(&h))
			return TOC_BAD;
		struct toc_span bytes = toc_take(&look, n);
		if (look.bad)
			return toc_more(sink, 2 + (size_t)n);
		*in = look;
		read_message(sink, bytes, &h);
	}
}

static enum toc_parse parse(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *sink)
{
	if (sink->flow->carrier == TOC_OVER_TCP)
		return parse_stream(state, in, dir, sink);
	/* Garbage between datagrams must not blind us to the rest of the flow. */
	parse_message(sink, toc_take(in, toc_left(in)));
	return TOC_MORE;
}

static enum toc_parse gap(void *state, enum toc_dir dir, uint64_t n, struct toc_sink *sink)
{
	struct state *s = state;
	(void)n;
	(void)sink;
	s->lost[dir] = true;
	return TOC_MORE;
}

/* The carrier is not told: bytes may be a datagram or a stream with its length in front. */
static enum toc_probe probe(struct toc_span first, enum toc_dir dir, bool hint)
{
	(void)dir;
	struct toc_cursor datagram = toc_cursor_of(first), stream = datagram;
	uint16_t n = toc_be16(&stream);
	struct toc_span framed = toc_rest(&stream);
	if (!hint)
		return toc_dns_looks_so(first) || (framed.n == n && toc_dns_looks_so(framed)) ? TOC_YES : TOC_NO;
	struct toc_dns_header a = toc_dns_read_header(&datagram), b = toc_dns_read_header(&stream);
	if (!datagram.bad && toc_dns_plausible(&a))
		return TOC_YES;
	if (stream.bad)
		return TOC_MAYBE;
	return n >= HEADER && toc_dns_plausible(&b) ? TOC_YES : TOC_NO;
}

static const uint16_t tcp_ports[] = { 53, 0 };
static const uint16_t udp_ports[] = { 53, 137, 5353, 5355, 0 };

const struct toc_decoder toc_decoder_dns = {
	.name = "dns",
	.carriers = TOC_OVER_TCP | TOC_OVER_UDP | TOC_OVER_INNER, /* DNS over HTTP/2: a message a call */
	.tcp_ports = tcp_ports,
	.udp_ports = udp_ports,
	.fields = fields,
	.nfields = sizeof(fields) / sizeof(fields[0]),
	.on_demand = on_demand,
	.state_size = sizeof(struct state),
	.hold_ns = 10 * TOC_SEC,
	.udp_session_ns = 10 * TOC_SEC,
	.probe = probe,
	.parse = parse,
	.gap = gap,
};

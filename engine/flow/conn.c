/* conn - the conn event, with Zeek's fields and rules (scripts/base/protocols/conn/main.zeek). */
#include "base/uid.h"
#include "flow/table.h"

const struct toc_field_decl toc_flow_fields[] = {
#define ENDS                                                                                                           \
	{ "id.orig_h", TOC_IP, false, TOC_DEVICE, NULL, "originator's address" },                                      \
		{ "id.orig_p", TOC_UINT, false, TOC_OPEN, NULL, "originator's port; ICMP: type" },                     \
		{ "id.resp_h", TOC_IP, false, TOC_DEVICE, NULL, "responder's address" },                               \
	{                                                                                                              \
		"id.resp_p", TOC_UINT, false, TOC_OPEN, NULL, "responder's port; ICMP: answering type, else code"      \
	}
	{ "conn", TOC_KIND, false, TOC_OPEN, NULL, "a flow that ended" },
	ENDS,
	{ "proto", TOC_STRING, false, TOC_OPEN, NULL, "tcp, udp, icmp, igmp, esp …; unknown_transport: another" },
	{ "service", TOC_STRING, false, TOC_OPEN, NULL, "protocols recognised, comma-separated" },
	{ "duration", TOC_DURATION, false, TOC_OPEN, "s", "first to last packet" },
	{ "orig_bytes", TOC_UINT, false, TOC_OPEN, "B", "payload of the originator; TCP: by sequence numbers" },
	{ "resp_bytes", TOC_UINT, false, TOC_OPEN, "B", "payload of the responder" },
	{ "conn_state", TOC_STRING, false, TOC_OPEN, NULL, "S0 S1 SF REJ S2 S3 RSTO RSTR RSTOS0 RSTRH SH SHR OTH" },
	{ "missed_bytes", TOC_UINT, false, TOC_OPEN, "B", "bytes in holes of the streams" },
	{ "history", TOC_STRING, false, TOC_OPEN, NULL, "what came, a letter each; upper case: originator" },
	{ "orig_pkts", TOC_UINT, false, TOC_OPEN, NULL, "packets of the originator" },
	{ "orig_ip_bytes", TOC_UINT, false, TOC_OPEN, "B", "IP bytes of the originator" },
	{ "resp_pkts", TOC_UINT, false, TOC_OPEN, NULL, "packets of the responder" },
	{ "resp_ip_bytes", TOC_UINT, false, TOC_OPEN, "B", "IP bytes of the responder" },
	{ "ip_proto", TOC_UINT, false, TOC_OPEN, NULL, "IP protocol number" },
	{ "vlan", TOC_UINT, false, TOC_OPEN, NULL, "outer VLAN" },
	{ "inner_vlan", TOC_UINT, false, TOC_OPEN, NULL, "inner VLAN" },
	{ "orig_l2_addr", TOC_MAC, false, TOC_DEVICE, NULL, "hardware address of the first packet's originator side" },
	{ "resp_l2_addr", TOC_MAC, false, TOC_DEVICE, NULL, "hardware address of the responder side" },
	{ "community_id", TOC_STRING, false, TOC_OPEN, NULL, "Community ID, version 1" },
	{ "tunnel_parents", TOC_STRING, true, TOC_OPEN, NULL, "uids of the flows that carry this one's packets" },
	{ "orig_ttl", TOC_UINT, false, TOC_OPEN, NULL, "time to live of the originator's first packet, as it came" },
	{ "resp_ttl", TOC_UINT, false, TOC_OPEN, NULL, "the same of the responder's" },
	{ "orig_syn", TOC_STRING, false, TOC_OPEN, NULL,
	  "window and options of the originator's SYN in their order: mssN wsN sok sack ts nop eol fastopen md5 mptcp "
	  "other" },
	{ "resp_syn", TOC_STRING, false, TOC_OPEN, NULL, "the same of the responder's SYN" },
	{ "transfer", TOC_KIND, false, TOC_OPEN, NULL,
	  "bytes of a flow since its last report; of flows of 10 s or 1 MB" },
	ENDS,
	{ "proto", TOC_STRING, false, TOC_OPEN, NULL, "tcp, udp, icmp, igmp, esp …; unknown_transport: another" },
	{ "service", TOC_STRING, false, TOC_OPEN, NULL, "protocols recognised so far" },
	{ "duration", TOC_DURATION, false, TOC_OPEN, "s", "first packet to now" },
	{ "orig_bytes", TOC_UINT, false, TOC_OPEN, "B", "payload of the originator since the last report" },
	{ "resp_bytes", TOC_UINT, false, TOC_OPEN, "B", "payload of the responder since the last report" },
	{ "total_orig_bytes", TOC_UINT, false, TOC_OPEN, "B", "payload of the originator so far" },
	{ "total_resp_bytes", TOC_UINT, false, TOC_OPEN, "B", "payload of the responder so far" },
	{ "orig_pkts", TOC_UINT, false, TOC_OPEN, NULL, "packets of the originator since the last report" },
	{ "resp_pkts", TOC_UINT, false, TOC_OPEN, NULL, "packets of the responder since the last report" },
	{ "retransmits", TOC_UINT, false, TOC_OPEN, NULL,
	  "TCP segments of both sides that came again since the last report; absent: none did" },
	{ "share", TOC_DOUBLE, false, TOC_OPEN, NULL,
	  "of the link since the last report, in the fuller direction; 1 = full; absent without link_mbps" },
	{ "final", TOC_BOOL, false, TOC_OPEN, NULL, "the flow's last report" },
	{ "weird", TOC_KIND, false, TOC_OPEN, NULL, "an oddity of a flow, told once a flow and name" },
	ENDS,
	{ "name", TOC_STRING, false, TOC_OPEN, NULL, "stable name of the oddity" },
	{ "tunnel", TOC_KIND, false, TOC_OPEN, NULL, "a flow that carries packets of others" },
	ENDS,
	{ "tunnel_type", TOC_STRING, false, TOC_OPEN, NULL, "Tunnel:: and IP, GRE, VXLAN, GENEVE, GTPv1, TEREDO …" },
	{ "action", TOC_STRING, false, TOC_OPEN, NULL,
	  "Tunnel:: and DISCOVER (first packet), CLOSE (its flow ended), EXPIRE (nothing for a day)" },
#undef ENDS
};
const unsigned toc_flow_nfields = N_FLOW_FIELDS;
_Static_assert(sizeof(toc_flow_fields) / sizeof(toc_flow_fields[0]) == N_FLOW_FIELDS, "one row per field");

/* Zeek's names; protocols that it calls unknown_transport have IANA's where a school's network carries them. */
const char *flow_proto_name(uint8_t proto)
{
	static const char *const names[256] = {
		[TOC_IPPROTO_ICMP] = "icmp",
		[2] = "igmp",
		[TOC_IPPROTO_TCP] = "tcp",
		[TOC_IPPROTO_UDP] = "udp",
		[47] = "gre",
		[50] = "esp",
		[51] = "ah",
		[TOC_IPPROTO_ICMP6] = "icmp",
		[88] = "eigrp",
		[89] = "ospf",
		[103] = "pim",
		[112] = "vrrp",
		[115] = "l2tp",
		[132] = "sctp",
	};
	return names[proto] ? names[proto] : "unknown_transport";
}

uint64_t flow_bytes(const struct flow *flow, unsigned dir)
{
	return flow->proto == TOC_IPPROTO_TCP ? tcp_size(flow, dir) : flow->bytes[dir];
}

/* RSTOS0 wants a SYN and a reset of the originator, with nothing of H A F G I Q between: history ^?S[^HAFGIQ]*R */
static bool syn_then_reset(const char *history)
{
	history += *history == '^';
	if (*history++ != 'S')
		return false;
	history += strcspn(history, "HAFGIQR");
	return *history == 'R';
}

static const char *tcp_conn_state(const struct flow *flow)
{
	enum tcp_state o = (enum tcp_state)flow->end[TOC_ORIG].state, r = (enum tcp_state)flow->end[TOC_RESP].state;
	bool o_inactive = o == TCP_INACTIVE || o == TCP_PARTIAL, r_inactive = r == TCP_INACTIVE || r == TCP_PARTIAL;
	if (r == TCP_RESET) {
		bool empty = tcp_size(flow, TOC_ORIG) == 0 && tcp_size(flow, TOC_RESP) == 0;
		if (o == TCP_SYN_SENT || o == TCP_SYN_ACK_SENT || (o == TCP_RESET && empty))
			return "REJ";
		return o_inactive ? "RSTRH" : "RSTR";
	}
	if (o == TCP_RESET) {
		if (r_inactive)
			return syn_then_reset(flow->history) ? "RSTOS0" : "OTH";
		return "RSTO";
	}
	if (o == TCP_CLOSED && r == TCP_CLOSED)
		return "SF";
	if (o == TCP_CLOSED)
		return r_inactive ? "SH" : "S2";
	if (r == TCP_CLOSED)
		return o_inactive ? "SHR" : "S3";
	if (o == TCP_SYN_SENT && r == TCP_INACTIVE)
		return "S0";
	return o == TCP_ESTABLISHED && r == TCP_ESTABLISHED ? "S1" : "OTH";
}

static const char *conn_state(const struct flow *flow)
{
	if (flow->proto == TOC_IPPROTO_TCP)
		return tcp_conn_state(flow);
	if (flow->proto != TOC_IPPROTO_UDP)
		return "OTH";
	if (flow->packets[TOC_ORIG])
		return flow->packets[TOC_RESP] ? "SF" : "S0";
	return flow->packets[TOC_RESP] ? "SHR" : "OTH";
}

/* The four id fields stand in the same order behind each kind: first = the kind's ORIG_H. */
void flow_put_ends(const struct flow *flow, struct toc_draft *d, unsigned first)
{
	toc_put_ip(d, first, &flow->addr[TOC_ORIG]);
	toc_put_uint(d, first + 1, flow->port[TOC_ORIG]);
	toc_put_ip(d, first + 2, &flow->addr[TOC_RESP]);
	toc_put_uint(d, first + 3, flow->port[TOC_RESP]);
}

static void put_service(const struct flow *flow, struct toc_draft *d, unsigned field)
{
	if (flow->session && flow->session->service[0])
		toc_put_cstr(d, field, flow->session->service);
	else if (flow->message_service)
		toc_put_cstr(d, field, flow->message_service);
}

static bool has_mac(const struct toc_mac *m)
{
	static const struct toc_mac zero;
	return memcmp(m, &zero, sizeof(zero)) != 0;
}

static void put_layers(const struct toc_flows *f, const struct flow *flow, struct toc_draft *d)
{
	char community[32];
	toc_put_uint(d, FC_IP_PROTO, flow->proto);
	if (flow->vlan)
		toc_put_uint(d, FC_VLAN, flow->vlan);
	if (flow->inner_vlan)
		toc_put_uint(d, FC_INNER_VLAN, flow->inner_vlan);
	if (has_mac(&flow->mac[TOC_ORIG]) || has_mac(&flow->mac[TOC_RESP])) {
		toc_put_mac(d, FC_ORIG_L2, &flow->mac[TOC_ORIG]);
		toc_put_mac(d, FC_RESP_L2, &flow->mac[TOC_RESP]);
	}
	community_id(f->sha1, flow, community);
	toc_put_cstr(d, FC_COMMUNITY, community);
}

static void put_parents(const struct flow *flow, struct toc_draft *d)
{
	char text[18];
	if (!flow->parents)
		return;
	toc_list_open(d, FC_PARENTS, TOC_STRING);
	for (unsigned i = 0; i < flow->parents->n; i++)
		toc_list_str(d, FC_PARENTS, toc_span_of(text, toc_uid_print(flow->parents->uid[i], text)));
}

/* What gives away the system at either end, and how far away it is. */
static void put_stacks(const struct flow *flow, struct toc_draft *d)
{
	char text[SYN_TEXT];
	for (unsigned dir = 0; dir < 2; dir++) {
		if (flow->ttl[dir])
			toc_put_uint(d, FC_ORIG_TTL + dir, flow->ttl[dir]);
		if (flow->syn[dir].seen)
			toc_put_str(d, FC_ORIG_SYN + dir, toc_span_of(text, syn_text(&flow->syn[dir], text)));
	}
}

void conn_emit(struct toc_flows *f, struct flow *flow, toc_time at, uint64_t ordinal)
{
	struct toc_draft *d = &f->draft;
	toc_draft_begin(d, f->map, EV_CONN);
	d->head.at = at;
	d->head.ordinal = ordinal;
	d->head.ts = flow->first;
	d->head.uid = flow->uid;
	flow_put_ends(flow, d, FC_ORIG_H);
	toc_put_cstr(d, FC_PROTO, flow_proto_name(flow->proto));
	put_service(flow, d, FC_SERVICE);
	if (flow->last > flow->first) {
		toc_put_duration(d, FC_DURATION, flow->last - flow->first);
		toc_put_uint(d, FC_ORIG_BYTES, flow_bytes(flow, TOC_ORIG));
		toc_put_uint(d, FC_RESP_BYTES, flow_bytes(flow, TOC_RESP));
	}
	toc_put_cstr(d, FC_STATE, conn_state(flow));
	toc_put_uint(d, FC_MISSED, flow->missed);
	if (flow->history_n)
		toc_put_cstr(d, FC_HISTORY, flow->history);
	toc_put_uint(d, FC_ORIG_PKTS, flow->packets[TOC_ORIG]);
	toc_put_uint(d, FC_ORIG_IP, flow->ip_bytes[TOC_ORIG]);
	toc_put_uint(d, FC_RESP_PKTS, flow->packets[TOC_RESP]);
	toc_put_uint(d, FC_RESP_IP, flow->ip_bytes[TOC_RESP]);
	put_layers(f, flow, d);
	put_parents(flow, d);
	put_stacks(flow, d);
	flow_emit(f, d);
}

/* A link carries link_mbps each way at once: the fuller way counts. A period under a second says nothing: 1 s is taken.
 */
static void put_share(const struct toc_flows *f, toc_time period, const uint64_t *delta, struct toc_draft *d)
{
	if (!f->config.link_mbps)
		return;
	double bits = 8 * (double)(delta[0] > delta[1] ? delta[0] : delta[1]);
	double seconds = period > TOC_SEC ? (double)period / (double)TOC_SEC : 1;
	toc_put_double(d, FT_SHARE, bits / (seconds * (double)f->config.link_mbps * 1e6));
}

void transfer_emit(struct toc_flows *f, struct flow *flow, toc_time at, bool final)
{
	struct toc_draft *d = &f->draft;
	uint64_t sum[2] = { flow_bytes(flow, TOC_ORIG), flow_bytes(flow, TOC_RESP) }, delta[2];
	toc_draft_begin(d, f->map, EV_TRANSFER);
	d->head.at = at;
	d->head.ordinal = flow->ordinal;
	d->head.ts = final ? flow->last : at;
	d->head.uid = flow->uid;
	flow_put_ends(flow, d, FT_ORIG_H);
	toc_put_cstr(d, FT_PROTO, flow_proto_name(flow->proto));
	put_service(flow, d, FT_SERVICE);
	toc_put_duration(d, FT_DURATION, flow->last - flow->first);
	/* sequence numbers may be corrected downwards: a delta never is, and the sum stays the total */
	for (unsigned dir = 0; dir < 2; dir++) {
		delta[dir] = sum[dir] > flow->told[dir] ? sum[dir] - flow->told[dir] : 0;
		flow->told[dir] += delta[dir];
		toc_put_uint(d, FT_ORIG_BYTES + dir, delta[dir]);
		toc_put_uint(d, FT_ORIG_TOTAL + dir, flow->told[dir]);
		toc_put_uint(d, FT_ORIG_PKTS + dir, (uint32_t)(flow->packets[dir] - flow->told_packets[dir]));
		flow->told_packets[dir] = (uint32_t)flow->packets[dir];
	}
	enum { REXMIT = 1 };
	uint32_t resent = flow->counts[TOC_ORIG][REXMIT] + flow->counts[TOC_RESP][REXMIT];
	if (resent != flow->told_resent)
		toc_put_uint(d, FT_RESENT, resent - flow->told_resent);
	flow->told_resent = resent;
	toc_time now = final ? flow->last : at;
	put_share(f, now - (flow->told_at ? flow->told_at : flow->first), delta, d);
	flow->told_at = now;
	if (final)
		toc_put_bool(d, FT_FINAL, true);
	flow_emit(f, d);
}
